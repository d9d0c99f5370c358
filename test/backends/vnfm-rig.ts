import {
  type AlarmNotification,
  type Instance,
  type ManagedApplication,
  type Notifier,
  until,
} from '@nfv-doctor/core';
import {
  type AppManagerHarness,
  createTestContext,
  maintenanceAlarm,
  type SeenAnswer,
  startWeatherProxy,
  systemClock,
  type TestContext,
  type WeatherProxy,
} from '@nfv-doctor/core/testing';
import vnfm from '@nfv-doctor/plugin-vnfm';
import { type RecordedCloud, recordedCloud } from './recorded-cloud.js';

export interface VnfmRig extends AppManagerHarness {
  cloud: RecordedCloud;
  context: TestContext;
  /** Before the admin tool that the test plays. */
  replies: WeatherProxy;
  /** Before Fenix' API. */
  fenix: WeatherProxy;
  answers(): readonly (SeenAnswer & { reason?: string; at: number })[];
  /** Alarms that exist. */
  alarms(): string[];
  /** What Fenix has at a path; undefined: nothing. */
  constraint(path: string): Promise<Record<string, unknown> | undefined>;
  instance(name: string): Instance;
  exists(id: string): Promise<boolean>;
  /** A question about these instances. */
  ask(
    state: string,
    instances: readonly string[],
    more?: { replyInMs?: number; session?: string; allowed?: string },
  ): Promise<void>;
  /** The instance has been moved. */
  done(instance: string, session?: string): Promise<void>;
  /** `session`: only its answers count; one that a restart cut off may come twice. */
  answered(count: number, session?: string): Promise<SeenAnswer & { reason?: string; at: number }>;
  /** A second manager on the same database, as after a crash. */
  restart(): Promise<void>;
}

const [provider] = vnfm.provides;

/** The configuration with defaults; durations as ms. */
export function createVnfm(config: Record<string, unknown>, given: Record<string, unknown>, log: unknown) {
  const defaults = Object.fromEntries(
    Object.entries((provider?.config ?? {}) as Record<string, { default: unknown }>).map(([key, option]) => [
      key,
      option.default,
    ]),
  );
  return provider?.create(
    {
      config: { ...defaults, ...config },
      role: 'app_manager',
      type: 'vnfm',
      log: log as never,
      defer: () => {},
    },
    given,
  ) as unknown as AppManagerHarness['manager'];
}

function memoryNotifier() {
  const alarms = new Map<string, { alarm_id: string; name: string; alarm_actions: string[] }>();
  const notifier = {
    createAlarm: async (request: { name: string; alarm_actions: string[] }) => {
      const alarm = { alarm_id: `alarm-${alarms.size}`, ...request };
      alarms.set(alarm.alarm_id, alarm);
      return alarm;
    },
    updateAlarm: async (id: string, change: { name: string; alarm_actions: string[] }) => {
      const alarm = { alarm_id: id, ...change };
      alarms.set(id, alarm);
      return alarm;
    },
    listAlarms: async () => [...alarms.values()],
    deleteAlarm: async (id: string) => void alarms.delete(id),
  } as unknown as Notifier;
  return { alarms, notifier };
}

/** The VNF manager on the embedded cloud (three full hosts) with Fenix' API, and an admin tool that the test plays. */
export async function startVnfm(config: Record<string, unknown> = {}): Promise<VnfmRig> {
  const cloud = await recordedCloud({ emulators: ['fenix'] }, undefined, undefined, {
    retries: 0,
    timeout: 2_000,
  });
  const context = await createTestContext();
  const { doctor, owner, instances } = cloud;
  const session = doctor.role('cloud');
  const fenix = await startWeatherProxy((await session.endpoint('maintenance')).href);
  const { alarms, notifier } = memoryNotifier();
  const create = () =>
    createVnfm(
      { poll_interval: 10, answer_margin: 50, answer_timeout: 1_000, ...config },
      {
        ...context,
        controller: doctor.role('controller'),
        cloud: session.as({ endpointOverrides: { maintenance: fenix.url } }),
        notifier,
        adminTool: undefined,
      },
      context.log,
    );
  const rig = { manager: create() };
  await rig.manager.start(new AbortController().signal);
  const answers: (SeenAnswer & { at: number })[] = [];
  let served: object = { instance_ids: [] };
  const admin = context.http.server({ name: 'admin', port: 0 });
  admin.app.get('/session', async () => served);
  admin.app.put('/session', async ({ body }) => {
    answers.push({ ...(body as SeenAnswer), at: performance.now() });
    return {};
  });
  await admin.listen();
  const replies = await startWeatherProxy(admin.url.href);
  const url = `${replies.url}/session`;
  const instance = (name: string): Instance => {
    const found = instances.find((each) => each.name === name);
    if (!found) throw new Error(`no instance ${name}`);
    return found;
  };
  const named = (part: string) => instances.filter(({ name }) => name.includes(part)).toSorted(byName);
  const compute = doctor.role('controller').compute;
  const [floating] = await doctor.role('controller').as(owner.credentials).network.floatingIps();
  const application: ManagedApplication = {
    owner,
    redundant: named('_ha_').map(({ id }) => id),
    scalable: named('nonha').map(({ id }) => id),
    ...(floating ? { floatingIpId: floating.id } : {}),
  };
  const list = async () =>
    (await compute.instances({ projectId: owner.projectId, allProjects: true })).filter(
      ({ status }) => status !== 'DELETED',
    );
  const post = async (alarm: AlarmNotification): Promise<number> => {
    const [subscription] = alarms.values();
    const response = await fetch(subscription?.alarm_actions[0] ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alarm),
    });
    return response.status;
  };
  const trait = (name: string, value: string): [string, number, string] => [name, 1, value];
  return {
    get manager() {
      return rig.manager;
    },
    application,
    url,
    cloud,
    context,
    replies,
    fenix,
    serve: (body) => {
      served = body;
    },
    answers: () => answers,
    alarms: () => [...alarms.keys()],
    post,
    instance,
    exists: async (id) => (await list()).some((each) => each.id === id),
    async ask(state, ids, { replyInMs, session: sessionId, allowed } = {}) {
      served = { instance_ids: ids };
      const replyAt =
        replyInMs === undefined ? [] : [trait('reply_at', new Date(Date.now() + replyInMs).toISOString())];
      await post(
        maintenanceAlarm({ url, application }, state, {
          traits: [
            ...replyAt,
            ...(sessionId ? [trait('session_id', sessionId)] : []),
            ...(allowed ? [trait('allowed_actions', allowed)] : []),
          ],
        }),
      );
    },
    async done(id, sessionId = 'session-1') {
      const traits = [trait('instance_ids', `['${id}']`), trait('session_id', sessionId)];
      await post(maintenanceAlarm({ url, application }, 'ADMIN_ACTION_DONE', { traits }));
    },
    async answered(count, session) {
      const counted = () => answers.filter((each) => session === undefined || each.session_id === session);
      await until(() => counted().length >= count, {
        clock: systemClock,
        what: `${count} answers`,
        timeoutMs: 15_000,
        intervalMs: 5,
      });
      return counted()[count - 1] as SeenAnswer & { at: number };
    },
    async constraint(path) {
      const found = await session
        .request('maintenance', { method: 'GET', path: `/v1${path}` })
        .catch((error: { code?: string }) => {
          if (error.code === 'CLOUD_NOT_FOUND') return undefined;
          throw error;
        });
      return found?.body as Record<string, unknown> | undefined;
    },
    async target() {
      const { network } = doctor.role('controller').as(owner.credentials);
      const [address] = await network.floatingIps();
      for (const id of (await list()).map((each) => each.id))
        if ((await network.ports(id)).some((port) => port.id === address?.portId)) return id;
      return null;
    },
    active: async () => (await list()).filter(({ status }) => status === 'ACTIVE').map(({ id }) => id),
    async restart() {
      await rig.manager.stop(new AbortController().signal);
      rig.manager = create();
      await rig.manager.start(new AbortController().signal);
      await rig.manager.manage(application);
    },
    async close() {
      await rig.manager.stop(new AbortController().signal);
      await replies.close();
      await fenix.close();
      await admin.close();
      await context.close();
      await cloud.close();
    },
  };
}

const byName = (a: Instance, b: Instance) => a.name.localeCompare(b.name);
