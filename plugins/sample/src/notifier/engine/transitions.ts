import type { Clock } from '@nfv-doctor/core/plugin-api';
import type { EventSource, TraitEvent } from '../traits/convert.js';
import { Recent } from './recent.js';

/** How long another voice that tells of the same state counts as an echo, ms. */
const ECHO_MS = 60_000;

interface Told {
  state: string;
  at: number;
  /** Which alarms fired for it, and whose word they took. */
  firedBy?: Map<string, EventSource>;
}

/**
 * One change of an instance may be told up to three times: by Doctor's shortcut, by Nova's unversioned and by its versioned
 * notification. An alarm fires for the first that it matches; the same state told by another voice is an echo. The same
 * voice twice is no echo: an alarm with repeat_actions fires again, as Aodh's does.
 */
export class Transitions {
  readonly #told = new Recent<Told>(200_000);

  constructor(readonly clock: Clock) {}

  /** Takes note of the event; before the alarms are evaluated. */
  note(event: TraitEvent): void {
    const state = stateOf(event);
    if (!event.instanceId || state === undefined) return;
    const told = this.#told.get(event.instanceId);
    const now = this.clock.monotonic();
    if (told?.state === state && now - told.at < ECHO_MS) return;
    this.#told.set(event.instanceId, { state, at: now });
  }

  /** Whether the alarm has fired for this change on another voice's word; else it is taken to fire now. */
  isEcho(alarmId: string, event: TraitEvent): boolean {
    const told = event.instanceId ? this.#told.get(event.instanceId) : undefined;
    if (!told || told.state !== stateOf(event)) return false;
    // most events fire nothing: made when the first does
    told.firedBy ??= new Map();
    const first = told.firedBy.get(alarmId);
    if (first === undefined) told.firedBy.set(alarmId, event.source);
    return first !== undefined && first !== event.source;
  }
}

const stateOf = (event: TraitEvent): string | undefined => {
  const state = event.values.get('state')?.[2];
  return typeof state === 'string' ? state : undefined;
};
