import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AdminTool,
  type Clock,
  type CloudSession,
  type Controller,
  type EventBus,
  type Health,
  type HttpKit,
  type HttpServer,
  type Logger,
  type MaintenancePlan,
  type MaintenanceRequest,
  type MaintenanceSession,
  type MessageBus,
  type Notifier,
  type RunInfo,
  type Store,
  type Vocabulary,
} from '@nfv-doctor/core/plugin-api';
import { createActions, parseActions } from './actions/index.js';
import type { AdminToolConfig } from './config.js';
import { DemandBook, demandedGroups, demandRoutes } from './demands/index.js';
import { type DeskContext, SessionDesk } from './desk.js';
import { EffectRunner, WakeUps } from './effects/index.js';
import { openSessionRepository } from './repository.js';
import { maintenanceRoutes } from './routes.js';

export interface AdminToolDependencies {
  http: HttpKit;
  clock: Clock;
  events: EventBus;
  store: Store;
  run: RunInfo;
  controller: Controller;
  cloud: CloudSession;
  notifier: Notifier;
  messageBus: MessageBus;
}

/** Admin tool `sample`: the workflow of Doctor's design, negotiated, durable, and put back whatever happens. */
export class SampleAdminTool implements AdminTool {
  #desk: SessionDesk | undefined;
  #server: HttpServer | undefined;
  #wakeUps: WakeUps | undefined;
  #endListening: (() => void) | undefined;
  #adminProjectId = '';

  constructor(
    readonly config: AdminToolConfig,
    readonly deps: AdminToolDependencies,
    readonly log: Logger,
  ) {}

  get endpoint(): URL | undefined {
    if (!this.#server) return undefined;
    return this.config.public_url ? new URL(this.config.public_url) : this.#server.url;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { http, clock, store, messageBus, cloud, events } = this.deps;
    const { config } = this;
    signal.throwIfAborted();
    const repository = await openSessionRepository(store);
    const demands = await DemandBook.open(store);
    const actions = await createActions(parseActions(config.actions), {
      clock,
      log: this.log,
      folder: config.action_folder || join(tmpdir(), 'doctor-actions'),
      configFolder: this.deps.run.configFolder,
    });
    this.#adminProjectId = (await cloud.identity()).projectId ?? '';
    this.#wakeUps = new WakeUps(messageBus, clock);
    const desk = new SessionDesk(this.#deskContext(repository, actions, demands));
    const server = http.server({
      name: 'admin-tool',
      host: config.host,
      port: config.port,
      health: () => this.health(),
      // each route asks Keystone itself: what a caller may see depends on the project
      ...(config.auth === 'keystone' ? { authenticate: async () => true } : {}),
    });
    const session = config.auth === 'keystone' ? cloud : undefined;
    const access = { session, adminRoles: config.admin_roles };
    maintenanceRoutes(server.app, desk, access, config.vocabulary as Vocabulary);
    demandRoutes(server.app, demands, access);
    await server.listen();
    this.#server = server;
    this.#desk = desk;
    await this.#wakeUps.start();
    this.#endListening = events.on('fault.raised', ({ fault }) => {
      if (fault.resourceType !== 'host') return;
      desk
        .hostDown(fault.resource)
        .catch((error: unknown) => this.log.error({ event: 'maintenance.host_down', err: error }));
    });
    await desk.resume();
  }

  #deskContext(
    repository: DeskContext['repository'],
    actions: DeskContext['actions'],
    demands: DemandBook,
  ): DeskContext {
    const { clock, events, controller, notifier, messageBus } = this.deps;
    const { config, log } = this;
    const vocabulary = config.vocabulary as Vocabulary;
    const effects = new EffectRunner({
      clock,
      events,
      bus: messageBus,
      compute: controller.compute,
      notifier,
      wakeUps: this.#wakeUps as WakeUps,
      actions,
      baseUrl: () => this.endpoint as URL,
      adminProjectId: () => this.#adminProjectId,
      vocabulary,
      timeoutMs: config.effect_timeout,
      pollIntervalMs: config.poll_interval,
      cpuRatio: config.cpu_allocation_ratio,
      memoryRatio: config.ram_allocation_ratio,
      reservedMemoryMb: config.reserved_host_memory,
      demanded: (instances) => demandedGroups(demands, instances),
    });
    return {
      clock,
      events,
      log,
      repository,
      effects,
      compute: controller.compute,
      actions,
      defaultActions: config.default_actions,
      vocabulary,
      expectedMoveMs: config.expected_move_time,
      silentHostMs: config.silent_host_timeout,
      defaults: {
        maxParallelHosts: config.max_parallel_hosts,
        maxParallelMoves: config.max_parallel_moves,
        replyTimeoutMs: config.reply_timeout,
        moveTimeoutMs: config.move_timeout,
        defaultAction: config.default_action === 'LIVE_MIGRATE' ? 'LIVE_MIGRATE' : 'MIGRATE',
        closeWaitingHosts: config.close_waiting_hosts,
      },
    };
  }

  async stop(_signal: AbortSignal): Promise<void> {
    this.#endListening?.();
    this.#endListening = undefined;
    await this.#desk?.stop();
    await this.#wakeUps?.stop();
    await this.#server?.close();
    this.#server = undefined;
  }

  health(): Health {
    if (!this.#server) return { status: 'down', detail: 'not started' };
    const problems = this.#desk?.problems() ?? [];
    return problems.length > 0
      ? { status: 'degraded', detail: problems.join('; ') }
      : { status: 'up', detail: '' };
  }

  #started(): SessionDesk {
    if (!this.#desk) throw new Error('the admin tool is not started');
    return this.#desk;
  }

  async create(request: MaintenanceRequest): Promise<{ sessionId: string }> {
    return this.#started().create(request);
  }
  async session(sessionId: string): Promise<MaintenanceSession> {
    return this.#started().session(sessionId);
  }
  async sessions(): Promise<MaintenanceSession[]> {
    return this.#started().sessions();
  }
  async remove(sessionId: string): Promise<void> {
    await this.#started().remove(sessionId);
  }
  async plan(request: MaintenanceRequest): Promise<MaintenancePlan> {
    return this.#started().plan(request);
  }
}
