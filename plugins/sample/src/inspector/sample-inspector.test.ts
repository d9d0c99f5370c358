import { inspectorContract } from '@nfv-doctor/core/testing';
import test from 'ava';
import { event, startRig, statuses, update } from './rig.test.helper.js';

inspectorContract(test, async (t) => {
  const { inspector, cloud, context } = await startRig(t, {
    prepare: (fresh) => void fresh.instances.delete('c'),
  });
  return {
    inspector,
    hosts: ['host-1', 'host-2'],
    instances: { 'host-1': ['a', 'b'], 'host-2': ['d'] },
    recorded: context.recorded,
    forcedDown: (host) => cloud.hosts.get(host)!.forcedDown,
    status: (id) => cloud.instances.get(id)!.status,
    close: async () => {},
  };
});

test('force-down leaves first, then every instance, with no list call before', async (t) => {
  const { inspector, cloud } = await startRig(t);
  cloud.calls.length = 0;
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  t.deepEqual(
    cloud.calls.map(({ name, resource }) => [name, resource]),
    [
      ['forceDown', 'host-1'],
      ['resetState', 'a'],
      ['resetState', 'b'],
      ['resetState', 'c'],
    ],
  );
});

test('up takes back exactly what was done: what was in error before stays so', async (t) => {
  const { inspector, cloud, bus } = await startRig(t, { config: { set_ports_down: true } });
  cloud.ports.get('port-of-b')!.dataPlaneStatus = 'ACTIVE';
  cloud.ports.get('port-of-c')!.dataPlaneStatus = 'DOWN';
  const before = { ports: structuredClone([...cloud.ports.values()]), statuses: statuses(cloud) };
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  t.deepEqual(statuses(cloud), { a: 'ERROR', b: 'ERROR', c: 'ERROR', d: 'ACTIVE' });
  t.deepEqual(
    [...cloud.ports.values()].map(({ dataPlaneStatus }) => dataPlaneStatus),
    ['DOWN', 'DOWN', 'DOWN', null],
  );
  await inspector.report([event('host-1', 'up')]);
  await inspector.settled();
  t.deepEqual(statuses(cloud), before.statuses);
  t.deepEqual([...cloud.ports.values()], before.ports);
  t.false(cloud.hosts.get('host-1')!.forcedDown);
  t.false(cloud.called('setDataPlaneStatus').some(({ resource }) => resource === 'port-of-c'));
  t.deepEqual(bus.published.map(({ payload }) => [payload.instance_id, payload.state].join(' ')).toSorted(), [
    'a active',
    'a error',
    'b active',
    'b error',
    'c error',
  ]);
});

test('up leaves alone what somebody else changed meanwhile', async (t) => {
  const { inspector, cloud, context } = await startRig(t);
  cloud.addHost('host-3');
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  cloud.instances.get('a')!.hostname = 'host-3';
  cloud.instances.delete('b');
  cloud.calls.length = 0;
  await inspector.report([event('host-1', 'up')]);
  await inspector.settled();
  t.deepEqual(cloud.called('resetState'), []);
  t.is(cloud.instances.get('a')!.status, 'ERROR');
  t.false(context.recorded.some(({ name }) => name === 'fault.action_failed'));
});

test('a host that was forced down before the fault stays forced down', async (t) => {
  const { inspector, cloud } = await startRig(t, {
    prepare: (fresh) => {
      fresh.hosts.get('host-1')!.forcedDown = true;
    },
  });
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  await inspector.report([event('host-1', 'up')]);
  await inspector.settled();
  t.true(cloud.hosts.get('host-1')!.forcedDown);
  t.is(cloud.instances.get('a')!.status, 'ACTIVE');
});

test('the second fault of a host is handled like the first', async (t) => {
  const { inspector, cloud } = await startRig(t);
  for (let round = 0; round < 3; round++) {
    t.deepEqual(await inspector.report([event('host-1', 'down')]), { accepted: 1, ignored: 0 });
    await inspector.settled();
    t.like(statuses(cloud), { a: 'ERROR', b: 'ERROR' });
    await inspector.report([event('host-1', 'up')]);
    await inspector.settled();
    t.like(statuses(cloud), { a: 'ACTIVE', b: 'ACTIVE', c: 'ERROR' });
    t.false(cloud.hosts.get('host-1')!.forcedDown);
  }
});

test('down again while up is being handled: ends down, and the next up takes all back', async (t) => {
  const { inspector, cloud } = await startRig(t);
  await inspector.report([event('host-1', 'down')]);
  await inspector.report([event('host-1', 'up')]);
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  t.like(statuses(cloud), { a: 'ERROR', b: 'ERROR' });
  t.true(cloud.hosts.get('host-1')!.forcedDown);
  await inspector.report([event('host-1', 'up')]);
  await inspector.settled();
  t.like(statuses(cloud), { a: 'ACTIVE', b: 'ACTIVE', c: 'ERROR' });
  t.false(cloud.hosts.get('host-1')!.forcedDown);
});

test('repeated, stale and duplicate events change nothing and are recorded as evidence', async (t) => {
  const { inspector, cloud, context } = await startRig(t);
  const old = event('host-1', 'down');
  const first = event('host-1', 'down');
  await inspector.report([first]);
  await inspector.settled();
  cloud.calls.length = 0;
  t.deepEqual(await inspector.report([first, old, event('host-1', 'down')]), { accepted: 0, ignored: 3 });
  t.deepEqual(await inspector.report([{ ...event('host-1', 'up'), time: old.time }]), {
    accepted: 0,
    ignored: 1,
  });
  await inspector.settled();
  t.deepEqual(cloud.calls, []);
  const [fault] = await inspector.faults();
  t.deepEqual(
    fault!.evidence.map(({ verdict }) => verdict),
    ['declared_down', 'duplicate', 'stale', 'repeated', 'stale'],
  );
  t.is(context.recorded.filter(({ name }) => name === 'fault.suppressed').length, 4);
});

test('an event from the future does not make all later ones stale', async (t) => {
  const { inspector } = await startRig(t);
  await inspector.report([event('host-1', 'down', {}, '2999-01-01T00:00:00Z')]);
  const later = event('host-1', 'up', {}, new Date(Date.now() + 5).toISOString());
  t.deepEqual(await inspector.report([later]), { accepted: 1, ignored: 0 });
});

test('conservative: nothing is published; shortcut: before the first call to the cloud', async (t) => {
  const conservative = await startRig(t, { config: { mode: 'conservative' } });
  await conservative.inspector.report([event('host-1', 'down')]);
  await conservative.inspector.settled();
  t.deepEqual(conservative.bus.published, []);

  const shortcut = await startRig(t);
  let publishedBefore = -1;
  shortcut.cloud.before = () => {
    if (publishedBefore < 0) publishedBefore = shortcut.bus.published.length;
  };
  await shortcut.inspector.report([event('host-1', 'down')]);
  await shortcut.inspector.settled();
  t.is(publishedBefore, 3);
  t.like(shortcut.bus.published[0], {
    eventType: 'compute.instance.update',
    publisherId: 'doctor.inspector',
    payload: {
      instance_id: 'a',
      tenant_id: 'project-1',
      state: 'error',
      old_state: 'active',
      host: 'host-1',
      display_name: 'name-of-a',
    },
  });
  t.is(new Set(shortcut.bus.published.map(({ messageId }) => messageId)).size, 3);
});

test('hold_until_changed: an instance is published when its state has changed', async (t) => {
  const { inspector, cloud, bus } = await startRig(t, { config: { hold_until_changed: true } });
  bus.before = ({ payload }) => void t.is(cloud.instances.get(String(payload.instance_id))!.status, 'ERROR');
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  t.is(bus.published.length, 3);
});

test('an instance that shows up on a host that is down is handled too, and taken back with the others', async (t) => {
  const { inspector, cloud, bus } = await startRig(t);
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  cloud.addInstance('late', 'host-1');
  await bus.deliver(update('late', { host: 'host-1' }));
  await inspector.settled();
  t.is(cloud.instances.get('late')!.status, 'ERROR');
  t.true(bus.published.some(({ payload }) => payload.instance_id === 'late'));
  const [fault] = await inspector.faults({ resource: 'late' });
  t.deepEqual(fault!.affectedInstances, ['a', 'b', 'c', 'late']);
  await inspector.report([event('host-1', 'up')]);
  await inspector.settled();
  t.is(cloud.instances.get('late')!.status, 'ACTIVE');
});

test('a fault of a network interface is told, and nothing is done about it', async (t) => {
  const { inspector, cloud } = await startRig(t);
  cloud.calls.length = 0;
  const nic = { ...event('host-1', 'down', { severity: 'low' }), type: 'compute.host.nic.down' };
  t.deepEqual(await inspector.report([nic]), { accepted: 1, ignored: 0 });
  await inspector.settled();
  t.deepEqual(cloud.calls, []);
  t.like((await inspector.faults({ type: 'compute.host.nic.down' }))[0], {
    severity: 'low',
    state: 'active',
  });
  t.deepEqual(await inspector.faults({ minimumSeverity: 'critical' }), []);
  await inspector.report([{ ...event('host-1', 'up'), type: 'compute.host.nic.up' }]);
  t.deepEqual(await inspector.faults(), []);
});

test('an unknown host is refused with the nearest match; one that the cloud got since is known', async (t) => {
  const { inspector, cloud } = await startRig(t);
  const error = await t.throwsAsync(inspector.report([event('host-1', 'down'), event('host-11', 'down')]));
  t.like(error, { code: 'NOT_FOUND', details: { field: 'events[1].details.hostname', nearest: 'host-1' } });
  t.is(cloud.hosts.get('host-1')!.forcedDown, false, 'no half action');

  const fresh = await startRig(t);
  fresh.cloud.addHost('host-9');
  t.deepEqual(await fresh.inspector.report([event('host-9', 'down')]), { accepted: 1, ignored: 0 });
});
