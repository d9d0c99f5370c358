import {
  type ActiveFault,
  type Clock,
  type CloudSession,
  DoctorError,
  type EventBus,
  type FaultEvent,
  FaultLedger,
  type FaultQuery,
  type Health,
  type HostMessage,
  type Inspector,
  type LedgerFault,
  type ReportResult,
  type RoleContext,
  type RunInfo,
  until,
} from '@nfv-doctor/core/plugin-api';
import type { VitrageAlarm, VitrageClient } from '../client.js';
import { loadTemplate } from '../template.js';

export interface VitrageConfig {
  template: string;
  upload_template: boolean;
  template_file: string;
  /** ms */
  settle_timeout: number;
}
interface Services {
  cloud: CloudSession;
  clock: Clock;
  events: EventBus;
  run: RunInfo;
}

/** Leaves the inspection to Vitrage: events go to its `doctor` data source, its template does the rest. */
export class VitrageInspector implements Inspector {
  readonly #ledger: FaultLedger;
  #uploaded: string | undefined;
  #lastFailure = '';

  constructor(
    readonly ctx: RoleContext<VitrageConfig>,
    readonly services: Services,
    readonly client: VitrageClient,
  ) {
    this.#ledger = new FaultLedger(services.clock);
  }

  async start(signal: AbortSignal): Promise<void> {
    const { template, upload_template } = this.ctx.config;
    const found = (await this.client.templates(signal)).find(({ name }) => name === template);
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

  /** Clears in Vitrage what is active for Doctor, and deletes the template if `start` added it. */
  async stop(signal: AbortSignal): Promise<void> {
    const uploaded = this.#uploaded;
    if (uploaded === undefined) return;
    await this.client.deleteTemplate(uploaded, signal);
    this.#uploaded = undefined;
  }

  health(): Health {
    return this.#lastFailure === ''
      ? { status: 'up', detail: '' }
      : { status: 'degraded', detail: this.#lastFailure };
  }

  async report(events: readonly FaultEvent[], signal?: AbortSignal): Promise<ReportResult> {
    const result: ReportResult = { accepted: 0, ignored: 0 };
    for (const event of events) {
      this.services.events.emit('fault.received', { event });
      const verdict = this.#ledger.accept(event);
      if (verdict === 'raised' || verdict === 'cleared') {
        await this.#post(event, signal);
        result.accepted++;
      } else result.ignored++;
      this.#tell(verdict, event);
    }
    return result;
  }

  /** Waits until Vitrage shows an alarm for every active fault, and none for a cleared one. */
  async settled(signal?: AbortSignal): Promise<void> {
    const { clock } = this.services;
    const inVitrage = async () => {
      const alarmed = new Set(
        (await this.client.alarms(signal)).filter(isHostAlarm).map((alarm) => alarm.hostname),
      );
      const open = this.#ledger.faults().filter((fault) => !alarmed.has(fault.resource));
      const active = new Set(this.#ledger.active().map((fault) => fault.resource));
      const cleared = this.#ledger
        .faults({ includeCleared: true })
        .filter((fault) => fault.state === 'cleared');
      return (
        open.length === 0 &&
        cleared.every((fault) => active.has(fault.resource) || !alarmed.has(fault.resource))
      );
    };
    await until(inVitrage, {
      clock,
      what: "Vitrage's alarms to agree with what was reported",
      timeoutMs: this.ctx.config.settle_timeout,
      intervalMs: 200,
      signal,
    });
  }

  /** With the instances that Vitrage deduced as affected. */
  async faults(query: FaultQuery = {}): Promise<ActiveFault[]> {
    const faults = this.#ledger.faults(query);
    if (faults.some((fault) => fault.state === 'active')) await this.#readBack(faults);
    return faults;
  }

  async hostMaintenance(message: HostMessage): Promise<void> {
    for (const fault of this.#ledger.maintenance(message)) {
      await this.#post(fault.event);
      this.services.events.emit('fault.raised', { fault });
    }
  }

  async #upload(signal: AbortSignal): Promise<void> {
    const { template, template_file, settle_timeout } = this.ctx.config;
    const content = await loadTemplate(template_file, this.services.run.configFolder);
    const [added] = await this.client.addTemplate(content, signal);
    this.#uploaded = added?.uuid;
    await until(
      async () => {
        const now = (await this.client.templates(signal)).find(({ uuid }) => uuid === added?.uuid);
        if (now?.status === 'ERROR')
          throw new DoctorError(
            'BACKEND_ERROR',
            `Vitrage refused the template ${template}: ${now['status details'] ?? ''}`,
          );
        return now?.status === 'ACTIVE';
      },
      {
        clock: this.services.clock,
        what: `Vitrage's template ${template} to be ACTIVE`,
        timeoutMs: settle_timeout,
        signal,
      },
    );
  }

  async #post(event: FaultEvent, signal?: AbortSignal): Promise<void> {
    try {
      await this.client.postEvent(event, signal);
      this.#lastFailure = '';
    } catch (error) {
      this.#lastFailure = (error as Error).message;
      throw error;
    }
  }

  #tell(verdict: string, event: FaultEvent): void {
    const { events } = this.services;
    const { hostname } = event.details;
    const latest = this.#ledger.faults({ resource: hostname, includeCleared: true }).at(-1);
    if (verdict === 'raised' && latest) events.emit('fault.raised', { fault: latest });
    else if (verdict === 'cleared' && latest) events.emit('fault.cleared', { fault: latest });
    else events.emit('fault.suppressed', { hostname, reason: verdict, event });
  }

  async #readBack(faults: ActiveFault[]): Promise<void> {
    const [alarms, nodes] = await Promise.all([this.client.alarms(), this.client.topology()]);
    const down = new Set(
      alarms
        .filter((alarm) => alarm.vitrage_resource_type === 'nova.instance')
        .map((alarm) => alarm.vitrage_resource_id),
    );
    for (const fault of faults as LedgerFault[])
      fault.affectedInstances = nodes
        .filter(
          (node) =>
            node.vitrage_type === 'nova.instance' &&
            node.host_id === fault.resource &&
            down.has(node.vitrage_id),
        )
        .flatMap(({ id }) => (id === undefined ? [] : [id]));
  }
}

const isHostAlarm = (alarm: VitrageAlarm) => alarm.vitrage_type === 'doctor' && alarm.hostname !== undefined;
