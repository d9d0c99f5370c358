import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { type ActionContext, expressLane, type Order } from './actions-context.js';
import { type CallOutcome, call } from './calls.js';
import { addEvidence, type FaultRecord, type InstanceAction } from './fault-record.js';
import { instanceEvent } from './instance-event.js';
import type { Lane } from './limiter.js';
import { clearPorts, setPortsDown } from './port-actions.js';
import { Publisher } from './publisher.js';
import type { MappedInstance } from './resource-map.js';

/** What is done about one fault of a host, and how it is taken back. */
export class FaultRun {
  readonly #lane: Lane;
  readonly #publisher: Publisher;
  readonly #instances = new Map<string, InstanceAction>();
  #giveUp = new AbortController();
  #deadline: number;

  /** @param order the host's; shared by all faults of the host */
  constructor(
    readonly record: FaultRecord,
    readonly ctx: ActionContext,
    readonly order: Order,
  ) {
    this.#lane = ctx.limiter.lane();
    this.#publisher = new Publisher(ctx);
    this.#deadline = this.#newDeadline();
    for (const instance of record.instances) this.#instances.set(instance.id, instance);
  }

  get hostname(): string {
    return this.record.fault.resource;
  }
  get faultId(): string {
    return this.record.fault.faultId;
  }

  /**
   * Tells the owners (shortcut), stores what is going to be done, then does it: force-down first, then every instance.
   * @param unreverted a fault of the same host whose actions were not all taken back: what was before then counts
   */
  async raise(unreverted?: FaultRecord): Promise<void> {
    const { record, ctx } = this;
    this.#plan(unreverted);
    ctx.events.checkpoint({ name: 'T02', hostname: this.hostname, faultId: this.faultId });
    const stored = ctx.store.put(record);
    // Telling changes nothing that would have to be taken back: it need not wait for the store. Told again after a crash,
    // owners see a second notification; not told, none.
    if (ctx.options.mode === 'shortcut' && !ctx.options.holdUntilChanged) this.#publish(record.instances);
    await stored;
    if (ctx.signal.aborted) return;
    const forced = this.#forceDown();
    ctx.events.emit('fault.raised', { fault: record.fault });
    await this.#headStart(forced);
    const resets = record.instances.map((instance) => this.#putIntoError(instance));
    await Promise.all([forced, ...resets]);
    if (record.phase === 'raising' && !ctx.signal.aborted) record.phase = 'raised';
    await ctx.store.put(record);
  }

  /** An instance that is seen on the host although the fault was handled already. */
  async add(mapped: MappedInstance): Promise<void> {
    const { record, ctx } = this;
    const instance = this.#addToPlan(mapped, mapped.state);
    addEvidence(record, ctx.clock, 'instance_added', 'seen on the host after the fault was handled', {
      instance: mapped.id,
    });
    if (this.#newDeadline() > this.#deadline) this.#deadline = this.#newDeadline();
    await ctx.store.put(record);
    if (this.#giveUp.signal.aborted || ctx.signal.aborted) return;
    if (ctx.options.mode === 'shortcut' && !ctx.options.holdUntilChanged) this.#publish([instance]);
    await this.#putIntoError(instance);
    await ctx.store.put(record);
  }

  /** Takes back exactly what was done. Emits `fault.cleared` when that is done. */
  async revert(): Promise<void> {
    const { record, ctx } = this;
    record.phase = 'clearing';
    record.fault.state = 'cleared';
    record.fault.clearedAt ??= new Date(ctx.clock.now()).toISOString();
    this.#giveUp.abort();
    this.#giveUp = new AbortController();
    this.#deadline = this.#newDeadline();
    await ctx.store.put(record);
    if (ctx.signal.aborted) return;
    const raisedHost = this.#unforce();
    await Promise.all([raisedHost, ...record.instances.map((instance) => this.#takeBack(instance))]);
    if (ctx.signal.aborted) return;
    record.phase = 'cleared';
    await ctx.store.put(record);
    ctx.events.emit('fault.cleared', { fault: record.fault });
  }

  /** No further attempts; what is under way ends by itself. */
  giveUp(): void {
    this.#giveUp.abort();
  }

  #plan(unreverted: FaultRecord | undefined): void {
    const { record, ctx } = this;
    const left = new Map(
      unreverted?.instances
        .filter((each) => !each.reverted && each.outcome !== 'gone')
        .map((each) => [each.id, each]),
    );
    for (const mapped of ctx.map.instancesOf(this.hostname))
      this.#addToPlan(mapped, left.get(mapped.id)?.before ?? mapped.state);
    const forced = unreverted?.host && !unreverted.host.reverted ? unreverted.host : undefined;
    record.host ??= {
      forcedBefore: forced?.forcedBefore ?? ctx.forcedDown.has(this.hostname),
      outcome: 'unknown',
      reverted: false,
    };
    const known = new Set(record.ports.map(({ id }) => id));
    for (const port of unreverted?.ports ?? [])
      if (!port.reverted && !known.has(port.id)) record.ports.push({ ...port });
  }

  #addToPlan(mapped: MappedInstance, before: string): InstanceAction {
    const present = this.#instances.get(mapped.id);
    if (present) return Object.assign(present, { outcome: 'unknown', reverted: false });
    const instance: InstanceAction = {
      id: mapped.id,
      name: mapped.name,
      projectId: mapped.projectId,
      before,
      outcome: 'unknown',
      reverted: false,
    };
    this.#instances.set(instance.id, instance);
    this.record.instances.push(instance);
    this.record.fault.affectedInstances.push(instance.id);
    return instance;
  }

  #publish(instances: readonly InstanceAction[]): void {
    const { record, ctx } = this;
    const index = instances === record.instances ? 0 : record.instances.indexOf(instances[0]!);
    const now = ctx.clock.now();
    this.#publisher.publish(
      instances.map((instance, offset) =>
        instanceEvent(this.faultId, this.hostname, instance, 'error', index + offset, now),
      ),
      (resource, error) => this.#failed('publish event', resource, error),
    );
  }

  async #forceDown(): Promise<void> {
    const { record, ctx } = this;
    await this.order.after('host', async () => {
      const outcome = await this.#call(`force down ${this.hostname}`, expressLane, (signal) =>
        ctx.controller.compute.forceDown(this.hostname, true, signal),
      );
      record.host!.outcome = settled(outcome);
      if (outcome.state === 'done')
        ctx.events.checkpoint({ name: 'T04', hostname: this.hostname, faultId: this.faultId });
      if (outcome.state === 'failed') this.#failed('force-down', this.hostname, outcome.error);
    });
  }

  /** Nova takes five to ten times as long for force-down when all resets are sent beside it. */
  async #headStart(forced: Promise<void>): Promise<void> {
    const { forceDownHeadStart } = this.ctx.options;
    if (forceDownHeadStart <= 0) return;
    const over = new AbortController();
    const pause = this.ctx.clock.sleep(forceDownHeadStart, over.signal).catch(() => {});
    await Promise.race([forced, pause]);
    over.abort();
  }

  async #putIntoError(instance: InstanceAction): Promise<void> {
    const { ctx } = this;
    const ports = ctx.options.setPorts
      ? this.order.after(`ports:${instance.id}`, () => setPortsDown(this.#portWork(instance)))
      : undefined;
    await this.order.after(instance.id, async () => {
      const outcome = await this.#call(`reset-state of ${instance.id}`, this.#lane, (signal) =>
        ctx.controller.compute.resetState(instance.id, 'error', signal),
      );
      if (outcome.state === 'failed' && outcome.error.code === 'CLOUD_NOT_FOUND') {
        instance.outcome = 'gone';
        return;
      }
      instance.outcome = settled(outcome);
      if (outcome.state === 'failed') this.#failed('reset-state', instance.id, outcome.error);
      if (outcome.state !== 'done') return;
      ctx.events.checkpoint({
        name: 'T03',
        hostname: this.hostname,
        instanceId: instance.id,
        faultId: this.faultId,
      });
      if (ctx.options.mode === 'shortcut' && ctx.options.holdUntilChanged) this.#publish([instance]);
    });
    await ports;
  }

  async #unforce(): Promise<void> {
    const { record, ctx } = this;
    await this.order.after('host', async () => {
      const { host } = record;
      if (!host || host.reverted) return;
      if (host.forcedBefore || host.outcome === 'failed') {
        host.reverted = true;
        if (host.forcedBefore)
          addEvidence(record, ctx.clock, 'left_forced_down', 'was forced down before the fault', {});
        return;
      }
      const outcome = await this.#call(`take back force-down of ${this.hostname}`, expressLane, (signal) =>
        ctx.controller.compute.forceDown(this.hostname, false, signal),
      );
      host.reverted = outcome.state === 'done';
      if (host.reverted) ctx.forcedDown.set(this.hostname, false);
      if (outcome.state === 'failed') this.#failed('take back force-down', this.hostname, outcome.error);
    });
  }

  /** Sets the instance active when it was put into error here, is still in error and still on this host. */
  async #takeBack(instance: InstanceAction): Promise<void> {
    const ports = this.order.after(`ports:${instance.id}`, () => clearPorts(this.#portWork(instance)));
    await this.order.after(instance.id, async () => {
      if (instance.reverted) return;
      if (instance.outcome === 'gone' || instance.outcome === 'failed' || instance.before === 'error') {
        instance.reverted = true;
        return;
      }
      let left: string | undefined;
      const outcome = await this.#call(`take back error of ${instance.id}`, this.#lane, async (signal) => {
        left = await this.#activate(instance, signal);
      });
      const gone = outcome.state === 'failed' && outcome.error.code === 'CLOUD_NOT_FOUND';
      instance.reverted = outcome.state === 'done' || gone;
      if (outcome.state === 'failed' && !gone) this.#failed('take back error', instance.id, outcome.error);
      if (left) addEvidence(this.record, this.ctx.clock, 'left_as_it_is', left, { instance: instance.id });
      else if (outcome.state === 'done' && this.ctx.options.mode === 'shortcut')
        this.#publishActive(instance);
    });
    await ports;
  }

  /** @returns why nothing was to be done */
  async #activate(instance: InstanceAction, signal: AbortSignal): Promise<string | undefined> {
    const { compute } = this.ctx.controller;
    const now = await compute.instance(instance.id, signal);
    if (now.status !== 'ERROR') return `is ${now.status}, not in error any more`;
    if (now.hostname !== undefined && now.hostname !== this.hostname)
      return `is on ${now.hostname ?? 'no host'} now`;
    await compute.resetState(instance.id, 'active', signal);
    return undefined;
  }

  #publishActive(instance: InstanceAction): void {
    const index = this.record.instances.indexOf(instance);
    this.#publisher.publish(
      [instanceEvent(this.faultId, this.hostname, instance, 'active', index, this.ctx.clock.now())],
      (resource, error) => this.#failed('publish event', resource, error),
    );
  }

  #portWork(instance: InstanceAction) {
    return {
      record: this.record,
      ctx: this.ctx,
      instance,
      call: (what: string, attempt: (signal: AbortSignal) => Promise<void>) =>
        this.#call(what, this.#lane, attempt),
      failed: (action: string, resource: string, error: DoctorError) => this.#failed(action, resource, error),
    };
  }

  #call(what: string, lane: Lane, attempt: (signal: AbortSignal) => Promise<void>): Promise<CallOutcome> {
    const { options, clock, random, signal } = this.ctx;
    return call(what, lane, attempt, {
      clock,
      random,
      signal,
      deadline: this.#deadline,
      timeoutMs: options.callTimeout,
      pauseMs: options.retryPause,
      maxPauseMs: options.maxRetryPause,
      giveUp: this.#giveUp.signal,
    });
  }

  #failed(action: string, resource: string, error: DoctorError): void {
    const { record, ctx } = this;
    record.fault.failures.push(`${action} of ${resource}: ${error.message}`);
    addEvidence(record, ctx.clock, 'action_failed', action, {
      resource,
      code: error.code,
      message: error.message,
    });
    ctx.events.emit('fault.action_failed', {
      faultId: this.faultId,
      action,
      resource,
      message: error.message,
    });
    ctx.log.error(
      { event: 'fault.action_failed', faultId: this.faultId, action, resource, code: error.code },
      `${action} of ${resource} failed: ${error.message}`,
    );
  }

  #newDeadline(): number {
    return this.ctx.clock.monotonic() + this.ctx.options.budget;
  }
}

const settled = (outcome: CallOutcome) =>
  outcome.state === 'done' ? 'done' : outcome.state === 'failed' ? 'failed' : 'unknown';
