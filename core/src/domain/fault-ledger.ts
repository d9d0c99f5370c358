import { randomUUID } from 'node:crypto';
import { DoctorError } from '../errors/index.js';
import type { Clock } from './clock.js';
import type { ActiveFault, FaultEvent, FaultQuery } from './fault.js';
import { faultFilter } from './fault-query.js';
import type { HostMessage } from './maintenance.js';
import { parseUtc } from './utc.js';

/** `raised` and `cleared` are to be acted upon; the others are recorded only. */
export type LedgerVerdict = 'raised' | 'cleared' | 'duplicate' | 'stale' | 'suppressed' | 'unchanged';

/** A fault with the event that raised it. */
export interface LedgerFault extends ActiveFault {
  event: FaultEvent;
}

/** Monitor event ids that are remembered. */
const REMEMBERED = 10_000;
/** Faults that are kept after they were cleared. */
const KEPT = 1_000;

/**
 * The books of an inspector that leaves the work to a foreign system: which faults are active, which events are
 * duplicates, stale, or about a host in maintenance, each with its evidence.
 */
export class FaultLedger {
  readonly #clock: Clock;
  readonly #active = new Map<string, LedgerFault>();
  readonly #past: LedgerFault[] = [];
  readonly #lastAt = new Map<string, number>();
  readonly #seen = new Set<string>();
  readonly #maintenance = new Map<string, HostMessage>();
  readonly #undo = new WeakMap<FaultEvent, () => void>();
  readonly #faultOf = new WeakMap<FaultEvent, LedgerFault>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws DoctorError INPUT_INVALID when the event's time is no time */
  accept(event: FaultEvent): LedgerVerdict {
    const at = parseUtc(event.time);
    if (at === undefined)
      throw new DoctorError(
        'INPUT_INVALID',
        `time: must be an ISO 8601 date and time, found ${JSON.stringify(event.time)}`,
        {
          details: { field: 'time' },
        },
      );
    const key = resourceKey(event);
    const fault = this.#active.get(key);
    if (this.#isDuplicate(event))
      return this.#note(fault, event, 'duplicate', 'monitor_event_id seen before');
    if (at < (this.#lastAt.get(key) ?? Number.NEGATIVE_INFINITY))
      return this.#note(fault, event, 'stale', 'older than the last event of this host');
    this.#remember(key, event);
    this.#lastAt.set(key, at);
    if (event.details.status === 'up') return this.#clear(key, fault, event);
    if (fault) return this.#note(fault, event, 'unchanged', 'this fault is active already');
    return this.#raise(key, event, at);
  }

  /** The fault that an accepted event raised, cleared or was about. */
  faultOf(event: FaultEvent): LedgerFault | undefined {
    return this.#faultOf.get(event);
  }

  /** As if the event had not come: what it asked for could not be done, and it may come again. */
  retract(event: FaultEvent): void {
    this.#undo.get(event)?.();
    this.#undo.delete(event);
  }

  /**
   * Books a host's way into or out of maintenance.
   * @returns the faults that were suppressed meanwhile, are still there and have to be acted upon now
   */
  maintenance(message: HostMessage): LedgerFault[] {
    this.#maintenance.set(message.host, message);
    if (message.state === 'IN_MAINTENANCE') return [];
    const waiting = this.active().filter(
      (fault) => fault.resource === message.host && fault.state === 'suppressed',
    );
    for (const fault of waiting) {
      fault.state = 'active';
      this.#note(fault, fault.event, 'raised', 'still down when its maintenance was complete');
    }
    return waiting;
  }

  /** Faults that are not cleared, suppressed ones too. */
  active(): LedgerFault[] {
    return [...this.#active.values()];
  }

  /** @throws DoctorError INPUT_INVALID that names the field */
  faults(query: FaultQuery = {}): ActiveFault[] {
    return [...this.#past, ...this.#active.values()].filter(faultFilter(query));
  }

  /** How things were, for `retract`. */
  #remember(key: string, event: FaultEvent): void {
    const fault = this.#active.get(key);
    const state = fault?.state;
    const lastAt = this.#lastAt.get(key);
    this.#undo.set(event, () => {
      this.#seen.delete(eventId(event));
      if (lastAt === undefined) this.#lastAt.delete(key);
      else this.#lastAt.set(key, lastAt);
      if (!fault || !state) return void this.#active.delete(key);
      fault.state = state;
      delete fault.clearedAt;
      this.#active.set(key, fault);
      const index = this.#past.indexOf(fault);
      if (index >= 0) this.#past.splice(index, 1);
    });
  }

  #isDuplicate(event: FaultEvent): boolean {
    const id = eventId(event);
    if (this.#seen.has(id)) return true;
    this.#seen.add(id);
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.values().next().value as string);
    return false;
  }

  #raise(key: string, event: FaultEvent, at: number): LedgerVerdict {
    const suppressed = this.#maintenance.get(event.details.hostname)?.state === 'IN_MAINTENANCE';
    const fault: LedgerFault = {
      faultId: randomUUID(),
      resource: event.details.hostname,
      resourceType: 'host',
      type: event.type,
      severity: event.details.severity ?? 'critical',
      raisedAt: new Date(at).toISOString(),
      state: suppressed ? 'suppressed' : 'active',
      ...(event.details.cause === undefined ? {} : { cause: event.details.cause }),
      affectedInstances: [],
      failures: [],
      evidence: [],
      event,
    };
    this.#active.set(key, fault);
    return suppressed
      ? this.#note(fault, event, 'suppressed', 'the host is in maintenance')
      : this.#note(fault, event, 'raised', `reported by ${event.details.monitor}`);
  }

  #clear(key: string, fault: LedgerFault | undefined, event: FaultEvent): LedgerVerdict {
    if (!fault) return 'unchanged';
    const wasSuppressed = fault.state === 'suppressed';
    fault.state = 'cleared';
    fault.clearedAt = new Date(this.#clock.now()).toISOString();
    this.#active.delete(key);
    this.#past.push(fault);
    if (this.#past.length > KEPT) this.#past.shift();
    this.#note(fault, event, 'cleared', `reported by ${event.details.monitor}`);
    return wasSuppressed ? 'suppressed' : 'cleared';
  }

  #note(
    fault: LedgerFault | undefined,
    event: FaultEvent,
    verdict: LedgerVerdict,
    rule: string,
  ): LedgerVerdict {
    if (fault) this.#faultOf.set(event, fault);
    fault?.evidence.push({
      at: this.#clock.monotonic(),
      time: new Date(this.#clock.now()).toISOString(),
      verdict,
      rule,
      seen: { time: event.time, type: event.type, ...event.details },
    });
    return verdict;
  }
}

const eventId = ({ details }: FaultEvent) =>
  `${details.monitor}\n${details.monitor_event_id}\n${details.hostname}\n${details.status}`;

/** `compute.host.up` and `compute.host.down` are about the same thing. */
const resourceKey = ({ type, details }: FaultEvent) =>
  `${details.hostname}\n${type.replace(/\.(up|down)$/, '')}`;
