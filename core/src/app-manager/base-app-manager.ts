import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { Type } from '@sinclair/typebox';
import {
  type Alarm,
  type AlarmNotification,
  AlarmNotificationSchema,
  type AlarmRequest,
} from '../domain/alarm.js';
import type { Clock } from '../domain/clock.js';
import { MAINTENANCE_SCHEDULED } from '../domain/maintenance.js';
import { DoctorError } from '../errors/index.js';
import type { HttpKit, HttpServer } from '../http/types.js';
import type { Logger } from '../log/index.js';
import type { AppManager, ManagedApplication } from '../roles/app-manager.js';
import type { CloudSession } from '../roles/cloud-session.js';
import type { Controller } from '../roles/controller/index.js';
import type { Notifier } from '../roles/notifier.js';
import type { Health } from '../roles/role.js';
import type { Store } from '../store/types.js';
import { Application } from './application.js';
import type { AppManagerConfig } from './config.js';
import { httpGateway } from './gateway.js';
import { collectBlueprints } from './instances.js';
import { type AppMessage, readMessage } from './message.js';
import type { PolicyContext, PolicyFactory } from './policy.js';
import { type ApplicationRecord, type ApplicationStore, openApplicationStore, receive } from './record.js';

export interface AppManagerDependencies {
  http: HttpKit;
  clock: Clock;
  store: Store;
  controller: Controller;
  cloud: CloudSession;
  notifier: Notifier;
}

/**
 * What app managers have in common: applications that take part in maintenance, each with an address of its own for alarms,
 * stored, and gone on with after a crash. What is answered is their policy's.
 */
export class BaseAppManager implements AppManager {
  #server: HttpServer | undefined;
  #store: ApplicationStore | undefined;
  /** By the unguessable part of their address. */
  readonly #applications = new Map<string, Application>();
  /** Stored by an earlier process, and not managed yet by this one, which has no credentials for them. */
  readonly #waiting = new Map<string, ApplicationRecord>();

  constructor(
    readonly config: AppManagerConfig,
    readonly deps: AppManagerDependencies,
    readonly log: Logger,
    readonly policy: PolicyFactory,
  ) {}

  get endpoint(): URL {
    if (!this.#server) throw new DoctorError('INTERNAL', 'the app manager has not been started');
    return new URL('maintenance', this.config.advertised_url || this.#server.url);
  }

  async start(): Promise<void> {
    this.#store = await openApplicationStore(this.deps.store);
    for (const record of await this.#store.all()) this.#waiting.set(record.secret, record);
    const server = this.deps.http.server({
      name: 'app-manager',
      host: this.config.host,
      port: this.config.port,
      health: () => this.health(),
      // the address of each application is its secret
      authenticate: async () => true,
    });
    server.app.post<{ Body: AlarmNotification; Params: { secret: string } }>(
      '/maintenance/:secret',
      {
        schema: {
          body: AlarmNotificationSchema,
          params: Type.Object({ secret: Type.String({ maxLength: 64 }) }),
        },
      },
      async ({ body, params }) => {
        const message = readMessage(body);
        return { status: (await this.#accept(params.secret, message)) ? 'accepted' : 'duplicate' };
      },
    );
    await server.listen();
    this.#server = server;
  }

  /** Stores the message. What comes for an application that is not managed again yet is done as soon as it is. */
  async #accept(secret: string, message: AppMessage): Promise<boolean> {
    const application = this.#applications.get(secret);
    const record = application?.record ?? this.#waiting.get(secret);
    if (!record) throw new DoctorError('NOT_FOUND', 'no application listens at this address');
    if (message.projectId !== record.projectId)
      throw new DoctorError('FORBIDDEN', `the message is for project ${message.projectId}`);
    if (application) return application.accept(message);
    const received = await receive(record, message, this.deps.clock.now(), this.#store as ApplicationStore);
    return received !== undefined;
  }

  /** Ends the process' part only: what was stored, and the alarm, stay for the next start. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await Promise.all([...this.#applications.values()].map((application) => application.stop()));
    this.#applications.clear();
    this.#waiting.clear();
    await server?.close();
  }

  health(): Health {
    if (!this.#server) return { status: 'down', detail: 'not started' };
    const problems = [...this.#applications.values()].flatMap(({ problem, record }) =>
      problem === undefined ? [] : [`application of project ${record.projectId}: ${problem}`],
    );
    for (const { projectId, inbox } of this.#waiting.values())
      problems.push(
        `application of project ${projectId}: known from before, ${inbox.length} messages wait until it is managed again`,
      );
    return problems.length > 0
      ? { status: 'degraded', detail: problems.join('; ') }
      : { status: 'up', detail: '' };
  }

  async manage(application: ManagedApplication): Promise<void> {
    if (!this.#store) throw new DoctorError('INTERNAL', 'the app manager has not been started');
    const { owner } = application;
    const { clock, controller, cloud } = this.deps;
    const ownCloud = controller.as(owner.credentials);
    const session = cloud.as(owner.credentials);
    const known = [...this.#waiting.values()].find(({ projectId }) => projectId === owner.projectId);
    const record =
      known ?? (await this.#store.load(owner.projectId)) ?? (await this.#newRecord(application, ownCloud));
    const log = this.log.child({ projectId: owner.projectId });
    const token = () => session.token();
    const context: PolicyContext = { owner, cloud: ownCloud, clock, log, token };
    const policy = this.policy(record, context);
    await policy.begin?.(AbortSignal.timeout(this.config.instance_timeout));
    const managed = new Application(record, {
      ...context,
      policy,
      gateway: httpGateway(token, { clock, timeoutMs: this.config.answer_timeout }),
      store: this.#store,
      config: this.config,
    });
    this.#applications.set(record.secret, managed);
    this.#waiting.delete(record.secret);
    await this.#subscribe(managed);
    managed.resume();
  }

  async #newRecord(
    { owner, redundant, scalable, floatingIpId }: ManagedApplication,
    cloud: Controller,
  ): Promise<ApplicationRecord> {
    const context = {
      cloud,
      clock: this.deps.clock,
      timeoutMs: this.config.instance_timeout,
      pollIntervalMs: this.config.poll_interval,
    };
    const ids = [...redundant, ...scalable];
    const signal = AbortSignal.timeout(this.config.instance_timeout);
    setMaxListeners(0, signal);
    return {
      projectId: owner.projectId,
      secret: randomBytes(24).toString('base64url'),
      redundant: [...redundant],
      scalable: [...scalable],
      blueprints: await collectBlueprints(ids, context, signal),
      released: [],
      replacing: [],
      inbox: [],
      handled: [],
      ...(floatingIpId === undefined ? {} : { floatingIpId }),
    };
  }

  /** One alarm per application; after a restart it is pointed at where the app manager listens now. */
  async #subscribe({ record, context: { owner } }: Application): Promise<void> {
    const { notifier } = this.deps;
    const request: AlarmRequest = {
      name: `doctor-maintenance-${record.projectId}`,
      description: 'tells the application of planned maintenance',
      type: 'event',
      severity: 'low',
      repeat_actions: true,
      alarm_actions: [`${this.endpoint.href}/${record.secret}`],
      event_rule: { event_type: MAINTENANCE_SCHEDULED },
    };
    const known = await this.#existing(record, owner);
    const alarm = known
      ? await notifier.updateAlarm(known.alarm_id, request, owner)
      : await notifier.createAlarm(request, owner);
    record.alarmId = alarm.alarm_id;
    await this.#store?.save(record);
  }

  async #existing(
    { alarmId, projectId }: ApplicationRecord,
    owner: ManagedApplication['owner'],
  ): Promise<Alarm | undefined> {
    const alarms = await this.deps.notifier.listAlarms(owner);
    // the name is the application's: an alarm made just before a crash is found by it
    return alarms.find(
      ({ alarm_id, name }) => alarm_id === alarmId || name === `doctor-maintenance-${projectId}`,
    );
  }

  application(projectId: string): ManagedApplication | undefined {
    for (const { record, managed } of this.#applications.values())
      if (record.projectId === projectId) return managed;
    return undefined;
  }

  async release(): Promise<void> {
    const problems: string[] = [];
    for (const [secret, application] of this.#applications) {
      const { alarmId, projectId } = application.record;
      await application.stop();
      this.#applications.delete(secret);
      const { policy } = application.context;
      await policy.end?.(AbortSignal.timeout(this.config.instance_timeout)).catch((error: unknown) => {
        problems.push(error instanceof Error ? error.message : String(error));
      });
      await this.#store?.delete(projectId);
      if (alarmId === undefined) continue;
      await this.deps.notifier.deleteAlarm(alarmId, application.context.owner).catch((error: unknown) => {
        problems.push(`alarm ${alarmId}: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
    if (problems.length > 0)
      throw new DoctorError('BACKEND_ERROR', `the app manager left behind: ${problems.join('; ')}`);
  }
}
