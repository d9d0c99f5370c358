import type { EventBus } from '../bus/index.js';
import type { Clock } from '../domain/clock.js';
import { type ActiveFault, type FaultEvent, FaultEventSchema, type FaultQuery } from '../domain/fault.js';
import { FaultLedger, type LedgerFault, type LedgerVerdict } from '../domain/fault-ledger.js';
import type { HostMessage } from '../domain/maintenance.js';
import { checkShape } from '../domain/shape.js';
import { parseUtc } from '../domain/utc.js';
import { DoctorError } from '../errors/index.js';
import type { Logger } from '../log/index.js';
import type { Controller } from '../roles/controller/index.js';
import type { Inspector, ReportResult } from '../roles/inspector.js';
import type { Health } from '../roles/role.js';
import { type Before, lookBefore, watchEffect } from './effect-watch.js';

export interface DelegationServices {
  clock: Clock;
  events: EventBus;
  log: Logger;
  /** To see what the foreign system did (T02 to T04, failures); absent: it is believed. */
  controller: Controller | undefined;
}

export interface DelegationOptions {
  /** How long the foreign system may take to act, ms. */
  settleTimeoutMs: number;
  /** How long a look at the cloud may hold up a fault, ms. */
  lookTimeoutMs: number;
}

/**
 * An inspector whose work a foreign system does: keeps the books, hands over what is new, and watches the cloud for
 * what comes of it. A hand-over that fails leaves no trace, so that the monitor may repeat its report.
 */
export abstract class DelegatedInspector implements Inspector {
  protected readonly ledger: FaultLedger;
  readonly #services: DelegationServices;
  readonly #options: DelegationOptions;
  readonly #pending = new Set<Promise<void>>();
  readonly #watches = new Map<string, AbortController>();
  readonly #before = new Map<string, Before>();
  #lastFailure = '';

  constructor(services: DelegationServices, options: DelegationOptions) {
    this.#services = services;
    this.#options = options;
    this.ledger = new FaultLedger(services.clock);
  }

  abstract start(signal: AbortSignal): Promise<void>;
  abstract stop(signal: AbortSignal): Promise<void>;

  /** Hands a new fault over. */
  protected abstract raise(fault: LedgerFault, signal?: AbortSignal): Promise<void>;
  /** Tells that a fault is over. */
  protected abstract clear(fault: LedgerFault, event: FaultEvent, signal?: AbortSignal): Promise<void>;
  /** An event that changes nothing in the books. @returns whether something was done about it */
  protected async unchanged(_event: FaultEvent, _signal?: AbortSignal): Promise<boolean> {
    return false;
  }
  /** After a fault was cleared by an event: takes back what the foreign system leaves behind. */
  protected async revert(
    _fault: LedgerFault,
    _before: Before | undefined,
    _event: FaultEvent,
    _signal: AbortSignal,
  ): Promise<void> {}
  /** Nothing is to be seen of the fault's effect after 1, 2, 4 … seconds. */
  protected async hurry(_fault: LedgerFault, _signal: AbortSignal): Promise<void> {}

  health(): Health {
    return this.#lastFailure === ''
      ? { status: 'up', detail: '' }
      : { status: 'degraded', detail: this.#lastFailure };
  }

  async report(events: readonly FaultEvent[], signal?: AbortSignal): Promise<ReportResult> {
    checkEvents(events);
    const result: ReportResult = { accepted: 0, ignored: 0 };
    for (const event of events) {
      this.#services.events.emit('fault.received', { event });
      if (await this.#take(event, signal)) result.accepted++;
      else result.ignored++;
    }
    return result;
  }

  async settled(signal?: AbortSignal): Promise<void> {
    while (this.#pending.size > 0) {
      signal?.throwIfAborted();
      await abortable(Promise.allSettled(this.#pending), signal);
    }
  }

  async faults(query: FaultQuery = {}): Promise<ActiveFault[]> {
    return this.ledger.faults(query);
  }

  async hostMaintenance(message: HostMessage): Promise<void> {
    for (const fault of this.ledger.maintenance(message)) {
      await this.#handOver(() => this.#raise(fault));
      this.#services.events.emit('fault.raised', { fault });
    }
  }

  /** Ends the watches; resolves when none runs. */
  protected async endWatches(): Promise<void> {
    for (const watch of this.#watches.values())
      watch.abort(new DoctorError('ABORTED', 'the inspector stops'));
    await Promise.allSettled(this.#pending);
  }

  async #take(event: FaultEvent, signal?: AbortSignal): Promise<boolean> {
    const { events } = this.#services;
    const { hostname } = event.details;
    const verdict = this.ledger.accept(event);
    const fault = this.ledger.faultOf(event);
    try {
      if (verdict === 'raised' && fault) {
        await this.#handOver(() => this.#raise(fault, signal));
        events.emit('fault.raised', { fault });
        return true;
      }
      if (verdict === 'cleared' && fault) {
        await this.#handOver(() => this.#clear(fault, event, signal));
        events.emit('fault.cleared', { fault });
        return true;
      }
      const done = verdict === 'unchanged' && (await this.#handOver(() => this.unchanged(event, signal)));
      if (!done) events.emit('fault.suppressed', { hostname, reason: reasonOf(verdict), event });
      return done;
    } catch (error) {
      this.ledger.retract(event);
      throw error;
    }
  }

  async #handOver<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#lastFailure = '';
      return result;
    } catch (error) {
      this.#lastFailure = (error as Error).message;
      throw error;
    }
  }

  async #raise(fault: LedgerFault, signal?: AbortSignal): Promise<void> {
    const { controller, events } = this.#services;
    const hostname = fault.resource;
    const before = controller
      ? await lookBefore({ ...this.#services, controller }, hostname, this.#options.lookTimeoutMs)
      : undefined;
    if (before) {
      this.#before.set(fault.faultId, before);
      fault.affectedInstances = before.healthy;
      events.checkpoint({ name: 'T02', hostname, faultId: fault.faultId });
    }
    await this.raise(fault, signal);
    if (controller && fault.type === 'compute.host.down')
      this.#background(fault, (stop) => this.#watch(fault, controller, before, stop));
  }

  async #watch(
    fault: LedgerFault,
    controller: Controller,
    before: Before | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const failures = await watchEffect({ ...this.#services, controller }, fault, before?.healthy ?? [], {
      timeoutMs: this.#options.settleTimeoutMs,
      signal,
      late: (stop) => this.hurry(fault, stop),
    });
    for (const message of failures) this.failed(fault, message);
  }

  async #clear(fault: LedgerFault, event: FaultEvent, signal?: AbortSignal): Promise<void> {
    await this.clear(fault, event, signal);
    this.#watches.get(fault.faultId)?.abort(new DoctorError('ABORTED', 'the fault is cleared'));
    const before = this.#before.get(fault.faultId);
    this.#before.delete(fault.faultId);
    this.#background(fault, (stop) => this.revert(fault, before, event, stop));
  }

  /** Records an action that failed for good. */
  protected failed(fault: ActiveFault, message: string): void {
    const [action = '', rest = ''] = message.split(/ of (.*)/s);
    fault.failures.push(message);
    this.#lastFailure = message;
    this.#services.events.emit('fault.action_failed', {
      faultId: fault.faultId,
      action,
      resource: rest.split(':')[0] ?? '',
      message,
    });
  }

  #background(fault: LedgerFault, work: (signal: AbortSignal) => Promise<void>): void {
    const stop = new AbortController();
    this.#watches.set(fault.faultId, stop);
    const running = work(stop.signal)
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        this.failed(fault, `handling of ${fault.resource}: ${(error as Error).message}`);
      })
      .finally(() => {
        this.#pending.delete(running);
        if (this.#watches.get(fault.faultId) === stop) this.#watches.delete(fault.faultId);
      });
    this.#pending.add(running);
  }
}

const reasonOf = (verdict: LedgerVerdict) => (verdict === 'suppressed' ? 'maintenance' : verdict);

/** All of them, before anything is done with one. */
function checkEvents(events: unknown): asserts events is readonly FaultEvent[] {
  if (!Array.isArray(events))
    throw new DoctorError('INPUT_INVALID', `events: must be a list, found ${JSON.stringify(events)}`);
  for (const [index, event] of events.entries()) {
    const what = events.length === 1 ? 'event' : `events[${index}]`;
    const { time, type, details } = checkShape(FaultEventSchema, event, what);
    if (parseUtc(time) === undefined)
      throw new DoctorError(
        'INPUT_INVALID',
        `${what}.time: must be an ISO 8601 date and time, found ${JSON.stringify(time)}`,
        { details: { field: `${what}.time` } },
      );
    if (/\.(up|down)$/.test(type) && !type.endsWith(`.${details.status}`))
      throw new DoctorError(
        'INPUT_INVALID',
        `${what}.details.status: contradicts type ${type}, found ${JSON.stringify(details.status)}`,
        { details: { field: `${what}.details.status` } },
      );
  }
}

async function abortable(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return void (await work);
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  await Promise.race([work, stopped]);
}
