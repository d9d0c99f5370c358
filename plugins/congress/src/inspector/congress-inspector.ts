import {
  type ActiveFault,
  type Before,
  combineErrors,
  DelegatedInspector,
  type DelegationServices,
  DoctorError,
  type FaultEvent,
  type LedgerFault,
  mapBounded,
  type MessageBus,
} from '@nfv-doctor/core/plugin-api';
import type { CongressClient } from '../client.js';
import type { CongressConfig } from './config.js';
import { EventTable } from './event-table.js';
import { NovaRefresh } from './nova-refresh.js';
import { SetUp } from './set-up.js';

export interface CongressServices extends DelegationServices {
  messageBus: MessageBus | undefined;
}

/** Calls to Nova at once when a fault is taken back. */
const AT_ONCE = 4;

/** Leaves the inspection to Congress: events go to its `doctor` data source, its rules do the rest. */
export class CongressInspector extends DelegatedInspector {
  readonly #config: CongressConfig;
  readonly #services: CongressServices;
  readonly #client: CongressClient;
  readonly #setUp: SetUp;
  readonly #table: EventTable;
  readonly #refresh: NovaRefresh;
  #started = false;

  constructor(config: CongressConfig, client: CongressClient, services: CongressServices) {
    super(services, { settleTimeoutMs: config.settle_timeout, lookTimeoutMs: config.look_timeout });
    this.#config = config;
    this.#services = services;
    this.#client = client;
    this.#setUp = new SetUp(config, client, services.log);
    this.#table = new EventTable(client, this.#setUp, services.log);
    this.#refresh = new NovaRefresh(() => this.#poll(), services, config.refresh_interval);
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#started = true;
    await this.#setUp.make(signal);
    await this.#table.adopt(signal);
    if (this.#config.refresh) await this.#refresh.start();
    if (this.#config.revert && !this.#services.controller)
      this.#services.log.warn(
        { event: 'congress.no_revert' },
        'without a controller nothing is taken back when a host is up again',
      );
  }

  async stop(signal: AbortSignal): Promise<void> {
    if (!this.#started) return;
    const problems: DoctorError[] = [];
    const attempt = async (work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        problems.push(DoctorError.from(error));
      }
    };
    await attempt(() => this.#refresh.stop());
    await this.endWatches();
    // a data source that goes takes its rows with it
    if (!this.#setUp.ownsSource) await attempt(() => this.#table.clearOurs(signal));
    await attempt(() => this.#setUp.remove(signal));
    if (problems.length > 0) throw combineErrors(problems);
    this.#started = false;
  }

  protected raise(fault: LedgerFault, signal?: AbortSignal): Promise<void> {
    return this.#table.add(fault.event, signal);
  }

  protected clear(fault: LedgerFault, _event: FaultEvent, signal?: AbortSignal): Promise<void> {
    return this.#table.remove(fault.event, signal);
  }

  /** The host is reported again: Congress has to be shown a new row. A host that is up and unknown may have an old one. */
  protected override async unchanged(event: FaultEvent, signal?: AbortSignal): Promise<boolean> {
    if (!this.#table.has(event)) return false;
    if (event.details.status === 'down') await this.#table.add(event, signal);
    else await this.#table.remove(event, signal);
    return true;
  }

  /** Congress undoes nothing when a row goes. */
  protected override async revert(fault: LedgerFault, before: Before | undefined): Promise<void> {
    const { controller, log } = this.#services;
    if (!this.#config.revert || !controller || fault.type !== 'compute.host.down') return;
    if (!before) {
      log.warn(
        { event: 'congress.revert_unknown', hostname: fault.resource },
        'how the host was before is not known: nothing is taken back',
      );
      return;
    }
    const { compute } = controller;
    const hostname = fault.resource;
    if (!before.forcedDown)
      await this.#try(fault, `force-up of ${hostname}`, () => compute.forceDown(hostname, false));
    const present = await compute.instances({ hostname });
    const wasHealthy = new Set(before.healthy);
    const taken = present.filter(({ id, status }) => status === 'ERROR' && wasHealthy.has(id));
    await mapBounded(taken, AT_ONCE, ({ id }) =>
      this.#try(fault, `reset-state of ${id}`, () => compute.resetState(id, 'active')),
    );
    // until it polls, Congress takes the instances for being in error and would not act on the next fault
    if (this.#config.refresh) this.#refresh.soon();
  }

  protected override async hurry(): Promise<void> {
    if (this.#config.refresh) await this.#poll();
  }

  async #poll(): Promise<void> {
    const { nova } = this.#setUp;
    if (nova !== undefined) await this.#client.refresh(nova);
  }

  async #try(fault: ActiveFault, what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (DoctorError.is(error) && error.code === 'CLOUD_NOT_FOUND') return;
      this.failed(fault, `${what}: ${(error as Error).message}`);
    }
  }
}
