import test from 'ava';
import { event, eventually, startRig, statuses } from './rig.test.helper.js';

test('after a restart the fault is known and taken back when the host is up', async (t) => {
  const { inspector, cloud, restart } = await startRig(t, { config: { set_ports_down: true } });
  const old = event('host-1', 'up');
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  const [before] = await inspector.faults();
  await inspector.stop(AbortSignal.timeout(1000));

  cloud.calls.length = 0;
  const second = await restart();
  await second.settled();
  t.deepEqual(cloud.called('resetState'), [], 'what is done is not done again');
  t.deepEqual(await second.faults(), [before!]);
  t.deepEqual(await second.report([old]), { accepted: 0, ignored: 1 }, 'stale, also after the restart');
  await second.report([event('host-1', 'up')]);
  await second.settled();
  t.like(statuses(cloud), { a: 'ACTIVE', b: 'ACTIVE', c: 'ERROR' });
  t.false(cloud.hosts.get('host-1')!.forcedDown);
  t.is(cloud.ports.get('port-of-a')!.dataPlaneStatus, null);
});

test('what was interrupted is gone on with', async (t) => {
  const { inspector, cloud, restart } = await startRig(t, {
    config: { call_timeout: 60_000, force_down_head_start: 0 },
  });
  cloud.before = ({ name, resource }) =>
    name === 'resetState' && resource !== 'b' ? new Promise(() => {}) : undefined;
  await inspector.report([event('host-1', 'down')]);
  await eventually('b in error', () => cloud.instances.get('b')!.status === 'ERROR');
  await inspector.stop(AbortSignal.timeout(1000));
  t.is(cloud.instances.get('a')!.status, 'ACTIVE');

  cloud.before = () => {};
  const second = await restart();
  await second.settled();
  t.like(statuses(cloud), { a: 'ERROR', b: 'ERROR' });
  await second.report([event('host-1', 'up')]);
  await second.settled();
  t.like(statuses(cloud), { a: 'ACTIVE', b: 'ACTIVE', c: 'ERROR' });
});

test('what was interrupted while it was taken back is gone on with', async (t) => {
  const { inspector, cloud, restart } = await startRig(t, { config: { call_timeout: 60_000 } });
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  cloud.before = ({ name }) => (name === 'instance' ? new Promise(() => {}) : undefined);
  await inspector.report([event('host-1', 'up')]);
  await eventually('the host up', () => !cloud.hosts.get('host-1')!.forcedDown);
  await inspector.stop(AbortSignal.timeout(1000));

  cloud.before = () => {};
  const second = await restart();
  await second.settled();
  t.like(statuses(cloud), { a: 'ACTIVE', b: 'ACTIVE', c: 'ERROR' });
  t.deepEqual(await second.faults(), []);
});

test('instances that came to the host while nobody watched are handled after the restart', async (t) => {
  const { inspector, cloud, restart } = await startRig(t);
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  await inspector.stop(AbortSignal.timeout(1000));
  cloud.addInstance('late', 'host-1');
  const second = await restart();
  await second.settled();
  t.is(cloud.instances.get('late')!.status, 'ERROR');
});

test('holds and hosts in maintenance survive a restart', async (t) => {
  const { inspector, cloud, restart } = await startRig(t, { config: { max_hosts_down: 1 } });
  await inspector.hostMaintenance({
    session_id: 's',
    project_id: 'p',
    host: 'host-1',
    state: 'IN_MAINTENANCE',
  });
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  await inspector.stop(AbortSignal.timeout(1000));
  const second = await restart();
  t.deepEqual(await second.faults(), []);
  await second.hostMaintenance({
    session_id: 's',
    project_id: 'p',
    host: 'host-1',
    state: 'MAINTENANCE_COMPLETE',
  });
  await second.settled();
  t.true(cloud.hosts.get('host-1')!.forcedDown);
});
