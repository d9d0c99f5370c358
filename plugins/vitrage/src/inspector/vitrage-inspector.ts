import {
  type ActiveFault,
  type Before,
  DelegatedInspector,
  type DelegationServices,
  DoctorError,
  type FaultEvent,
  type FaultQuery,
  type LedgerFault,
  type RunInfo,
  until,
} from '@nfv-doctor/core/plugin-api';
import type { VitrageAlarm, VitrageClient, VitrageTemplate } from '../client.js';
import { loadTemplate } from '../template.js';
import type { VitrageConfig } from './config.js';

/** Vitrage takes a few hundred milliseconds. */
const LATE_MS = 1_000;

export interface VitrageServices extends DelegationServices {
  run: RunInfo;
}

/** Leaves the inspection to Vitrage: events go to its `doctor` data source, its template does the rest and takes it back. */
export class VitrageInspector extends DelegatedInspector {
  readonly #config: VitrageConfig;
  readonly #client: VitrageClient;
  readonly #services: VitrageServices;
  #uploaded: string | undefined;

  constructor(config: VitrageConfig, client: VitrageClient, services: VitrageServices) {
    super(services, { settleTimeoutMs: config.settle_timeout, lookTimeoutMs: config.look_timeout });
    this.#config = config;
    this.#client = client;
    this.#services = services;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { template, upload_template } = this.#config;
    const named = (await this.#client.templates(signal)).filter(({ name }) => name === template);
    const found = named.find(({ status }) => status === 'ACTIVE') ?? named[0];
    if (found?.status === 'ACTIVE') return;
    if (found)
      throw new DoctorError(
        'BACKEND_ERROR',
        `Vitrage's template ${template} is ${found.status} (${found['status details'] ?? 'no reason given'}), it must be ACTIVE`,
      );
    if (!upload_template)
      throw new DoctorError(
        'BACKEND_ERROR',
        `Vitrage has no template ${template}: add it (vitrage template add), or set inspector.upload_template`,
      );
    await this.#upload(signal);
  }

  /** Deletes the template if `start` added it. Alarms of hosts that are still down stay. */
  async stop(signal: AbortSignal): Promise<void> {
    await this.endWatches();
    const uploaded = this.#uploaded;
    if (uploaded === undefined) return;
    try {
      await this.#client.deleteTemplate(uploaded, signal);
    } catch (error) {
      const left = await this.#client.templates(signal).catch(() => undefined);
      if (!left || left.some(({ uuid }) => uuid === uploaded))
        throw new DoctorError(
          'BACKEND_ERROR',
          `Vitrage still has the template ${this.#config.template} (${uploaded}): ${(error as Error).message}`,
          { cause: error },
        );
    }
    this.#uploaded = undefined;
  }

  /** Waits until Vitrage shows an alarm for every active fault, and none for a cleared one. */
  override async settled(signal?: AbortSignal): Promise<void> {
    await super.settled(signal);
    if (this.ledger.faults({ includeCleared: true }).length === 0) return;
    await until(() => this.#agrees(signal), {
      clock: this.#services.clock,
      what: "Vitrage's alarms to agree with what was reported",
      timeoutMs: this.#config.settle_timeout,
      intervalMs: 100,
      signal,
    });
  }

  /** With the instances that Vitrage deduced as affected. */
  override async faults(query: FaultQuery = {}): Promise<ActiveFault[]> {
    const faults = this.ledger.faults(query);
    const active = faults.filter(({ state }) => state === 'active');
    if (active.length > 0) await this.#readBack(active);
    return faults;
  }

  protected raise(fault: LedgerFault, signal?: AbortSignal): Promise<void> {
    return this.#client.postEvent(fault.event, signal);
  }

  protected clear(_fault: LedgerFault, event: FaultEvent, signal?: AbortSignal): Promise<void> {
    return this.#client.postEvent(event, signal);
  }

  /** Vitrage answers before the event is on its message bus, and what a broken connection loses there is gone. */
  protected override async hurry(fault: LedgerFault, signal: AbortSignal): Promise<void> {
    if (!(await this.#alarmedHosts(signal)).has(fault.resource)) await this.#again(fault.event, signal);
  }

  /** Vitrage takes back what its template did; it only has to hear of it. */
  protected override async revert(
    fault: LedgerFault,
    _before: Before | undefined,
    event: FaultEvent,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log } = this.#services;
    const began = clock.monotonic();
    let lateAt = LATE_MS;
    const isOver = async () => {
      const isActive = this.ledger.faults().some(({ resource }) => resource === fault.resource);
      if (isActive || !(await this.#alarmedHosts(signal)).has(fault.resource)) return true;
      if (clock.monotonic() - began < lateAt) return false;
      lateAt *= 2;
      await this.#again(event, signal);
      return false;
    };
    // a look that fails says nothing: Vitrage has taken the event, and may be back in a moment
    const failed = (error: unknown) => {
      signal.throwIfAborted();
      log.warn(
        { event: 'vitrage.look_failed', hostname: fault.resource, err: error },
        'no alarms to look at',
      );
      return false;
    };
    await until(() => isOver().catch(failed), {
      clock,
      what: `Vitrage to clear the alarm of ${fault.resource}`,
      timeoutMs: this.#config.settle_timeout,
      intervalMs: 500,
      signal,
    });
  }

  async #again(event: FaultEvent, signal?: AbortSignal): Promise<void> {
    this.#services.log.warn(
      { event: 'vitrage.event_repeated', hostname: event.details.hostname, status: event.details.status },
      'Vitrage shows nothing of an event: it is sent again',
    );
    await this.#client.postEvent(event, signal);
  }

  async #alarmedHosts(signal?: AbortSignal): Promise<Set<string | undefined>> {
    const alarms = await this.#client.alarms(signal);
    return new Set(alarms.filter(isHostAlarm).map(({ hostname }) => hostname));
  }

  async #agrees(signal?: AbortSignal): Promise<boolean> {
    const alarmed = await this.#alarmedHosts(signal);
    const active = new Set(this.ledger.faults().map(({ resource }) => resource));
    const cleared = this.ledger
      .faults({ includeCleared: true })
      .flatMap(({ state, resource }) => (state === 'cleared' && !active.has(resource) ? [resource] : []));
    return [...active].every((host) => alarmed.has(host)) && !cleared.some((host) => alarmed.has(host));
  }

  async #upload(signal: AbortSignal): Promise<void> {
    const { template, template_file, settle_timeout } = this.#config;
    const content = await loadTemplate(template_file, this.#services.run.configFolder);
    const [added] = await this.#client.addTemplate(content, signal);
    if (!added)
      throw new DoctorError('BACKEND_PROTOCOL', `Vitrage took the template ${template} and told no id`);
    // what Vitrage does not even store has no id
    if (added.uuid === '' || added.uuid === null) throw this.#refused(added);
    this.#uploaded = added.uuid;
    const isActive = async () => {
      const now = (await this.#client.templates(signal)).find(({ uuid }) => uuid === added.uuid);
      if (now?.status === 'ERROR') throw this.#refused(now);
      return now?.status === 'ACTIVE';
    };
    await until(isActive, {
      clock: this.#services.clock,
      what: `Vitrage's template ${template} to be ACTIVE`,
      timeoutMs: settle_timeout,
      signal,
    });
  }

  #refused(template: VitrageTemplate): DoctorError {
    return new DoctorError(
      'BACKEND_ERROR',
      `Vitrage refused the template ${this.#config.template}: ${template['status details'] ?? 'no reason given'}`,
    );
  }

  /** An alarm names its instance by the graph's id; the topology knows Nova's. */
  async #readBack(faults: readonly ActiveFault[]): Promise<void> {
    const [alarms, nodes] = await Promise.all([this.#client.alarms(), this.#client.topology()]);
    const down = new Set(
      alarms.filter(isInstanceAlarm).map(({ vitrage_resource_id }) => vitrage_resource_id),
    );
    for (const fault of faults)
      fault.affectedInstances = nodes.flatMap((node) =>
        node.vitrage_type === 'nova.instance' &&
        node.host_id === fault.resource &&
        node.id !== undefined &&
        down.has(node.vitrage_id)
          ? [node.id]
          : [],
      );
  }
}

const isHostAlarm = (alarm: VitrageAlarm) => alarm.vitrage_type === 'doctor' && alarm.hostname !== undefined;
const isInstanceAlarm = (alarm: VitrageAlarm) => alarm.vitrage_resource_type === 'nova.instance';
