import { setMaxListeners } from 'node:events';
import {
  type ActiveFault,
  type Clock,
  type Controller,
  DoctorError,
  type EventBus,
  type FaultEvent,
  type FaultQuery,
  type Health,
  type HostMessage,
  type HttpKit,
  type HttpServer,
  type Inspector,
  type Logger,
  MAINTENANCE_HOST,
  type MessageBus,
  type ReportResult,
  type Store,
} from '@nfv-doctor/core/plugin-api';
import type { ActionOptions } from './actions-context.js';
import type { InspectorConfig } from './config.js';
import { checkEvents } from './events.js';
import { FaultDesk } from './fault-desk.js';
import { FaultStore } from './fault-store.js';
import { FairLimiter } from './limiter.js';
import { hostMaintenance, maintenanceOfBody, maintenanceOfNotification } from './maintenance.js';
import { MapKeeper } from './map-keeper.js';
import { nearest } from './nearest.js';
import { type MappedInstance, ResourceMap } from './resource-map.js';
import { addRoutes } from './routes.js';

export interface InspectorDeps {
  http: HttpKit;
  clock: Clock;
  events: EventBus;
  store: Store;
  controller: Controller;
  messageBus: MessageBus;
  /** Jitter; default Math.random. */
  random?: () => number;
}

/** What exists between start and stop. */
interface Running {
  server: HttpServer;
  desk: FaultDesk;
  keeper: MapKeeper;
  store: FaultStore;
  map: ResourceMap;
  stop: AbortController;
  unsubscribe: () => Promise<void>;
}

/** Inspector `sample`: Doctor's own. */
export class SampleInspector implements Inspector {
  #running: Running | undefined;

  constructor(
    readonly config: InspectorConfig,
    readonly deps: InspectorDeps,
    readonly log: Logger,
  ) {}

  get endpoint(): URL | undefined {
    return this.#running?.server.url;
  }

  async start(signal: AbortSignal): Promise<void> {
    if (this.#running) return;
    const { clock, controller, messageBus } = this.deps;
    const random = this.deps.random ?? Math.random;
    const stop = new AbortController();
    // every call under way listens
    setMaxListeners(0, stop.signal);
    const store = await FaultStore.open(this.deps.store, clock, this.log);
    let desk: FaultDesk | undefined;
    const map = new ResourceMap((instance) => desk?.arrived(instance));
    const keeper = new MapKeeper(
      { snapshotInterval: this.config.snapshot_interval, snapshotTimeout: this.config.snapshot_timeout },
      map,
      { controller, messageBus, clock, log: this.log, random },
    );
    const server = this.#server();
    let unsubscribe = nothing;
    try {
      await keeper.start(signal);
      desk = this.#desk(map, keeper, store, stop.signal, random);
      this.#running = { server, desk, keeper, store, map, stop, unsubscribe };
      await desk.restore();
      unsubscribe = await messageBus.subscribe([MAINTENANCE_HOST], (notification) =>
        this.#maintained(() => maintenanceOfNotification(notification, clock.now())),
      );
      this.#running.unsubscribe = unsubscribe;
      await server.listen();
    } catch (error) {
      this.#running = undefined;
      stop.abort(new DoctorError('ABORTED', 'the inspector did not start'));
      await Promise.allSettled([keeper.stop(), unsubscribe(), server.close()]);
      throw error;
    }
    this.log.info(
      { event: 'inspector.started', url: server.url.href, hosts: map.hostCount, instances: map.size },
      `inspector listens at ${server.url.href}, ${map.hostCount} hosts, ${map.size} instances`,
    );
  }

  async stop(_signal: AbortSignal): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    running.stop.abort(new DoctorError('ABORTED', 'the inspector stops'));
    await running.server.close();
    await Promise.all([running.unsubscribe(), running.keeper.stop()]);
    await running.desk.settled();
  }

  health(): Health {
    const running = this.#running;
    if (!running) return { status: 'down', detail: 'the inspector is not started' };
    const problem = running.store.problem ?? running.keeper.problem;
    return problem ? { status: 'degraded', detail: problem } : { status: 'up', detail: '' };
  }

  async report(events: readonly FaultEvent[], signal?: AbortSignal): Promise<ReportResult> {
    const running = this.#started();
    const checked = checkEvents(events, this.deps.clock.now());
    // all are known to be handled before one is
    for (let index = 0; index < checked.length; index++) {
      const { hostname } = checked[index]!;
      if (!running.map.has(hostname))
        await this.#mustKnow(hostname, checked.length === 1 ? 'event' : `events[${index}]`, signal);
    }
    return running.desk.take(checked);
  }

  async settled(signal?: AbortSignal): Promise<void> {
    await this.#started().desk.settled(signal);
  }

  async faults(query: FaultQuery = {}): Promise<ActiveFault[]> {
    return this.#started().desk.faults(query);
  }

  /** One fault, also a cleared one. Throws DoctorError NOT_FOUND. */
  async fault(faultId: string): Promise<ActiveFault> {
    return this.#started().desk.fault(faultId);
  }

  /** Acts upon a fault that is held (brake, maintenance, unconfirmed). Throws DoctorError NOT_FOUND, CONFLICT. */
  async confirm(faultId: string): Promise<ActiveFault> {
    return this.#started().desk.confirm(faultId);
  }

  async hostMaintenance(message: HostMessage): Promise<void> {
    await this.#started().desk.maintenance(hostMaintenance(message, this.deps.clock.now()));
  }

  /** `POST /maintenance`. Throws DoctorError INPUT_INVALID, NOT_FOUND. @returns whether it was news */
  async maintenanceAlarm(body: unknown, signal?: AbortSignal): Promise<boolean> {
    const next = maintenanceOfBody(body, this.deps.clock.now());
    await this.#mustKnow(next.message.host, '', signal);
    return this.#started().desk.maintenance(next);
  }

  /** Instances on a host, as the map has them. Throws DoctorError NOT_FOUND. */
  instancesOn(hostname: string): MappedInstance[] {
    const { map } = this.#started();
    if (!map.has(hostname)) throw unknownHost(hostname, map, 'host');
    return map.instancesOf(hostname);
  }

  async #maintained(read: () => ReturnType<typeof maintenanceOfNotification>): Promise<void> {
    try {
      await this.#started().desk.maintenance(read());
    } catch (error) {
      this.log.warn(
        { event: 'inspector.bad_maintenance', err: error },
        'a maintenance.host notification cannot be read',
      );
    }
  }

  async #mustKnow(hostname: string, path: string, signal?: AbortSignal): Promise<void> {
    const { keeper, map } = this.#started();
    if (await keeper.knows(hostname, signal)) return;
    throw unknownHost(hostname, map, path ? `${path}.details.hostname` : 'host');
  }

  #started(): Running {
    if (this.#running) return this.#running;
    throw new DoctorError('ABORTED', 'the inspector is not started');
  }

  #server(): HttpServer {
    const { host, port, token, body_limit } = this.config;
    const server = this.deps.http.server({
      name: 'inspector',
      host,
      port,
      token,
      bodyLimit: body_limit,
      health: () => this.health(),
    });
    addRoutes(server.app, this);
    return server;
  }

  #desk(
    map: ResourceMap,
    keeper: MapKeeper,
    store: FaultStore,
    signal: AbortSignal,
    random: () => number,
  ): FaultDesk {
    const { config, deps, log } = this;
    const options: ActionOptions = {
      mode: config.mode === 'conservative' ? 'conservative' : 'shortcut',
      holdUntilChanged: config.hold_until_changed,
      forceDownHeadStart: config.force_down_head_start,
      setPorts: config.set_ports_down,
      callTimeout: config.call_timeout,
      budget: config.budget,
      retryPause: config.retry_pause,
      maxRetryPause: config.max_retry_pause,
      publishConcurrency: Math.max(1, config.publish_concurrency),
    };
    return new FaultDesk(
      {
        confirmBy: Math.max(1, config.confirm_by),
        onStorm: config.on_storm === 'act' ? 'act' : 'hold',
        maxHostsDown: config.max_hosts_down,
        windowMs: config.brake_window,
      },
      {
        options,
        store,
        map,
        signal,
        random,
        log,
        clock: deps.clock,
        events: deps.events,
        controller: deps.controller,
        messageBus: deps.messageBus,
        limiter: new FairLimiter({ perLane: config.concurrency, total: config.total_concurrency }),
        forcedDown: keeper.forcedDown,
      },
    );
  }
}

const nothing = async () => {};

function unknownHost(hostname: string, map: ResourceMap, field: string): DoctorError {
  const near = nearest(hostname, map.hostnames);
  return new DoctorError(
    'NOT_FOUND',
    `the cloud has no compute host ${JSON.stringify(hostname)}${near ? `; did you mean ${JSON.stringify(near)}?` : ''}`,
    { details: { field, ...(near ? { nearest: near } : {}) } },
  );
}
