import { readdirSync, readFileSync } from 'node:fs';
import { until } from '@nfv-doctor/core/plugin-api';
import { createTestContext, systemClock } from '@nfv-doctor/core/testing';
import anyTest, { type ExecutionContext } from 'ava';
import { ip, linkTo, makeNamespace, missingNamespaces } from '../lab/namespace.test.helper.js';
import { makeKeyRing, missingSshd, session, startSshd } from '../ssh/sshd.test.helper.js';
import { measureOffset } from './clock-offset.js';
import { cutOverSsh } from './remote-cut.js';

const missing = missingSshd() ?? missingNamespaces();
if (missing !== undefined) anyTest(`skipped: ${missing}`, (t) => t.pass());
const test = missing === undefined ? anyTest.serial : anyTest.skip;

/** A node with a link for us and one to cut. */
async function setUp(t: ExecutionContext) {
  const ring = await makeKeyRing(t);
  const namespace = makeNamespace(t);
  const control = linkTo(namespace, 'eth0');
  const data = linkTo(namespace, 'eth1');
  ip('-n', namespace, 'route', 'add', 'default', 'via', data.here.address);
  ip('-n', namespace, '-6', 'addr', 'add', '2001:db8::2/64', 'dev', 'eth1', 'nodad');
  ip('-n', namespace, '-6', 'route', 'add', '2001:db8:1::/48', 'via', '2001:db8::1');
  const { target } = await startSshd(t, ring, {
    address: control.there.address,
    port: 22,
    prefix: ['ip', 'netns', 'exec', namespace],
  });
  const context = await createTestContext();
  t.teardown(() => context.close());
  const ssh = session(t, ring, target, { aliveTimeoutMs: 3_000 });
  return { ring, namespace, control, data, ssh, target, context };
}

const carrier = (device: string) => readFileSync(`/sys/class/net/${device}/carrier`, 'utf8').trim() === '1';

/** Looks at our end of the link until it is as wanted; when that was. */
async function whenCarrier(device: string, wanted: boolean, timeoutMs: number): Promise<number> {
  await until(() => carrier(device) === wanted, {
    clock: systemClock,
    what: `carrier ${String(wanted)} on ${device}`,
    timeoutMs,
    intervalMs: 1,
  });
  return systemClock.monotonic();
}

const routes = (namespace: string) =>
  ['-4', '-6'].map((family) =>
    ip('-n', namespace, family, 'route')
      .replaceAll(' linkdown', '')
      .trim()
      .split('\n')
      .map((line) => line.trim())
      .toSorted(),
  );

const CUT = { hostname: 'compute-0', interfaces: ['eth1'], durationMs: 60_000, delayMs: 300 };

test('the moment of the cut is told within its tolerance, and restore ends it early', async (t) => {
  const { ssh, data, context, namespace } = await setUp(t);
  const before = routes(namespace);
  const seenDown = whenCarrier(data.here.device, false, 20_000);
  const cut = await cutOverSsh(ssh, { ...CUT, address: '' }, context);
  const down = await seenDown;
  t.log(`tolerance ${cut.toleranceMs.toFixed(2)} ms, off by ${(cut.cutAt - down).toFixed(2)} ms`);
  t.true(cut.toleranceMs > 0 && cut.toleranceMs < 200);
  // looking takes its time as well
  t.true(Math.abs(cut.cutAt - down) <= cut.toleranceMs + 250);
  t.false(carrier(data.here.device));
  await cut.restore();
  t.true(carrier(data.here.device));
  t.deepEqual(routes(namespace), before);
  await cut.restore();
});

test('a link that is our own way there comes back by itself, the connection killed', async (t) => {
  const { ssh, target, ring, control, context, namespace } = await setUp(t);
  ip('-n', namespace, 'route', 'replace', 'default', 'via', control.here.address);
  const before = routes(namespace);
  const seenDown = whenCarrier(control.here.device, false, 20_000);
  const address = control.there.address;
  const cut = await cutOverSsh(ssh, { ...CUT, interfaces: [], address, durationMs: 3_000 }, context);
  const down = await seenDown;
  t.log(`tolerance ${cut.toleranceMs.toFixed(2)} ms, off by ${(cut.cutAt - down).toFixed(2)} ms`);
  t.true(Math.abs(cut.cutAt - down) <= cut.toleranceMs + 250);
  await ssh.close();
  const up = await whenCarrier(control.here.device, true, 20_000);
  t.true(up - down >= 2_900, `back after ${up - down} ms`);
  t.true(up - down < 10_000, `back after ${up - down} ms`);
  await until(() => JSON.stringify(routes(namespace)) === JSON.stringify(before), {
    clock: systemClock,
    what: 'routes to be back',
    timeoutMs: 5_000,
  });
  const again = session(t, ring, target);
  // the kernel may still remember that nobody answered
  const answer = await until(() => again.exec('echo reachable').catch(() => false as const), {
    clock: systemClock,
    what: 'the node to be reachable',
    timeoutMs: 10_000,
  });
  t.is(answer, 'reachable\n');
});

test('restore waits for a node whose only link was cut', async (t) => {
  const { ssh, control, context } = await setUp(t);
  const { address } = control.there;
  const cut = await cutOverSsh(ssh, { ...CUT, interfaces: [], address, durationMs: 1_500 }, context);
  await cut.restore();
  t.true(carrier(control.here.device));
});

test('a watcher that was killed is replaced by restore', async (t) => {
  const { ssh, data, context, namespace } = await setUp(t);
  const cut = await cutOverSsh(ssh, { ...CUT, address: '' }, context);
  process.kill(watcherIn(namespace), 'SIGKILL');
  t.false(carrier(data.here.device));
  await cut.restore();
  t.true(carrier(data.here.device));
});

/** The process that watches over the cut, which is in the namespace. */
function watcherIn(namespace: string): number {
  const inside = new Set(ip('netns', 'pids', namespace).split('\n'));
  const pids = readdirSync('/run')
    .filter((name) => name.startsWith('doctor-cut-'))
    .map((name) => readFileSync(`/run/${name}/pid`, 'utf8').trim());
  return Number(pids.find((pid) => inside.has(pid)));
}

test('an interface or address that is not there is told, and nothing is cut', async (t) => {
  const { ssh, data, context } = await setUp(t);
  await t.throwsAsync(cutOverSsh(ssh, { ...CUT, interfaces: ['eth7'], address: '' }, context), {
    code: 'BACKEND_ERROR',
    message: /compute-0: its network cannot be cut: .*eth7/,
  });
  await t.throwsAsync(cutOverSsh(ssh, { ...CUT, interfaces: [], address: '192.0.2.77' }, context), {
    message: /no interface has the address 192\.0\.2\.77/,
  });
  t.true(carrier(data.here.device));
});

test('the offset of a clock is measured within half a round trip', async (t) => {
  const { ssh, context } = await setUp(t);
  const { offsetMs, toleranceMs } = await measureOffset(ssh, context.clock);
  // it is the same machine's clock
  const actual = Date.now() - context.clock.monotonic();
  t.log(`tolerance ${toleranceMs.toFixed(2)} ms, off by ${(offsetMs - actual).toFixed(2)} ms`);
  t.true(Math.abs(offsetMs - actual) <= toleranceMs + 2);
});
