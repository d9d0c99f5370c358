import type { Clock, EventBus, Notification } from '@nfv-doctor/core/plugin-api';
import type { AlarmBook } from '../alarms/alarm-book.js';
import { type CompiledAlarm, evaluate, type StoredAlarm } from '../alarms/compiled-alarm.js';
import { historyRow } from '../alarms/history.js';
import type { NotificationRow } from '../persistence/schema.js';
import type { Write } from '../persistence/write-all.js';
import { pythonTime } from '../time.js';
import { toTraitEvent, type TraitEvent } from '../traits/convert.js';
import { alarmBody, deliveryId, eventText, reasonOf, type Transition } from './alarm-body.js';
import { Recent } from './recent.js';
import { Transitions } from './transitions.js';

/** An alarm that changed its state, or fired again. */
export interface Fired {
  compiled: CompiledAlarm;
  event: TraitEvent;
  transition: Transition;
  owed: NotificationRow[];
  write: Write;
}

/** Message ids remembered: a broker sends again what it is not sure of. */
const REMEMBERED_MESSAGES = 100_000;

/** Notification → event → alarms that fire. Changes the alarms' states in memory; storing and sending are the caller's. */
export class Engine {
  readonly #seen = new Recent(REMEMBERED_MESSAGES);
  readonly #firedBefore = new Recent(REMEMBERED_MESSAGES);
  readonly #transitions: Transitions;
  #sequence = 0;

  constructor(
    readonly book: AlarmBook,
    readonly clock: Clock,
    readonly events: EventBus,
  ) {
    this.#transitions = new Transitions(clock);
  }

  /** Goes on where an earlier life ended. @param ids of the newest notifications */
  resume(lastSequence: number, ids: readonly string[]): void {
    this.#sequence = lastSequence;
    for (const id of ids.toReversed()) this.#firedBefore.set(id, true);
  }

  /** undefined for a duplicate. */
  process(notification: Notification): { event: TraitEvent; fired: Fired[] } | undefined {
    if (this.#seen.has(notification.messageId)) return undefined;
    this.#seen.set(notification.messageId, true);
    const arrivedAt = this.clock.monotonic();
    const event = toTraitEvent(notification);
    const stamp = stamper(event, this.events);
    stamp('T05', arrivedAt);
    stamp('T06');
    this.#transitions.note(event);
    const fired: Fired[] = [];
    let text: string | undefined;
    for (const compiled of this.book.index.candidates(event)) {
      const transition = this.#evaluate(compiled, event);
      if (!transition) continue;
      text ??= eventText(event);
      fired.push(this.#fire(compiled, event, transition, text));
    }
    stamp('T07');
    if (fired.some(({ transition }) => transition.current === 'alarm')) stamp('T08');
    return { event, fired };
  }

  nextSequence(): number {
    return ++this.#sequence;
  }

  #evaluate(compiled: CompiledAlarm, event: TraitEvent): Transition | undefined {
    const { alarm } = compiled;
    if (!alarm.enabled) return undefined;
    const verdict = evaluate(compiled, event);
    if (verdict === 'hit') {
      if (!alarm.repeat_actions && alarm.state === 'alarm') return undefined;
      if (this.#transitions.isEcho(alarm.alarm_id, event)) return undefined;
      if (event.instanceId) compiled.alarmed.add(event.instanceId);
      return { current: 'alarm', previous: alarm.state, reason: reasonOf(compiled, event, 'alarm') };
    }
    if (verdict === 'cleared' && alarm.state === 'alarm' && recovers(compiled, event))
      return { current: 'ok', previous: 'alarm', reason: reasonOf(compiled, event, 'ok') };
    return undefined;
  }

  #fire(compiled: CompiledAlarm, event: TraitEvent, transition: Transition, text: string): Fired {
    const { alarm } = compiled;
    const now = this.clock.now();
    const changed = alarm.state !== transition.current;
    if (changed) alarm.state_timestamp = pythonTime(now);
    alarm.state = transition.current;
    alarm.state_reason = transition.reason;
    const actions = transition.current === 'alarm' ? alarm.alarm_actions : alarm.ok_actions;
    const body = actions.length > 0 ? alarmBody(compiled, transition, text) : '';
    const owed: NotificationRow[] = [];
    for (const url of new Set(actions)) {
      const id = deliveryId(alarm.alarm_id, event.messageId, transition.current, url);
      if (!url.startsWith('http') || this.#firedBefore.has(id)) continue;
      owed.push({
        id,
        sequence: this.nextSequence(),
        alarm_id: alarm.alarm_id,
        project_id: alarm.project_id,
        url,
        body,
        status: 'pending',
        attempts: 0,
        created_at: now,
        finished_at: null,
        last_error: null,
        replay_of: null,
      });
    }
    // what only fired again is in the list of notifications; state and history tell of changes
    const write: Write = changed
      ? { kind: 'fired', owed, ...stateChange(alarm, transition, now) }
      : { kind: 'fired', owed };
    return { compiled, event, transition, owed, write };
  }
}

function stateChange(alarm: StoredAlarm, { current, reason }: Transition, now: number) {
  const { alarm_id, state, state_timestamp, state_reason } = alarm;
  return {
    state: { alarm_id, state, state_timestamp, state_reason },
    history: historyRow(alarm, 'state transition', { state: current, transition_reason: reason }, now),
  };
}

/**
 * Whether the event says that what raised the alarm is over. An update in which the state did not change (Nova publishes them
 * for a new task state, too) may be older than the alarm: it is no recovery.
 */
function recovers(compiled: CompiledAlarm, event: TraitEvent): boolean {
  if (compiled.stateConditions.length === 0) return false;
  const state = event.values.get('state')?.[2];
  if (state === undefined || state === event.values.get('old_state')?.[2]) return false;
  if (compiled.key?.trait === 'instance_id' || compiled.key?.trait === 'resource_id') return true;
  // an alarm on many resources is ok when the last of them is
  if (!event.instanceId || !compiled.alarmed.delete(event.instanceId)) return false;
  return compiled.alarmed.size === 0;
}

/** Checkpoints are for what an instance's owner waits for: its update to error. */
function stamper(event: TraitEvent, events: EventBus) {
  const { instanceId, eventType, values } = event;
  const ofInterest = eventType === 'compute.instance.update' && values.get('state')?.[2] === 'error';
  return (name: 'T05' | 'T06' | 'T07' | 'T08', at?: number) => {
    if (ofInterest && instanceId)
      events.checkpoint({ name, instanceId, ...(at === undefined ? {} : { at }) });
  };
}
