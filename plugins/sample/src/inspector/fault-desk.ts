import { type ActiveFault, DoctorError, type FaultQuery, faultFilter } from '@nfv-doctor/core/plugin-api';
import type { ActionContext } from './actions-context.js';
import { Brake, type BrakeOptions } from './brake.js';
import type { CheckedEvent } from './events.js';
import { addEvidence, type FaultRecord, type HoldReason, newRecord, seen } from './fault-record.js';
import { FaultRun } from './fault-run.js';
import type { HostMaintenance } from './fault-store.js';
import { type FaultKind, HostWatch, kindOf } from './host-watch.js';
import { MaintenanceHosts } from './maintenance.js';
import type { MappedInstance } from './resource-map.js';
import { SeenEvents } from './seen-events.js';

export interface DeskOptions extends BrakeOptions {
  /** Distinct monitors that must say down. */
  confirmBy: number;
  /** What a storm of downs gets. */
  onStorm: 'hold' | 'act';
}

type Taken = 'accepted' | 'ignored';

/**
 * Decides what an event means: nothing (duplicate, stale, repeated), a fault that is held (maintenance, storm, unconfirmed),
 * or one that is acted upon or taken back. Deciding is synchronous, so that events of one host are never interleaved.
 */
export class FaultDesk {
  readonly #watches = new Map<string, HostWatch>();
  readonly #seen = new SeenEvents();
  readonly #brake: Brake;
  readonly #maintenance = new MaintenanceHosts();
  readonly #work = new Set<Promise<void>>();

  constructor(
    readonly options: DeskOptions,
    readonly ctx: ActionContext,
  ) {
    this.#brake = new Brake(options.onStorm === 'act' ? { ...options, maxHostsDown: 0 } : options, ctx.clock);
  }

  /** Takes up what an earlier process left, from the store. */
  async restore(): Promise<void> {
    const { store } = this.ctx;
    this.#maintenance.load(await store.maintenance());
    for (const { hostname, type, at } of await store.lastEvents())
      this.#watch(hostname, kindOf(type)).restoreLast(at);
    for (const record of await store.unfinished()) this.#restoreFault(record);
  }

  /** Resolves when the events' faults are stored. */
  async take(events: readonly CheckedEvent[]): Promise<{ accepted: number; ignored: number }> {
    const result = { accepted: 0, ignored: 0 };
    const stored: Promise<void>[] = [];
    for (const event of events) {
      this.ctx.events.emit('fault.received', { event: event.event });
      const watch = this.#watch(event.hostname, kindOf(event.type));
      const taken = this.#takeOne(watch, event);
      result[taken]++;
      const record = watch.record ?? watch.last;
      if (taken === 'accepted' && record) stored.push(this.ctx.store.put(record));
    }
    await Promise.all(stored);
    return result;
  }

  /** @returns whether the message was news */
  async maintenance(next: HostMaintenance): Promise<boolean> {
    if (!this.#maintenance.apply(next)) return false;
    await this.ctx.store.putMaintenance(next);
    const { host, state, session_id } = next.message;
    this.ctx.log.info(
      { event: 'inspector.maintenance', hostname: host, state, sessionId: session_id },
      `${host}: ${state}`,
    );
    if (state === 'MAINTENANCE_COMPLETE')
      for (const kind of ['host', 'nic'] as const) {
        const watch = this.#watches.get(keyOf(host, kind));
        if (watch?.record) this.#catchUp(watch);
      }
    return true;
  }

  /** Acts upon a fault that is held. Throws DoctorError NOT_FOUND, CONFLICT. */
  async confirm(faultId: string): Promise<ActiveFault> {
    for (const watch of this.#watches.values()) {
      const { record } = watch;
      if (record?.fault.faultId !== faultId) continue;
      if (record.phase !== 'held')
        throw new DoctorError(
          'CONFLICT',
          `fault ${faultId} is not held but ${record.fault.state}; nothing to confirm`,
        );
      addEvidence(record, this.ctx.clock, 'confirmed', 'an operator confirmed it', { held: record.hold });
      this.#raise(watch, record);
      await this.ctx.store.put(record);
      return record.fault;
    }
    const known = await this.fault(faultId);
    throw new DoctorError('CONFLICT', `fault ${faultId} is ${known.state}; nothing to confirm`);
  }

  /** Throws DoctorError NOT_FOUND. */
  async fault(faultId: string): Promise<ActiveFault> {
    for (const { record } of this.#watches.values())
      if (record?.fault.faultId === faultId) return record.fault;
    const [cleared] = await this.ctx.store.cleared({ faultId }, 1);
    if (cleared) return cleared.fault;
    throw new DoctorError('NOT_FOUND', `there is no fault ${faultId}`, { details: { field: 'id' } });
  }

  /** Oldest first. */
  async faults(query: FaultQuery = {}): Promise<ActiveFault[]> {
    const matches = faultFilter(query);
    const found = new Map<string, ActiveFault>();
    if (query.includeCleared)
      for (const { fault } of (await this.ctx.store.cleared()).toReversed()) found.set(fault.faultId, fault);
    for (const { record, last } of this.#watches.values())
      for (const each of [last, record]) if (each) found.set(each.fault.faultId, each.fault);
    return [...found.values()]
      .filter(matches)
      .toSorted((a, b) => Date.parse(a.raisedAt) - Date.parse(b.raisedAt));
  }

  /** An instance is newly seen on a host. */
  arrived(instance: MappedInstance): void {
    const watch = this.#watches.get(keyOf(instance.hostname, 'host'));
    if (!watch?.run || !watch.down || this.#maintenance.session(watch.hostname) !== undefined) return;
    this.#track(watch.run.add(instance));
  }

  /** Resolves when all that was accepted is handled. */
  async settled(signal?: AbortSignal): Promise<void> {
    while (this.#work.size > 0) {
      signal?.throwIfAborted();
      const all = Promise.all(this.#work);
      await (signal ? Promise.race([all, aborted(signal)]) : all);
    }
    await this.ctx.store.flush();
  }

  #takeOne(watch: HostWatch, event: CheckedEvent): Taken {
    const { confirmBy } = this.options;
    if (this.#seen.check(event.monitor, event.event.details.monitor_event_id))
      return this.#ignore(watch, event, 'duplicate', 'the same monitor_event_id was handled before');
    if (watch.isStale(event, confirmBy > 1))
      return this.#ignore(watch, event, 'stale', 'a later event of this host was handled before');
    watch.heed(event, confirmBy > 1);
    return event.status === 'down' ? this.#down(watch, event) : this.#up(watch, event);
  }

  #down(watch: HostWatch, event: CheckedEvent): Taken {
    const { record } = watch;
    const wasDown = watch.down;
    watch.down = true;
    if (!record) {
      const fresh = newRecord(event, this.ctx.clock);
      watch.record = fresh;
      return this.#consider(watch, fresh, event);
    }
    const newVoice = !record.monitors.includes(event.monitor);
    if (newVoice) record.monitors.push(event.monitor);
    record.lastEventAt = event.at;
    if (newVoice && record.hold === 'unconfirmed') {
      addEvidence(record, this.ctx.clock, 'seen_again', `down from ${event.monitor}`, seen(event));
      return this.#consider(watch, record, event);
    }
    return this.#ignore(
      watch,
      event,
      'repeated',
      wasDown ? 'the host is down already' : 'it was not taken back yet',
    );
  }

  #up(watch: HostWatch, event: CheckedEvent): Taken {
    const { record } = watch;
    if (!record) return this.#ignore(watch, event, 'not_down', 'no fault of this host is active');
    const { confirmBy } = this.options;
    record.monitors = confirmBy > 1 ? record.monitors.filter((monitor) => monitor !== event.monitor) : [];
    record.lastEventAt = event.at;
    const othersSayDown = record.monitors.length;
    if (othersSayDown >= confirmBy || (othersSayDown > 0 && record.hold === 'unconfirmed'))
      return this.#ignore(watch, event, 'still_down', `${record.monitors.join(', ')} still say down`);
    watch.down = false;
    const session = this.#maintenance.session(watch.hostname);
    if (session !== undefined && record.phase !== 'held')
      return this.#ignore(watch, event, 'suppressed', `the host is in maintenance (session ${session})`);
    addEvidence(record, this.ctx.clock, 'cleared', `${event.type} from ${event.monitor}`, seen(event));
    this.#clear(watch, record);
    return session === undefined ? 'accepted' : 'ignored';
  }

  /** Raises the fault or holds it. */
  #consider(watch: HostWatch, record: FaultRecord, event?: CheckedEvent): Taken {
    const gate = this.#gate(watch, record);
    if (!gate) {
      this.#raise(watch, record);
      return 'accepted';
    }
    const [reason, rule] = gate;
    if (record.hold !== reason) {
      record.hold = reason;
      record.phase = 'held';
      record.fault.state = 'suppressed';
      addEvidence(record, this.ctx.clock, 'suppressed', rule, event ? seen(event) : {});
      this.ctx.log.warn(
        { event: 'fault.suppressed', faultId: record.fault.faultId, hostname: watch.hostname, reason },
        `${watch.hostname}: not acted upon, ${rule}`,
      );
      if (event)
        this.ctx.events.emit('fault.suppressed', { hostname: watch.hostname, reason, event: event.event });
    }
    this.#track(this.ctx.store.put(record));
    return reason === 'maintenance' ? 'ignored' : 'accepted';
  }

  /** Why a fault is not acted upon now, in the order in which the questions are asked. */
  #gate({ hostname, kind }: HostWatch, record: FaultRecord): [HoldReason, string] | undefined {
    const { confirmBy } = this.options;
    if (record.monitors.length < confirmBy)
      return ['unconfirmed', `${record.monitors.length} of ${confirmBy} monitors say down`];
    const session = this.#maintenance.session(hostname);
    if (session !== undefined) return ['maintenance', `the host is in maintenance (session ${session})`];
    if (kind === 'host' && !this.#brake.down(hostname))
      return ['storm', `${this.#brake.describe()}: the observer is the first suspect`];
    return undefined;
  }

  #raise(watch: HostWatch, record: FaultRecord): void {
    delete record.hold;
    record.fault.state = 'active';
    if (watch.kind === 'nic') {
      // the host itself runs on: told, and nothing done
      record.phase = 'raised';
      this.ctx.events.emit('fault.raised', { fault: record.fault });
      this.#track(this.ctx.store.put(record));
      return;
    }
    record.phase = 'raising';
    watch.lastRun?.giveUp();
    watch.run = new FaultRun(record, this.ctx, watch.order);
    this.#track(watch.run.raise(watch.last));
  }

  #clear(watch: HostWatch, record: FaultRecord): void {
    const { run } = watch;
    watch.last = record;
    watch.lastRun = run;
    watch.record = undefined;
    watch.run = undefined;
    if (run) this.#track(run.revert());
    else {
      const wasHeld = record.phase === 'held';
      record.phase = 'cleared';
      record.fault.state = 'cleared';
      record.fault.clearedAt = new Date(this.ctx.clock.now()).toISOString();
      this.#track(this.ctx.store.put(record));
      if (!wasHeld) this.ctx.events.emit('fault.cleared', { fault: record.fault });
    }
    if (watch.kind === 'host' && this.#brake.up(watch.hostname)) this.#releaseStorm();
  }

  #releaseStorm(): void {
    for (const watch of this.#watches.values())
      if (watch.record?.hold === 'storm') {
        addEvidence(
          watch.record,
          this.ctx.clock,
          'released',
          'the storm is over and the host is still down',
          {},
        );
        this.#consider(watch, watch.record);
      }
  }

  /** Maintenance is over: does what its events asked for meanwhile. */
  #catchUp(watch: HostWatch): void {
    const record = watch.record!;
    if (!watch.down) {
      addEvidence(record, this.ctx.clock, 'cleared', 'came back during maintenance', {});
      this.#clear(watch, record);
    } else if (record.hold === 'maintenance') {
      addEvidence(record, this.ctx.clock, 'released', 'maintenance is over and the host is still down', {});
      this.#consider(watch, record);
    }
  }

  #ignore(watch: HostWatch, event: CheckedEvent, verdict: string, rule: string): Taken {
    const record = watch.record ?? watch.last;
    if (record) {
      addEvidence(record, this.ctx.clock, verdict, rule, seen(event));
      this.ctx.store.putSoon(record);
    }
    this.ctx.events.emit('fault.suppressed', {
      hostname: watch.hostname,
      reason: verdict,
      event: event.event,
    });
    return 'ignored';
  }

  #restoreFault(record: FaultRecord): void {
    const watch = this.#watch(record.fault.resource, kindOf(record.fault.type));
    const run =
      watch.kind === 'host' && record.phase !== 'held'
        ? new FaultRun(record, this.ctx, watch.order)
        : undefined;
    if (record.phase === 'clearing') {
      watch.last = record;
      watch.lastRun = run;
      if (run) this.#track(run.revert());
      return;
    }
    // one that came after a fault that is still being cleared inherits from it in `raise`
    watch.record = record;
    watch.run = run;
    watch.down = true;
    if (watch.kind === 'host' && record.hold !== 'maintenance' && record.hold !== 'unconfirmed')
      this.#brake.down(watch.hostname);
    if (record.phase === 'raising' && run) this.#track(run.raise(watch.last));
    if (record.phase === 'raised' && run)
      for (const instance of this.ctx.map.instancesOf(watch.hostname))
        if (!record.fault.affectedInstances.includes(instance.id)) this.arrived(instance);
  }

  #watch(hostname: string, kind: FaultKind): HostWatch {
    const key = keyOf(hostname, kind);
    let watch = this.#watches.get(key);
    if (!watch) {
      watch = new HostWatch(hostname, kind);
      this.#watches.set(key, watch);
    }
    return watch;
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        if (!this.ctx.signal.aborted)
          this.ctx.log.error({ event: 'inspector.defect', err: error }, 'handling a fault failed');
      })
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }
}

const keyOf = (hostname: string, kind: FaultKind) => `${kind}:${hostname}`;

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
