import test from 'ava';
import { startTestBed } from '../cloud.test.helper.js';
import { FailurePlan } from './failures.js';
import { drawLatency } from './latency.js';
import { seededRandom } from './random.js';

test('the same seed gives the same latencies and failures', (t) => {
  const draw = (seed: number): unknown[] => {
    const random = seededRandom(seed);
    const plan = new FailurePlan([{ operation: 'nova.*', rate: 0.3, effect: 503 }], random);
    return Array.from({ length: 50 }, () => [
      drawLatency({ distribution: 'lognormal', medianMs: 10, sigma: 1 }, random),
      plan.draw('nova.x') !== undefined,
    ]);
  };
  t.deepEqual(draw(7), draw(7));
  t.notDeepEqual(draw(7), draw(8));
});

test('latencies are distributed as asked', (t) => {
  const random = seededRandom(3);
  const many = (latency: Parameters<typeof drawLatency>[0]): number[] =>
    Array.from({ length: 20_000 }, () => drawLatency(latency, random)).toSorted((a, b) => a - b);
  const uniform = many({ distribution: 'uniform', minMs: 10, maxMs: 20 });
  t.true((uniform[0] ?? 0) >= 10 && (uniform.at(-1) ?? 0) <= 20);
  const lognormal = many({ distribution: 'lognormal', medianMs: 50, sigma: 0.5 });
  t.true(Math.abs((lognormal[10_000] ?? 0) - 50) < 2, 'median');
  t.true(Math.abs((lognormal[19_800] ?? 0) - 160) < 16, '99th percentile: 3.2 × the median');
  t.is(drawLatency({ distribution: 'none' }, random), 0);
  t.is(drawLatency({ distribution: 'fixed', ms: 4 }, random), 4);
});

test('a failure by status comes before the operation or after it, as often as said', async (t) => {
  const { cloud, member } = await startTestBed(t);
  const create = (): Promise<{ status: number }> =>
    member.neutron('POST', '/networks', { network: { name: 'n' } });
  const count = async (): Promise<number> =>
    (await member.neutron('GET', '/networks?name=n')).body.networks.length;
  cloud.addFailure({ operation: 'neutron.networks.create', rate: 1, effect: 503, times: 1 });
  t.is((await create()).status, 503);
  t.is(await count(), 0);
  cloud.addFailure({ operation: 'neutron.networks.create', rate: 1, effect: 500, times: 1, when: 'after' });
  t.is((await create()).status, 500);
  t.is(await count(), 1, 'it took effect, and the answer was lost');
  t.is((await create()).status, 201);
});

test('a dropped connection and a call that hangs', async (t) => {
  const { cloud, admin } = await startTestBed(t);
  const end = cloud.addFailure({ operation: 'nova.servers.*', rate: 1, effect: 'drop' });
  await t.throwsAsync(admin.nova('GET', '/servers'));
  end();
  t.is((await admin.nova('GET', '/servers')).status, 200);
  cloud.addFailure({ operation: 'nova.services.list', rate: 1, effect: 'hang' });
  const url = `${admin.endpoints['compute']}/os-services`;
  const headers = { 'X-Auth-Token': admin.token };
  const outcome = await fetch(url, { headers, signal: AbortSignal.timeout(100) }).then(
    (response) => response.status,
    (error: Error) => error.name,
  );
  t.is(outcome, 'TimeoutError');
});

test('latency delays the call of one operation and no other', async (t) => {
  const { admin } = await startTestBed(t, {
    latencies: { 'nova.services.list': { distribution: 'fixed', ms: 80 } },
  });
  const time = async (path: string): Promise<number> => {
    const started = performance.now();
    await admin.nova('GET', path);
    return performance.now() - started;
  };
  t.true((await time('/os-services')) >= 79);
  const others = [await time('/flavors'), await time('/flavors'), await time('/flavors')];
  t.true(Math.min(...others) < 79);
});

test('a cloud that stops lets go of calls that hang or wait', async (t) => {
  const { cloud, admin } = await startTestBed(t, {
    latencies: { 'nova.flavors.list': { distribution: 'fixed', ms: 60_000 } },
    failures: [{ operation: 'nova.services.list', rate: 1, effect: 'hang' }],
  });
  const calls = ['/os-services', '/flavors'].map((path) => admin.nova('GET', path));
  const outcomes = Promise.allSettled(calls);
  await admin.nova('GET', '/servers');
  await cloud.stop();
  t.deepEqual(
    (await outcomes).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});
