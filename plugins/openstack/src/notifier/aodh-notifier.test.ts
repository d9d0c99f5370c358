import {
  type Alarm,
  type AlarmRequest,
  type MessageBus,
  type ProjectOwner,
  until,
} from '@nfv-doctor/core/plugin-api';
import { createTestContext, FakeMessageBus, systemClock } from '@nfv-doctor/core/testing';
import test, { type ExecutionContext } from 'ava';
import { configOf, startFakeCloud } from '../testing/fake-cloud.test.util.js';
import { fixture } from '../testing/fixtures.test.util.js';
import { createSession, recordingLog } from '../testing/session.test.util.js';
import { AodhNotifier } from './aodh-notifier.js';
import { type AodhConfig, aodhConfig } from './config.js';

const signal = new AbortController().signal;
const ALARMS = '/alarming/v2/alarms';
const created = fixture('aodh-alarm-create');
const recorded = created.response.body as Alarm & Record<string, unknown>;
const ONE = `${ALARMS}/${recorded.alarm_id}`;

async function setUp(t: ExecutionContext, changes: Record<string, unknown> = {}, messageBus?: MessageBus) {
  const cloud = await startFakeCloud();
  const { session } = createSession(systemClock, cloud.url);
  const context = await createTestContext();
  t.teardown(async () => {
    await session.stop();
    await context.close();
    await cloud.close();
  });
  cloud.on(`POST ${ALARMS}`, { status: 201, json: recorded });
  cloud.on(`DELETE ${ONE}`, { status: 204 });
  const config = configOf<AodhConfig>(aodhConfig, changes);
  const notifier = new AodhNotifier(
    { cloud: session, clock: systemClock, events: context.events, ...(messageBus ? { messageBus } : {}) },
    config,
    recordingLog().log,
  );
  const owner: ProjectOwner = {
    projectId: 'p2',
    userId: 'u2',
    credentials: { authUrl: cloud.url, userId: 'u2', password: 'owner-secret', projectId: 'p2' },
  };
  return { cloud, notifier, context, owner };
}

test('creates an alarm as recorded, as its owner, and says so', async (t) => {
  const { cloud, notifier, context, owner } = await setUp(t);
  const alarm = await notifier.createAlarm(created.request.body as AlarmRequest, owner);
  const [authentication, sent] = cloud.requests.slice(-2);
  t.regex(authentication?.body ?? '', /"id":"u2"/);
  t.deepEqual(JSON.parse(sent?.body ?? ''), created.request.body);
  const { evaluate_timestamp: _, time_constraints: __, ...expected } = recorded;
  t.deepEqual(alarm, expected as never);
  t.deepEqual(context.recorded.at(-1)?.data, {
    alarmId: recorded.alarm_id,
    name: recorded.name,
    projectId: recorded.project_id,
  });
});

for (const [name, state] of [
  ['aodh-alarm-get-before', 'insufficient data'],
  ['aodh-alarm-get-fired', 'alarm'],
] as const)
  test(name, async (t) => {
    const { cloud, notifier } = await setUp(t);
    cloud.on(`GET ${ONE}`, { json: fixture(name).response.body });
    t.is((await notifier.getAlarm(recorded.alarm_id)).state, state);
  });

test('lists event alarms, of all projects when asked', async (t) => {
  const { cloud, notifier } = await setUp(t);
  const list = fixture('aodh-alarm-list').response.body as unknown[];
  cloud.on(`GET ${ALARMS}`, { json: [...list, { ...recorded, alarm_id: 'other', type: 'threshold' }] });
  t.deepEqual(
    (await notifier.listAlarms()).map(({ alarm_id }) => alarm_id),
    [recorded.alarm_id],
  );
  t.is(cloud.requests.at(-1)?.path, ALARMS);
  await notifier.listAlarms(undefined, { allProjects: true });
  t.is(cloud.requests.at(-1)?.path, `${ALARMS}?q.field=all_projects&q.op=eq&q.value=true`);
});

test('an update sends the whole alarm with the change', async (t) => {
  const { cloud, notifier } = await setUp(t);
  cloud.on(`GET ${ONE}`, { json: recorded });
  cloud.on(`PUT ${ONE}`, ({ body }) => ({ json: JSON.parse(body) }));
  const changed = await notifier.updateAlarm(recorded.alarm_id, { severity: 'low' });
  t.is(changed.severity, 'low');
  t.deepEqual(JSON.parse(cloud.requests.at(-1)?.body ?? ''), { ...recorded, severity: 'low' });
});

test('sets the state as recorded: a JSON text', async (t) => {
  const { cloud, notifier } = await setUp(t);
  cloud.on(`PUT ${ONE}/state`, { json: 'ok' });
  await notifier.setAlarmState(recorded.alarm_id, 'ok');
  t.is(cloud.requests.at(-1)?.body, '"ok"');
  t.is(JSON.parse(cloud.requests.at(-1)?.body ?? ''), fixture('aodh-alarm-state-put').request.body);
});

test('stop deletes what is left, with each owner; twice does nothing more', async (t) => {
  const { cloud, notifier, owner } = await setUp(t);
  await notifier.createAlarm(created.request.body as AlarmRequest, owner);
  await notifier.stop(signal);
  await notifier.stop(signal);
  t.is(cloud.count(`DELETE ${ONE}`), 1);
});

test('an alarm that is gone was deleted already', async (t) => {
  const { cloud, notifier } = await setUp(t);
  cloud.on(`DELETE ${ONE}`, { status: 404, json: { error_message: { faultstring: 'Alarm not found' } } });
  await t.notThrowsAsync(notifier.deleteAlarm(recorded.alarm_id));
});

test('when the owner is gone the administrator deletes the alarm', async (t) => {
  const { cloud, notifier, owner } = await setUp(t);
  await notifier.createAlarm(created.request.body as AlarmRequest, owner);
  const ownersToken = cloud.requests.at(-1)?.headers['x-auth-token'];
  cloud.on(`DELETE ${ONE}`, ({ headers }) =>
    headers['x-auth-token'] === ownersToken ? { status: 401 } : { status: 204 },
  );
  const issue = {
    expires_at: '2999-01-01T00:00:00Z',
    user: { id: 'admin' },
    roles: [],
    catalog: [{ type: 'alarming', endpoints: [{ interface: 'public', url: `${cloud.url}/alarming` }] }],
  };
  cloud.on('POST /v3/auth/tokens', ({ body }) =>
    body.includes('"u2"')
      ? { status: 401, json: { error: { message: 'Could not find user' } } }
      : { status: 201, headers: { 'x-subject-token': 'admin' }, json: { token: issue } },
  );
  await notifier.stop(signal);
  t.is(cloud.requests.at(-1)?.headers['x-auth-token'], 'admin');
});

test('stop names what it could not delete', async (t) => {
  const { cloud, notifier } = await setUp(t);
  await notifier.createAlarm(created.request.body as AlarmRequest);
  cloud.on(`DELETE ${ONE}`, { status: 500, json: { error_message: { faultstring: 'database is gone' } } });
  await t.throwsAsync(notifier.stop(signal), { message: /left in Aodh: ac21b60b.*database is gone/ });
});

test('another alarm API by its endpoint: the same session', async (t) => {
  const other = await startFakeCloud();
  t.teardown(() => other.close());
  const { notifier } = await setUp(t, { endpoint: other.url });
  other.on('GET /v2/alarms', { json: [] });
  await notifier.start(signal);
  t.is(notifier.endpoint?.href, `${other.url}/`);
  t.regex(String(other.requests[0]?.headers['x-auth-token']), /^token-/);
});

test('a new alarm is said to be ready when Aodh can see it', async (t) => {
  const { notifier } = await setUp(t, { alarm_cache_ttl: 200 });
  const before = performance.now();
  await notifier.createAlarm(created.request.body as AlarmRequest);
  t.true(performance.now() - before >= 195);
});

test('an alarm is set back to ok, once, when its instance leaves error; also while Aodh restarts', async (t) => {
  const bus = new FakeMessageBus();
  const { cloud, notifier, owner, context } = await setUp(t, {}, bus);
  cloud.on(`GET ${ALARMS}`, { json: [] });
  cloud.on(`PUT ${ONE}/state`, ({ nth }) => (nth < 5 ? { status: 503 } : { json: 'ok' }));
  await notifier.start(signal);
  const event_rule = {
    event_type: 'compute.instance.update',
    query: [
      { field: 'traits.instance_id', type: 'string' as const, op: 'eq' as const, value: 'vm-1' },
      { field: 'traits.state', type: 'string' as const, op: 'eq' as const, value: 'error' },
    ],
  };
  await notifier.createAlarm({ ...(created.request.body as AlarmRequest), event_rule }, owner);
  const says = (state: string, instance_id = 'vm-1') =>
    bus.deliver({
      messageId: `${instance_id} ${state}`,
      publisherId: 'nova',
      eventType: 'compute.instance.update',
      priority: 'INFO',
      payload: { instance_id, state },
      timestamp: '2030-01-01T00:00:00.000000Z',
    });
  await says('active');
  await says('active', 'vm-2');
  t.is(cloud.count(`PUT ${ONE}/state`), 0);
  await says('error');
  t.like(context.recorded.at(-1)?.data, { name: 'T05', instanceId: 'vm-1' });
  await says('active');
  await says('active');
  await until(() => cloud.count(`PUT ${ONE}/state`) === 6, {
    clock: systemClock,
    what: 'the sixth attempt',
    timeoutMs: 10_000,
  });
  await notifier.stop(signal);
  t.is(cloud.requests.findLast(({ method }) => method === 'PUT')?.body, '"ok"');
  t.is(bus.subscribers, 0);
});
