import { setMaxListeners } from 'node:events';
import {
  blueprintsOf,
  type Clock,
  type Consumer,
  type Controller,
  DoctorError,
  type EventBus,
  type Health,
  type HttpKit,
  type HttpServer,
  type Instance,
  type Logger,
  mapBounded,
  type Notifier,
  type ProjectOwner,
} from '@nfv-doctor/core/plugin-api';
import { instanceAlarm, trait } from './alarm.js';
import type { ConsumerConfig } from './config.js';
import { type ArrivedAlarm, createEndpoint } from './endpoint.js';
import { Recovery } from './recovery.js';

export interface ConsumerDependencies {
  http: HttpKit;
  clock: Clock;
  events: EventBus;
  controller: Controller;
  notifier: Notifier;
}

interface Registered {
  alarmId: string;
  owner: ProjectOwner;
}

/** Many recoveries wait on it at once. */
function lifeTime(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** The owner of instances: is told of their faults, makes them again elsewhere. */
export class SampleConsumer implements Consumer {
  #server: HttpServer | undefined;
  #life = lifeTime();
  /** By the project's id. */
  #recoveries = new Map<string, Recovery>();
  /** By the instance's id. */
  readonly #recoveryOf = new Map<string, Recovery>();
  #registered: Registered[] = [];

  constructor(
    readonly config: ConsumerConfig,
    readonly deps: ConsumerDependencies,
    readonly log: Logger,
  ) {}

  get endpoint(): URL {
    if (!this.#server) throw new DoctorError('INTERNAL', 'the consumer has not been started');
    const url = new URL('failure', this.config.advertised_url || this.#server.url);
    if (this.config.token) url.searchParams.set('token', this.config.token);
    return url;
  }

  async start(): Promise<void> {
    this.#life = lifeTime();
    const server = createEndpoint(this.config, this.deps, (alarm) => this.#arrived(alarm));
    await server.listen();
    this.#server = server;
  }

  async stop(): Promise<void> {
    try {
      await this.release();
    } finally {
      const server = this.#server;
      this.#server = undefined;
      await server?.close();
    }
  }

  health(): Health {
    return this.#server ? { status: 'up', detail: '' } : { status: 'down', detail: 'not started' };
  }

  async protect(instances: readonly Instance[], owner: ProjectOwner): Promise<void> {
    const { signal } = this.#life;
    const recovery = this.#recoveryFor(owner);
    if (this.config.recover)
      for (const blueprint of await blueprintsOf(instances, recovery.cloud, signal)) recovery.add(blueprint);
    for (const { id } of instances) this.#recoveryOf.set(id, recovery);
    const action = this.endpoint.href;
    await mapBounded(
      instances,
      this.config.alarm_concurrency,
      async (instance) => {
        const request = instanceAlarm(instance, this.config.severity, action);
        const { alarm_id: alarmId } = await this.deps.notifier.createAlarm(request, owner);
        this.#registered.push({ alarmId, owner });
      },
      signal,
    );
  }

  async release(): Promise<void> {
    this.#life.abort(new DoctorError('ABORTED', 'the consumer does not protect this instance any more'));
    this.#life = lifeTime();
    this.#recoveries.clear();
    this.#recoveryOf.clear();
    const registered = this.#registered;
    this.#registered = [];
    const left: string[] = [];
    await mapBounded(registered, this.config.alarm_concurrency, async ({ alarmId, owner }) => {
      await this.deps.notifier.deleteAlarm(alarmId, owner).catch((error: unknown) => {
        left.push(`${alarmId}: ${error instanceof Error ? error.message : String(error)}`);
      });
    });
    if (left.length > 0)
      throw new DoctorError('BACKEND_ERROR', `alarms could not be deleted: ${left.join('; ')}`);
  }

  async replacement(instanceId: string, signal: AbortSignal): Promise<Instance> {
    const replacement = this.#recoveryOf.get(instanceId)?.replacement(instanceId);
    if (!replacement)
      throw new DoctorError(
        'NOT_FOUND',
        `instance ${instanceId} is not protected, or recovery is switched off`,
      );
    signal.throwIfAborted();
    let abort!: () => void;
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
    });
    return Promise.race([replacement, aborted]).finally(() => signal.removeEventListener('abort', abort));
  }

  #recoveryFor(owner: ProjectOwner): Recovery {
    let recovery = this.#recoveries.get(owner.projectId);
    if (!recovery) {
      const cloud = this.deps.controller.as(owner.credentials);
      const { clock, events } = this.deps;
      recovery = new Recovery(this.config, cloud, { clock, events, log: this.log }, this.#life.signal);
      this.#recoveries.set(owner.projectId, recovery);
    }
    return recovery;
  }

  #arrived({ notification, at, duplicate }: ArrivedAlarm): void {
    const { events } = this.deps;
    const { alarm_id: alarmId, current } = notification;
    const instanceId = trait(notification, 'instance_id') ?? trait(notification, 'resource_id');
    const known = instanceId === undefined ? {} : { instanceId };
    const firing = current === 'alarm' && !duplicate;
    if (firing) events.checkpoint({ name: 'T09', at, ...known });
    events.emit('alarm.received', { alarmId, current, duplicate, ...known });
    if (firing && instanceId !== undefined && this.config.recover)
      // after the answer: whoever notifies is not kept waiting, nor are the next alarms
      setImmediate(() => this.#recoveryOf.get(instanceId)?.begin(instanceId));
  }
}
