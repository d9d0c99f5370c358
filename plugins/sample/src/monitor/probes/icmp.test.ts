import { execFile, fork } from 'node:child_process';
import { promisify } from 'node:util';
import { createTestContext } from '@nfv-doctor/core/testing';
import test, { type ExecutionContext } from 'ava';
import { IcmpProbe, type IcmpWay } from './icmp.js';
import type { ProbeResult } from './probe.js';
import { fping, ping } from './system-ping.js';

const run = promisify(execFile);

/** A host of its own: a network namespace with a link that can go down. undefined where that cannot be done. */
async function namespaceHost(t: ExecutionContext, number: number) {
  const id = `${process.pid % 10_000}-${number}`;
  const [name, outer, inner] = [`dm-${id}`, `dmo${id}`, `dmi${id}`];
  const subnet = `10.${200 + (process.pid % 50)}.${(process.pid >> 6) % 250}`;
  const [ours, theirs] = [`${subnet}.${number * 4 + 1}`, `${subnet}.${number * 4 + 2}`];
  const ip = (...args: string[]) => run('ip', args);
  try {
    await ip('netns', 'add', name);
  } catch {
    return undefined;
  }
  t.teardown(async () => {
    await ip('link', 'del', outer).catch(() => {});
    await ip('netns', 'del', name).catch(() => {});
  });
  await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name);
  await ip('addr', 'add', `${ours}/30`, 'dev', outer);
  await ip('link', 'set', outer, 'up');
  await ip('-n', name, 'addr', 'add', `${theirs}/30`, 'dev', inner);
  await ip('-n', name, 'link', 'set', inner, 'up');
  return {
    address: theirs,
    down: () => ip('-n', name, 'link', 'set', inner, 'down'),
    up: () => ip('-n', name, 'link', 'set', inner, 'up'),
  };
}

let number = 0;
for (const way of ['raw', 'fping', 'ping'] as const)
  test.serial(`icmp with ${way}: a link that goes down is seen, while another host answers`, async (t) => {
    const [first, second] = [await namespaceHost(t, ++number), await namespaceHost(t, ++number)];
    if (!first || !second) return skip(t, 'network namespaces cannot be made here (needs root and ip netns)');
    const child = await startChild(t, way, [first.address, second.address]);
    if (!child) return skip(t, `icmp does not work with ${way} here`);
    const { results } = child;
    const last = (address: string) => results[address]!.at(-1)?.outcome;
    const both = () => last(first.address) === 'answered' && last(second.address) === 'answered';
    await eventually('both to answer', both);
    await first.down();
    await eventually('the miss', () => last(first.address) === 'missed');
    // under load ping tells of a packet as missing before it has read its answer
    const before = results[second.address]!.length;
    const since = () =>
      results[second.address]!.slice(before).filter(({ outcome }) => outcome === 'answered');
    await eventually('the other to answer on', () => since().length >= 5);
    await first.up();
    await eventually('both to answer again', both);
    t.true(results[first.address]!.every(({ outcome, rttMs }) => outcome !== 'answered' || rttMs! >= 0));
  });

test('icmp with auto takes the first way that works, and says which', async (t) => {
  const { probe, close } = await start(t, 'auto');
  if (!probe) return skip(t, 'icmp does not work here at all');
  t.regex(probe.name, /^icmp \((raw socket|fping|ping)\)$/);
  await close();
});

test('lines of fping and ping are read', (t) => {
  const read = (line: string) => fping.parse(line, '');
  t.deepEqual(read('192.0.2.77 : [3], timed out (NaN avg, 100% loss)'), {
    address: '192.0.2.77',
    answered: false,
  });
  t.deepEqual(read('127.0.0.1  : [0], 64 bytes, 0.446 ms (0.446 avg, 0% loss)'), {
    address: '127.0.0.1',
    answered: true,
    rttMs: 0.446,
  });
  t.is(read('ICMP Port Unreachable from 192.0.2.1 for ICMP Echo sent to 192.0.2.77'), undefined);
  const one = (line: string) => ping.parse(line, '192.0.2.1');
  t.deepEqual(one('64 bytes from 192.0.2.1: icmp_seq=4 ttl=64 time=0.034 ms'), {
    address: '192.0.2.1',
    answered: true,
    rttMs: 0.034,
  });
  t.deepEqual(one('no answer yet for icmp_seq=5'), { address: '192.0.2.1', answered: false });
  t.is(one('PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.'), undefined);
  t.is(one('From 192.0.2.9 icmp_seq=1 Destination Host Unreachable'), undefined);
});

/** In a process of its own: the package for raw sockets works in the main thread only. undefined when that way does not work here. */
async function startChild(t: ExecutionContext, way: IcmpWay, addresses: string[]) {
  const child = fork(new URL('./icmp-child.test.helper.js', import.meta.url), [way, ...addresses]);
  t.teardown(() => child.kill('SIGKILL'));
  const results: Record<string, ProbeResult[]> = Object.fromEntries(
    addresses.map((address) => [address, []]),
  );
  const works = await new Promise<boolean>((resolve) => {
    child.once('message', (message) => resolve(message === 'started'));
    child.once('exit', () => resolve(false));
  });
  child.on('message', ({ address, result }: { address: string; result: ProbeResult }) =>
    results[address]!.push(result),
  );
  return works ? { results } : undefined;
}

async function start(t: ExecutionContext, way: IcmpWay) {
  const context = await createTestContext();
  const probe = new IcmpProbe(way, context.clock, context.log, 20);
  const close = async () => {
    await probe.stop();
    await context.close();
  };
  t.teardown(close);
  const works = await probe.start(AbortSignal.timeout(5000)).then(
    () => true,
    () => false,
  );
  return { probe: works ? probe : undefined, close };
}

function skip(t: ExecutionContext, why: string): void {
  t.log(`skipped: ${why}`);
  t.pass();
}

async function eventually(what: string, look: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!look()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
