import test from 'ava';
import fc from 'fast-check';
import { instanceChange, serviceChange } from './nova-notifications.js';
import { type InstanceChange, ResourceMap } from './resource-map.js';
import { eventually, startRig, update } from './rig.test.helper.js';

const listed = (id: string, hostname: string | null, status = 'ACTIVE') => ({
  id,
  name: id,
  projectId: 'project',
  status,
  hostname,
  addresses: {},
  metadata: {},
});
const change = (id: string, more: Partial<InstanceChange> = {}): InstanceChange => ({
  id,
  deleted: false,
  projectId: 'project',
  state: 'active',
  at: 1000,
  publisher: 'compute.one',
  ...more,
});
const ids = (map: ResourceMap, hostname: string) =>
  map
    .instancesOf(hostname)
    .map(({ id }) => id)
    .toSorted();
const snapshot = (map: ResourceMap, ...instances: ReturnType<typeof listed>[]) => {
  const mark = map.beginSnapshot();
  map.applyPage(mark, instances);
  return map.endSnapshot(mark);
};

test('a snapshot that races with notifications loses none of them', (t) => {
  const map = new ResourceMap();
  snapshot(map, listed('stays', 'one'), listed('moves', 'one'), listed('goes', 'one'), listed('lost', 'one'));
  const mark = map.beginSnapshot();
  // the list was made before all of these
  map.apply(change('moves', { hostname: 'two' }));
  map.apply(change('goes', { deleted: true }));
  map.apply(change('new', { hostname: 'two' }));
  map.applyPage(mark, [listed('stays', 'one'), listed('moves', 'one'), listed('goes', 'one')]);
  t.is(map.endSnapshot(mark), 1);
  t.deepEqual(ids(map, 'one'), ['stays']);
  t.deepEqual(ids(map, 'two'), ['moves', 'new']);
});

test('a late notification does not bring a deleted instance back', (t) => {
  const map = new ResourceMap();
  map.apply(change('x', { hostname: 'one' }));
  map.apply(change('x', { deleted: true, at: 2000 }));
  t.false(map.apply(change('x', { hostname: 'one', at: 1500 })));
  snapshot(map, listed('x', 'one'));
  t.is(map.size, 0);
});

test("order is a publisher's own; the clocks of two publishers are not compared closely", (t) => {
  const map = new ResourceMap();
  map.apply(change('x', { hostname: 'one', at: 5000 }));
  t.false(map.apply(change('x', { hostname: 'zero', at: 4999 })), 'older, from the same publisher');
  // the destination of a migration, whose clock is slow
  t.true(map.apply(change('x', { hostname: 'two', at: 4200, publisher: 'compute.two' })));
  t.deepEqual(ids(map, 'two'), ['x']);
  t.false(map.apply(change('x', { hostname: 'three', at: -60_000, publisher: 'compute.three' })), 'a replay');
});

test('random notifications and snapshots keep hosts and instances consistent', (t) => {
  const host = fc.constantFrom('one', 'two', 'three', '');
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('change' as const), id, host, deleted: fc.boolean() }),
    fc.record({
      kind: fc.constant('snapshot' as const),
      list: fc.uniqueArray(fc.record({ id, host }), { selector: (each) => each.id }),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const map = new ResourceMap();
      let at = 0;
      for (const each of steps) {
        at += 1000;
        if (each.kind === 'change')
          map.apply(change(each.id, { hostname: each.host, deleted: each.deleted, at }));
        else snapshot(map, ...each.list.map((entry) => listed(entry.id, entry.host || null)));
      }
      const placed = [...map.hostnames].flatMap((hostname) =>
        map.instancesOf(hostname).map((instance) => [hostname, instance] as const),
      );
      for (const [hostname, instance] of placed)
        if (instance.hostname !== hostname || map.get(instance.id) !== instance)
          throw new Error('inconsistent');
      if (new Set(placed.map(([, { id: each }]) => each)).size !== placed.length)
        throw new Error('on two hosts');
    }),
  );
  t.pass();
});

test('only notifications that tell the truth about the host are heeded', (t) => {
  // sent by the source of a live migration after the destination has told that it has the instance
  t.is(
    instanceChange(
      update('x', { host: 'source' }, { eventType: 'compute.instance.live_migration._post.end' }),
    ),
    undefined,
  );
  t.is(
    instanceChange(update('x', { host: 'old' }, { eventType: 'compute.instance.rebuild.end' })),
    undefined,
  );
  t.like(instanceChange(update('x', { host: 'compute-3', state: 'resized' })), {
    hostname: 'compute-3',
    state: 'resized',
    deleted: false,
  });
  t.like(instanceChange(update('x', { host: null })), { hostname: '' });
  t.false('hostname' in instanceChange(update('x', {}))!);
  t.true(instanceChange(update('x', { host: 'compute-3', state: 'deleted' }))!.deleted);
});

test('versioned notifications are read', (t) => {
  const data = { uuid: 'u', tenant_id: 'p', display_name: 'vm', host: 'compute-1', state: 'ERROR' };
  const payload = { 'nova_object.name': 'InstanceUpdatePayload', 'nova_object.data': data };
  t.like(instanceChange(update('', {}, { eventType: 'instance.update', payload })), {
    id: 'u',
    projectId: 'p',
    name: 'vm',
    hostname: 'compute-1',
    state: 'error',
  });
  const service = { host: 'compute-1', binary: 'nova-compute', forced_down: true };
  t.deepEqual(
    serviceChange(update('', {}, { eventType: 'service.update', payload: { 'nova_object.data': service } })),
    {
      hostname: 'compute-1',
      deleted: false,
      forcedDown: true,
    },
  );
});

test('the map is kept by the bus: create, move, delete', async (t) => {
  const { inspector, bus } = await startRig(t);
  const on = (hostname: string) => inspector.instancesOn(hostname).map(({ id }) => id);
  await bus.deliver(update('n', { host: null, state: 'building' }));
  await bus.deliver(update('n', { host: 'host-2' }));
  t.deepEqual(on('host-2'), ['d', 'n']);
  await bus.deliver(update('n', { host: 'host-1' }, { publisherId: 'compute.host-2' }));
  t.deepEqual(on('host-2'), ['d']);
  await bus.deliver(update('n', { host: 'host-1' }, { eventType: 'compute.instance.delete.end' }));
  t.deepEqual(on('host-1'), ['a', 'b', 'c']);
});

test('after a reconnect a snapshot is taken; a failed one is told by health and tried again', async (t) => {
  const { inspector, bus, cloud } = await startRig(t);
  cloud.addInstance('missed', 'host-2');
  cloud.instances.delete('d');
  bus.reconnect();
  await eventually(
    'the snapshot',
    () =>
      inspector
        .instancesOn('host-2')
        .map(({ id }) => id)
        .join() === 'missed',
  );
  cloud.before = () => {
    throw new Error('out of order');
  };
  bus.reconnect();
  await eventually('bad health', () => inspector.health().status === 'degraded');
  t.regex(inspector.health().detail, /out of order/);
});
