import test from 'ava';
import { checkMaintenance, type Expectations, type Rule, type StateChange } from './index.js';

/** Two hosts, a pair with a floating IP, and a maintenance of both hosts that keeps every promise. */
function goodLog(): StateChange[] {
  const instance = (at: number, id: string, hostname: string | null, status = 'ACTIVE'): StateChange => ({
    at,
    kind: 'instance',
    id,
    projectId: 'p',
    status,
    hostname,
  });
  const host = (at: number, hostname: string, enabled = true, up = true): StateChange => ({
    at,
    kind: 'host',
    hostname,
    up,
    enabled,
  });
  const announce = (at: number, hostname: string, done = false): StateChange => ({
    at,
    kind: 'host_message',
    sessionId: 's',
    hostname,
    state: done ? 'MAINTENANCE_COMPLETE' : 'IN_MAINTENANCE',
  });
  const message = (at: number, state: string): StateChange => ({
    at,
    kind: 'message',
    sessionId: 's',
    projectId: 'p',
    state,
    wall: 1000 + at,
    replyAt: 2000 + at,
  });
  const floating = (at: number, instanceId: string | null): StateChange => ({
    at,
    kind: 'floating_ip',
    id: 'f',
    instanceId,
  });
  return [
    host(0, 'c1'),
    host(0, 'c2'),
    host(0, 'c3'),
    instance(0, 'a', 'c1'),
    instance(0, 'b', 'c2'),
    { at: 0, kind: 'group', id: 'g', members: ['a', 'b'], apart: true, maxImpacted: 1 },
    floating(0, 'a'),
    { at: 0, kind: 'session', sessionId: 's', state: 'MAINTENANCE' },
    message(1, 'MAINTENANCE'),
    host(2, 'c1', false),
    message(3, 'PLANNED_MAINTENANCE'),
    floating(4, 'b'),
    instance(5, 'a', 'c1', 'RESIZE'),
    instance(6, 'a', 'c3', 'VERIFY_RESIZE'),
    instance(7, 'a', 'c3'),
    message(8, 'ADMIN_ACTION_DONE'),
    announce(10, 'c1'),
    host(20, 'c1'),
    announce(21, 'c1', true),
    host(22, 'c2', false),
    message(23, 'PLANNED_MAINTENANCE'),
    floating(24, 'a'),
    instance(25, 'b', 'c2', 'RESIZE'),
    instance(26, 'b', 'c1'),
    message(27, 'INSTANCE_ACTION_DONE'),
    announce(30, 'c2'),
    announce(39, 'c2', true),
    host(40, 'c2'),
    message(41, 'MAINTENANCE_COMPLETE'),
    { at: 50, kind: 'session', sessionId: 's', state: 'MAINTENANCE_DONE' },
  ];
}

const expected: Expectations = { hosts: ['c1', 'c2'], outcome: 'MAINTENANCE_DONE' };

const broken = (log: StateChange[], more: Partial<Expectations> = {}): Rule[] =>
  checkMaintenance(log, { ...expected, ...more })
    .checks.filter(({ passed }) => !passed)
    .map(({ rule }) => rule);

const without = (drop: (change: StateChange) => boolean) => goodLog().filter((change) => !drop(change));

test('a maintenance that keeps every promise passes, with no downtime', (t) => {
  const verdict = checkMaintenance(goodLog(), expected);
  t.deepEqual(verdict.violations, []);
  t.is(verdict.downtimeMs, 0);
  t.is(verdict.messages, 10);
});

test('an address left on an instance that is moved is downtime, to the millisecond', (t) => {
  const verdict = checkMaintenance(
    without((change) => change.kind === 'floating_ip' && change.at === 4),
    expected,
  );
  t.deepEqual(
    verdict.checks.filter(({ passed }) => !passed).map(({ rule }) => rule),
    ['service'],
  );
  t.is(verdict.downtimeMs, 2);
});

test('Nova not hearing of a host for a while, as after a restart of its broker, is no downtime; at the end it is', (t) => {
  const silent = (at: number): StateChange => ({
    at,
    kind: 'host',
    hostname: 'c1',
    up: false,
    silent: true,
    enabled: true,
  });
  const heardAgain: StateChange = { at: 45, kind: 'host', hostname: 'c1', up: true, enabled: true };
  t.deepEqual(broken([...goodLog(), silent(41), heardAgain]), []);
  t.deepEqual(broken([...goodLog(), silent(41)]), ['hosts_back']);
});

test('a session that failed is told with its reason', (t) => {
  const log = goodLog().filter(({ kind }) => kind !== 'session');
  log.push({ at: 50, kind: 'session', sessionId: 's', state: 'MAINTENANCE_FAILED', reason: 'no room' });
  const { violations } = checkMaintenance(log, expected);
  t.true(violations.some(({ detail }) => detail.includes('ended in MAINTENANCE_FAILED (no room), expected')));
});

test('an address on a host that is down or in maintenance, or on nothing, is downtime', (t) => {
  t.true(
    broken([...goodLog(), { at: 42, kind: 'floating_ip', id: 'f', instanceId: null }]).includes('service'),
  );
  t.true(
    broken([
      ...goodLog(),
      { at: 42, kind: 'host', hostname: 'c3', up: false, enabled: true },
      { at: 43, kind: 'host', hostname: 'c3', up: true, enabled: true },
    ]).includes('service'),
  );
  t.true(broken(without((change) => change.kind === 'floating_ip' && change.at === 24)).includes('service'));
});

test('an instance on a host in maintenance is seen', (t) => {
  const log = goodLog().filter((change) => !(change.kind === 'instance' && change.at === 26));
  t.deepEqual(broken(log), ['empty_hosts', 'capacity']);
});

test('two members of a group on one host are seen', (t) => {
  const log = goodLog().map((change) =>
    change.kind === 'instance' && change.at === 26 ? { ...change, hostname: 'c3' } : change,
  );
  t.deepEqual(broken(log), ['anti_affinity']);
});

test('too many impacted members are seen', (t) => {
  const rule = broken([
    ...goodLog(),
    { at: 5.5, kind: 'instance', id: 'b', projectId: 'p', status: 'REBOOT', hostname: 'c2' },
    { at: 5.6, kind: 'instance', id: 'b', projectId: 'p', status: 'ACTIVE', hostname: 'c2' },
  ]);
  t.deepEqual(rule, ['service', 'impacted']);
});

test('states out of order, and actions done that nobody was asked about, are seen', (t) => {
  t.deepEqual(broken(without((change) => change.kind === 'message' && change.at === 3)), ['order']);
  const early = goodLog().map((change) =>
    change.kind === 'message' && change.state === 'MAINTENANCE_COMPLETE' ? { ...change, at: 9 } : change,
  );
  t.deepEqual(broken(early), ['order']);
});

test('a deadline in the past is seen', (t) => {
  const log = goodLog().map((change) =>
    change.kind === 'message' ? { ...change, replyAt: change.wall } : change,
  );
  t.deepEqual(broken(log), ['deadlines']);
});

test('a host maintained twice or never, and a move from a maintained host, are seen', (t) => {
  t.deepEqual(broken(without((change) => change.kind === 'host_message' && change.hostname === 'c2')), [
    'once',
  ]);
  const again: StateChange[] = (['IN_MAINTENANCE', 'MAINTENANCE_COMPLETE'] as const).map((state, index) => ({
    at: 42 + index,
    kind: 'host_message',
    sessionId: 's',
    hostname: 'c2',
    state,
  }));
  t.deepEqual(broken([...goodLog(), ...again]), ['once']);
  const moved: StateChange = {
    at: 45,
    kind: 'instance',
    id: 'b',
    projectId: 'p',
    status: 'ACTIVE',
    hostname: 'c2',
  };
  t.deepEqual(broken([...goodLog(), moved]), ['once']);
});

test('missing capacity, a host left disabled and another outcome are seen', (t) => {
  const gone: StateChange = {
    at: 45,
    kind: 'instance',
    id: 'b',
    projectId: 'p',
    status: 'DELETED',
    hostname: null,
  };
  t.deepEqual(broken([...goodLog(), gone]), ['capacity']);
  t.deepEqual(broken([...goodLog(), gone], { capacityBack: false }), []);
  const off: StateChange = { at: 45, kind: 'host', hostname: 'c3', up: true, enabled: false };
  t.deepEqual(broken([...goodLog(), off]), ['hosts_back']);
  const first = Math.min(...goodLog().map(({ at }) => at));
  t.deepEqual(broken([{ ...off, at: first }, ...goodLog()]), [], 'it was out of use before');
  t.deepEqual(broken(goodLog(), { outcome: 'MAINTENANCE_FAILED' }), ['outcome']);
});
