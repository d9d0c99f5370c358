import test from 'ava';
import { event, startRig, statuses } from './rig.test.helper.js';

const manyHosts = (count: number) => ({
  prepare: (cloud: { addHost(name: string): unknown; addInstance(id: string, host: string): unknown }) => {
    for (let index = 0; index < count; index++) {
      cloud.addHost(`many-${index}`);
      cloud.addInstance(`on-${index}`, `many-${index}`);
    }
  },
});
const maintenance = (state: string, timestamp: string) => ({
  messageId: `m-${state}-${timestamp}`,
  publisherId: 'admin_tool',
  eventType: 'maintenance.host',
  priority: 'INFO',
  timestamp,
  payload: { session_id: 'session-1', project_id: 'project-1', host: 'host-1', state },
});

test('brake: beyond the limit hosts are held, and released when enough came back', async (t) => {
  const { inspector, cloud, context } = await startRig(t, { config: { max_hosts_down: 2 }, ...manyHosts(5) });
  await inspector.report([0, 1, 2, 3, 4].map((index) => event(`many-${index}`, 'down')));
  await inspector.settled();
  const forced = () =>
    [...cloud.hosts.values()].filter(({ forcedDown }) => forcedDown).map(({ hostname }) => hostname);
  t.deepEqual(forced(), ['many-0', 'many-1']);
  t.is((await inspector.faults()).length, 2);
  t.is(
    context.recorded.filter(
      ({ name, data }) => name === 'fault.suppressed' && 'reason' in data && data.reason === 'storm',
    ).length,
    3,
  );
  const held = (await inspector.faults({ includeCleared: true })).filter(
    ({ state }) => state === 'suppressed',
  );
  t.is(held.length, 3);
  t.regex(held[0]!.evidence.at(-1)!.rule, /more than 2 hosts down/);

  await inspector.report([event('many-0', 'up'), event('many-3', 'up')]);
  await inspector.settled();
  t.deepEqual(forced(), ['many-1'], 'three are still down: the storm is on');
  await inspector.report([event('many-4', 'up')]);
  await inspector.settled();
  t.deepEqual(forced(), ['many-1', 'many-2'], 'the storm is over: who is still down is handled');
  t.is(cloud.instances.get('on-3')!.status, 'ACTIVE');
  t.false(cloud.called('resetState').some(({ resource }) => resource === 'on-3'));
});

test('brake: an operator confirms a held fault; on_storm act does not hold', async (t) => {
  const { inspector, cloud } = await startRig(t, { config: { max_hosts_down: 1 } });
  await inspector.report([event('host-1', 'down'), event('host-2', 'down')]);
  await inspector.settled();
  t.false(cloud.hosts.get('host-2')!.forcedDown);
  const [held] = (await inspector.faults({ includeCleared: true })).filter(
    ({ state }) => state === 'suppressed',
  );
  const answer = await fetch(new URL(`/faults/${held!.faultId}/confirm`, inspector.endpoint), {
    method: 'POST',
  });
  t.is(answer.status, 200);
  await inspector.settled();
  t.true(cloud.hosts.get('host-2')!.forcedDown);
  const again = await fetch(new URL(`/faults/${held!.faultId}/confirm`, inspector.endpoint), {
    method: 'POST',
  });
  t.is(again.status, 409);
  t.is((await fetch(new URL('/faults/none/confirm', inspector.endpoint), { method: 'POST' })).status, 404);

  const reckless = await startRig(t, { config: { max_hosts_down: 1, on_storm: 'act' } });
  await reckless.inspector.report([event('host-1', 'down'), event('host-2', 'down')]);
  await reckless.inspector.settled();
  t.true(reckless.cloud.hosts.get('host-2')!.forcedDown);
});

test('confirm_by: acts when so many distinct monitors agree', async (t) => {
  const { inspector, cloud } = await startRig(t, { config: { confirm_by: 2 } });
  await inspector.report([
    event('host-1', 'down', { monitor: 'ping' }),
    event('host-1', 'down', { monitor: 'ping' }),
  ]);
  await inspector.settled();
  t.false(cloud.hosts.get('host-1')!.forcedDown);
  // the second one saw it earlier: its event is not stale
  await inspector.report([
    event('host-1', 'down', { monitor: 'collectd' }, new Date(Date.now() - 7_200_000).toISOString()),
  ]);
  await inspector.settled();
  t.true(cloud.hosts.get('host-1')!.forcedDown);
  await inspector.report([event('host-1', 'up', { monitor: 'ping' })]);
  await inspector.settled();
  t.false(cloud.hosts.get('host-1')!.forcedDown, 'one alone does not hold it down');
});

test('maintenance: recorded, not acted upon; still down at its end: handled', async (t) => {
  const { inspector, cloud, bus } = await startRig(t);
  await bus.deliver(maintenance('IN_MAINTENANCE', '2026-11-23 16:55:00.000100'));
  t.deepEqual(await inspector.report([event('host-1', 'down')]), { accepted: 0, ignored: 1 });
  await inspector.settled();
  t.false(cloud.hosts.get('host-1')!.forcedDown);
  await bus.deliver(maintenance('MAINTENANCE_COMPLETE', '2026-11-23 16:56:00.000000'));
  await inspector.settled();
  t.true(cloud.hosts.get('host-1')!.forcedDown);
  t.like(statuses(cloud), { a: 'ERROR', b: 'ERROR' });
});

test('maintenance: down and up within it leave no trace but the record', async (t) => {
  const { inspector, cloud, bus } = await startRig(t);
  await bus.deliver(maintenance('IN_MAINTENANCE', '2026-11-23 16:55:00.000000'));
  cloud.calls.length = 0;
  await inspector.report([event('host-1', 'down'), event('host-1', 'up')]);
  await bus.deliver(maintenance('MAINTENANCE_COMPLETE', '2026-11-23 16:56:00.000000'));
  await inspector.settled();
  t.deepEqual(cloud.calls, []);
  t.deepEqual(
    (await inspector.faults({ includeCleared: true })).map(({ state, evidence }) => [
      state,
      evidence.map(({ verdict }) => verdict),
    ]),
    [['cleared', ['declared_down', 'suppressed', 'cleared']]],
  );
});

test('maintenance: messages that arrive in the wrong order are put in theirs', async (t) => {
  const { inspector, cloud, bus } = await startRig(t);
  await bus.deliver(maintenance('MAINTENANCE_COMPLETE', '2026-11-23 16:55:00.002000'));
  await bus.deliver(maintenance('IN_MAINTENANCE', '2026-11-23 16:55:00.001900'));
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  t.true(cloud.hosts.get('host-1')!.forcedDown);
});

test('maintenance: a host that was down before and comes back within is taken back at its end', async (t) => {
  const { inspector, cloud } = await startRig(t);
  await inspector.report([event('host-1', 'down')]);
  await inspector.settled();
  const message = { session_id: 's', project_id: 'p', host: 'host-1' };
  await inspector.hostMaintenance({ ...message, state: 'IN_MAINTENANCE' });
  t.deepEqual(await inspector.report([event('host-1', 'up')]), { accepted: 0, ignored: 1 });
  await inspector.settled();
  t.true(cloud.hosts.get('host-1')!.forcedDown);
  await inspector.hostMaintenance({ ...message, state: 'MAINTENANCE_COMPLETE' });
  await inspector.settled();
  t.false(cloud.hosts.get('host-1')!.forcedDown);
  t.like(statuses(cloud), { a: 'ACTIVE', b: 'ACTIVE' });
});
