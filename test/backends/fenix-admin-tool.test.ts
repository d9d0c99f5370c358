import {
  type AdminTool,
  DoctorError,
  formatUtc,
  type MaintenanceSession,
  type Notification,
  type RecordedEvent,
  until,
} from '@nfv-doctor/core';
import { backendWeather, systemClock } from '@nfv-doctor/core/testing';
import fenix from '@nfv-doctor/plugin-fenix';
import test, { type ExecutionContext } from 'ava';
import { IMPATIENT, roleOnEmulator } from './role.js';

/** What the Fenix admin tool has beside its role. */
interface FenixTool extends AdminTool {
  client: {
    putInstance(id: string, constraints: unknown): Promise<void>;
    instance(id: string): Promise<unknown>;
    deleteInstance(id: string): Promise<void>;
    putGroup(id: string, constraints: unknown): Promise<void>;
    group(id: string): Promise<unknown>;
    deleteGroup(id: string): Promise<void>;
    details(id: string): Promise<unknown>;
    update(id: string, change: Record<string, unknown>): Promise<void>;
    projectInstances(id: string, project: string): Promise<string[] | undefined>;
  };
}

const signal = () => AbortSignal.timeout(10_000);
const ahead = (ms: number) => formatUtc(Date.now() + ms + 999);
const create = (config: Record<string, unknown> = {}, session: Record<string, unknown> = {}) =>
  roleOnEmulator<FenixTool>({
    plugin: fenix,
    emulator: 'fenix',
    service: 'maintenance',
    config: { poll_interval: 20, end_poll_interval: 20, ...config },
    session,
  });

async function started(t: ExecutionContext, config: Record<string, unknown> = {}) {
  const it = await create(config);
  const recorded: RecordedEvent[] = [];
  const end = it.cloud.doctor.events.onAny((event) => recorded.push(event));
  await it.role.start(signal());
  t.teardown(async () => {
    end();
    await it.role.stop(signal());
    await it.close();
  });
  const { compute } = it.cloud.doctor.role('controller');
  return { ...it, tool: it.role, recorded, compute };
}
type Started = Awaited<ReturnType<typeof started>>;

/** Answers the project's questions: with ACK, but to `nack` with NACK; scales in by deleting two instances. */
async function answer({ cloud, ask, compute }: Started, { nack = '', silent = '' } = {}): Promise<void> {
  const bus = cloud.doctor.role('message_bus');
  await bus.subscribe(['maintenance.scheduled'], async ({ payload }: Notification) => {
    const state = String(payload['state']);
    if (state === 'INSTANCE_ACTION_DONE' || state === silent) return;
    const path = new URL(String(payload['reply_url'])).pathname;
    const { instance_ids } = (await ask('GET', path)) as { instance_ids: string[] };
    if (state === 'SCALE_IN' && nack !== state) {
      const gone = cloud.instances.filter(({ name }) => /nonha_app_[23]/.test(name));
      for (const { id } of gone) await compute.deleteInstance(id);
      await until(async () => (await compute.instances({})).length === 4, {
        clock: systemClock,
        what: 'the instances to be gone',
        timeoutMs: 5_000,
        intervalMs: 5,
      });
    }
    await ask('PUT', path, {
      session_id: payload['session_id'],
      state: `${state === nack ? 'NACK' : 'ACK'}_${state}`,
      ...(state.startsWith('P')
        ? { instance_actions: Object.fromEntries(instance_ids.map((id) => [id, 'MIGRATE'])) }
        : {}),
    });
  });
}

const ended = (tool: AdminTool, sessionId: string) =>
  until(
    async (): Promise<MaintenanceSession | false> => {
      const session = await tool.session(sessionId);
      return /DONE|FAILED/.test(session.state) && session;
    },
    { clock: systemClock, what: 'the session to end', timeoutMs: 20_000, intervalMs: 10 },
  );

const disabled = async ({ compute }: Started) =>
  (await compute.hosts()).flatMap(({ hostname, status }) => (status === 'disabled' ? [hostname] : []));

test('a whole session, in the words of Doctor', async (t) => {
  const it = await started(t);
  await answer(it);
  const { sessionId } = await it.tool.create({ maintenance_at: ahead(500), metadata: { version: 'Train' } });
  const session = await ended(it.tool, sessionId);
  t.is(session.state, 'MAINTENANCE_DONE', session.reason);
  t.deepEqual(session.hosts.map(({ hostname, state }) => `${hostname} ${state}`).toSorted(), [
    'compute-1 maintained',
    'compute-2 maintained',
    'compute-3 maintained',
  ]);
  t.deepEqual(session.projects, [{ projectId: it.cloud.owner.projectId, state: 'MAINTENANCE_COMPLETE' }]);
  const states = it.recorded.flatMap(({ name, data }) =>
    name === 'maintenance.session' ? [(data as { state: string }).state] : [],
  );
  t.is(states[0], 'MAINTENANCE');
  t.true(states.includes('DOWN_SCALE') && !states.includes('SCALE_IN'), states.join());
  t.is(states.at(-1), 'MAINTENANCE_DONE');
  const hosts = it.recorded.filter(({ name }) => name === 'maintenance.host');
  t.is(hosts.length, 6);
  t.regex(it.tool.deadlineFault ?? '', /subtracts/);
  t.deepEqual(await disabled(it), []);
});

test('after a refusal Fenix leaves hosts disabled, and they are put back', async (t) => {
  const it = await started(t);
  await answer(it, { nack: 'PLANNED_MAINTENANCE' });
  const { sessionId } = await it.tool.create({ maintenance_at: ahead(500), metadata: {} });
  const session = await ended(it.tool, sessionId);
  t.is(session.state, 'MAINTENANCE_FAILED');
  t.regex(session.reason ?? '', /tells no reason; the last question was PLANNED_MAINTENANCE/);
  await until(async () => (await disabled(it)).length === 0, {
    clock: systemClock,
    what: 'the hosts to be enabled',
    timeoutMs: 5_000,
    intervalMs: 10,
  });
  // the next one is not refused for them
  await it.tool.remove(sessionId);
  await it.tool.create({ maintenance_at: ahead(3_600_000), metadata: {} });
  t.pass();
});

test('with put_hosts_back off they stay as Fenix left them, and the next session says so', async (t) => {
  const it = await started(t, { put_hosts_back: false });
  await answer(it, { nack: 'PLANNED_MAINTENANCE' });
  const { sessionId } = await it.tool.create({ maintenance_at: ahead(500), metadata: {} });
  await ended(it.tool, sessionId);
  t.is((await disabled(it)).length, 2);
  const error = await t.throwsAsync(it.tool.create({ maintenance_at: ahead(60_000), metadata: {} }));
  t.regex(error?.message ?? '', /is disabled \(maintenance\), perhaps left over by a failed session/);
});

test('what Fenix would only say 500 to is refused with all reasons, and nothing is made', async (t) => {
  const it = await started(t);
  await it.compute.setEnabled('compute-2', false, 'broken disk');
  const asked = it.proxy.requests.length;
  const error = await t.throwsAsync(
    it.tool.create({ maintenance_at: '2020-01-01 00:00:00', hosts: ['compute-2', 'compute-9'] }),
  );
  t.true(DoctorError.is(error) && error.code === 'MAINTENANCE_REFUSED');
  const { reasons } = (error as DoctorError).details as { reasons: string[] };
  t.is(reasons.length, 3);
  t.regex(reasons[0] ?? '', /^maintenance_at: 2020-01-01 00:00:00 is too early/);
  t.regex(reasons[1] ?? '', /^hosts: the cloud has no host compute-9; it has compute-1, /);
  t.regex(reasons[2] ?? '', /^hosts: compute-2 is disabled \(broken disk\)/);
  t.is(it.proxy.requests.length, asked);
  await t.throwsAsync(it.tool.create({ maintenance_at: 'tomorrow' }), { message: /must be a date and time/ });
  await t.throwsAsync(it.tool.create({ hosts: 'all' } as never), {
    message: /request\.maintenance_at|request\.hosts/,
  });
  t.deepEqual(await it.tool.sessions(), []);
});

test('a fourth session, and a workflow that is not there', async (t) => {
  const it = await started(t);
  const request = { maintenance_at: ahead(3_600_000), metadata: {} };
  await t.throwsAsync(it.tool.create({ ...request, workflow: 'vnf' }), {
    message: /answered 500.*Fenix tells no reason; the log of fenix-api/,
  });
  for (let count = 0; count < 3; count++) await it.tool.create(request);
  await t.throwsAsync(it.tool.create(request), { message: /Too many sessions.*three sessions are the most/ });
  t.is((await it.tool.sessions()).length, 3);
});

test('hosts, dates with a T and a zone, an aborted session', async (t) => {
  const it = await started(t);
  const { sessionId } = await it.tool.create({
    maintenance_at: new Date(Date.now() + 3_600_000).toISOString(),
    hosts: ['compute-1'],
    metadata: {},
  });
  const session = await it.tool.session(sessionId);
  t.deepEqual(session.hosts, [{ hostname: 'compute-1', state: 'waiting' }]);
  t.is(session.state, 'MAINTENANCE');
  await it.tool.remove(sessionId);
  await t.throwsAsync(it.tool.session(sessionId), { message: `Fenix has no session ${sessionId}` });
  await t.throwsAsync(it.tool.remove(sessionId), { message: `Fenix has no session ${sessionId}` });
});

test('a session aborted in the middle leaves no host disabled', async (t) => {
  const it = await started(t);
  // everything is answered but the first question about a host
  await answer(it, { silent: 'PLANNED_MAINTENANCE' });
  const { sessionId } = await it.tool.create({ maintenance_at: ahead(500), metadata: {} });
  await until(async () => (await it.tool.session(sessionId)).state === 'PLANNED_MAINTENANCE', {
    clock: systemClock,
    what: 'the question about a host',
    timeoutMs: 15_000,
    intervalMs: 10,
  });
  t.is((await disabled(it)).length, 2);
  await it.tool.remove(sessionId);
  t.deepEqual(await disabled(it), []);
});

test('a session that Fenix has lost is a failed one', async (t) => {
  const it = await started(t);
  const { sessionId } = await it.tool.create({ maintenance_at: ahead(3_600_000), metadata: {} });
  await it.ask('DELETE', `/v1/maintenance/${sessionId}`);
  const session = await ended(it.tool, sessionId);
  t.is(session.state, 'MAINTENANCE_FAILED');
  t.regex(session.reason ?? '', /the session is gone/);
});

test('asking for a session often does not ask Fenix more often; a token is sent', async (t) => {
  const it = await started(t, { poll_interval: 60_000 });
  const { sessionId } = await it.tool.create({ maintenance_at: ahead(3_600_000), metadata: {} });
  const before = it.proxy.requests.length;
  for (let look = 0; look < 50; look++) await it.tool.session(sessionId);
  t.is(it.proxy.requests.length, before);
  const token = String(it.proxy.lastHeaders['x-auth-token']);
  t.truthy(await it.cloud.doctor.role('cloud').validate(token));
});

test('constraints of instances and groups', async (t) => {
  const { tool, cloud } = await started(t);
  const { client } = tool;
  const constraints = {
    project_id: cloud.owner.projectId,
    group_id: 'group-1',
    instance_name: 'ha-0',
    max_interruption_time: 120,
    migration_type: 'LIVE_MIGRATE',
    resource_mitigation: true,
    lead_time: 30,
  };
  t.is(await client.instance('i-1'), undefined);
  await client.putInstance('i-1', constraints);
  t.deepEqual(await client.instance('i-1'), { instance_id: 'i-1', ...constraints });
  await client.deleteInstance('i-1');
  await t.notThrowsAsync(client.deleteInstance('i-1'));
  await t.throwsAsync(client.putInstance('i-1', { ...constraints, lead_time: '30 s' }), {
    message: /constraints\.lead_time/,
  });
  const group = {
    project_id: cloud.owner.projectId,
    group_name: 'ha',
    anti_affinity_group: true,
    max_instances_per_host: 1,
    max_impacted_members: 1,
    recovery_time: 10,
    resource_mitigation: true,
  };
  await client.putGroup('g-1', group);
  t.deepEqual(await client.group('g-1'), { group_id: 'g-1', ...group });
  await client.deleteGroup('g-1');
  t.is(await client.group('g-1'), undefined);
  t.is(await client.details('no-such-session'), undefined);
  t.is(await client.projectInstances('no-such-session', 'project'), undefined);
  await t.notThrowsAsync(client.update('no-such-session', { state: 'x' }));
});

backendWeather(
  test,
  async () => {
    const it = await create({}, IMPATIENT);
    const { role, proxy, ask } = it;
    return {
      role,
      proxy,
      calls: {
        sessions: () => role.sessions(),
        create: () => role.create({ maintenance_at: ahead(3_600_000), metadata: {} }),
      },
      left: async () => ((await ask('GET', '/v1/maintenance')) as { sessions: string[] }).sessions,
      close: () => it.close(),
    };
  },
  { name: 'fenix in bad weather' },
);
