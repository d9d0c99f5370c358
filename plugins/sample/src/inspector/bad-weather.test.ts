import { DoctorError } from '@nfv-doctor/core/plugin-api';
import test from 'ava';
import { event, eventually, startRig, statuses } from './rig.test.helper.js';

const unavailable = () => new DoctorError('CLOUD_ERROR', 'Nova answered 503', { retryable: true });
const hang = () => new Promise<void>(() => {});

test('a call that fails is tried again, and the others are not held up', async (t) => {
  const { inspector, cloud } = await startRig(t, { config: { retry_pause: 20, max_retry_pause: 20 } });
  let failures = 5;
  let othersDone = false;
  cloud.before = ({ name, resource }) => {
    if (name !== 'resetState' || resource !== 'a') return;
    if (failures-- > 0) throw unavailable();
    othersDone = cloud.instances.get('b')!.status === 'ERROR' && cloud.hosts.get('host-1')!.forcedDown;
  };
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  t.true(othersDone);
  t.like(statuses(cloud), { a: 'ERROR', b: 'ERROR' });
  t.deepEqual((await inspector.faults())[0]!.failures, []);
});

test('what fails for good is told by the fault and by an event; a refusal is not repeated', async (t) => {
  const { inspector, cloud, context } = await startRig(t, { config: { budget: 600 } });
  cloud.before = ({ name, resource }) => {
    if (name === 'forceDown') throw new DoctorError('CLOUD_FORBIDDEN', 'Policy does not allow it');
    if (resource === 'b') throw unavailable();
  };
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  const [fault] = await inspector.faults();
  t.deepEqual(fault!.failures.toSorted(), [
    'force-down of host-1: Policy does not allow it',
    'reset-state of b: Nova answered 503',
  ]);
  t.is(cloud.called('forceDown').length, 1);
  t.true(cloud.called('resetState').filter(({ resource }) => resource === 'b').length > 1);
  t.is(cloud.instances.get('a')!.status, 'ERROR');
  t.deepEqual(
    context.recorded
      .flatMap(({ name, data }) =>
        name === 'fault.action_failed' && 'resource' in data ? [data.resource] : [],
      )
      .toSorted(),
    ['b', 'host-1'],
  );
  // what was not done is not taken back
  cloud.before = () => {};
  cloud.calls.length = 0;
  await inspector.report([event('host-1', 'up')]);
  await inspector.settled();
  t.deepEqual(cloud.called('forceDown'), []);
  t.deepEqual(
    cloud.called('resetState').map(({ resource }) => resource),
    ['a'],
  );
});

test('a call that never answers holds up nobody, also not the recovery of the others', async (t) => {
  const { inspector, cloud } = await startRig(t, {
    config: { call_timeout: 3_000, budget: 6_000, force_down_head_start: 5 },
  });
  cloud.before = ({ name, resource, value }) =>
    name === 'resetState' && resource === 'a' && value === 'error' ? hang() : undefined;
  const started = performance.now();
  await inspector.report([event('host-1', 'down')]);
  await eventually('b to be in error', () => cloud.instances.get('b')!.status === 'ERROR');
  t.true(performance.now() - started < 3_000, 'before the call that hangs was given up');
  await inspector.report([event('host-1', 'up')]);
  await eventually('b to be active again', () => cloud.instances.get('b')!.status === 'ACTIVE');
  t.true(performance.now() - started < 3_000, 'before the call that hangs was given up');
  await inspector.settled();
  t.like(statuses(cloud), { a: 'ACTIVE', b: 'ACTIVE', c: 'ERROR' });
});

test('a hanging force-down costs the instances the head start and no more', async (t) => {
  const { inspector, cloud } = await startRig(t, {
    config: { call_timeout: 3_000, budget: 3_000, force_down_head_start: 10 },
  });
  cloud.before = ({ name, value }) => (name === 'forceDown' && value === true ? hang() : undefined);
  const started = performance.now();
  await inspector.report([event('host-1', 'down')]);
  await eventually('all in error', () =>
    ['a', 'b'].every((id) => cloud.instances.get(id)!.status === 'ERROR'),
  );
  t.true(performance.now() - started < 3_000, 'before the call that hangs was given up');
  await inspector.settled();
  t.regex((await inspector.faults())[0]!.failures[0]!, /force-down of host-1: .*no answer within 3000 ms/);
});

test('a bus that hangs or fails keeps nobody from acting', async (t) => {
  const { inspector, cloud, bus } = await startRig(t, { config: { budget: 200 } });
  bus.before = ({ payload }) =>
    payload.instance_id === 'a' ? hang() : Promise.reject(new Error('broker is down'));
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  t.like(statuses(cloud), { a: 'ERROR', b: 'ERROR' });
  const failures = async () => (await inspector.faults())[0]!.failures;
  await eventually('the failures', async () => (await failures()).length === 3);
  t.true((await failures()).every((failure) => failure.startsWith('publish event of ')));
});

test('an instance that is gone is no failure', async (t) => {
  const { inspector, cloud } = await startRig(t);
  cloud.instances.delete('a');
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  t.deepEqual((await inspector.faults())[0]!.failures, []);
});

test('no more calls are under way than allowed', async (t) => {
  const { inspector, cloud } = await startRig(t, {
    config: { concurrency: 4, total_concurrency: 6 },
    prepare: (fresh) => {
      for (let index = 0; index < 30; index++) {
        fresh.addInstance(`x${index}`, 'host-1');
        fresh.addInstance(`y${index}`, 'host-2');
      }
    },
  });
  const running = { total: 0, 'host-1': 0, 'host-2': 0 };
  const most = { ...running };
  cloud.before = async ({ name, resource }) => {
    if (name !== 'resetState') return;
    const host = cloud.instances.get(resource)!.hostname as 'host-1' | 'host-2';
    for (const key of ['total', host] as const) most[key] = Math.max(most[key], ++running[key]);
    await new Promise((resolve) => setTimeout(resolve, 1));
    for (const key of ['total', host] as const) running[key]--;
  };
  await inspector.report([event('host-1', 'down'), event('host-2', 'down')]);
  await inspector.settled();
  t.deepEqual(most, { total: 6, 'host-1': 4, 'host-2': 4 });
  t.true([...cloud.instances.values()].every(({ status }) => status === 'ERROR'));
});

test('start fails when the cloud cannot be listed, and leaves nothing behind', async (t) => {
  const { bus, cloud, inspector, restart } = await startRig(t);
  const subscribers = bus.subscribers;
  await inspector.stop(AbortSignal.timeout(1000));
  cloud.before = () => {
    throw new DoctorError('CLOUD_UNREACHABLE', 'compute does not answer');
  };
  t.like(await t.throwsAsync(restart()), { code: 'CLOUD_UNREACHABLE' });
  t.is(bus.subscribers, 0);
  t.true(subscribers > 0);
});
