import test from 'ava';
import { AutoProbe } from './auto-probe.js';
import type { Probe } from './probe.js';

/** Remembers what it was asked, and cannot start when `broken`. */
const recorder =
  (seen: string[], broken: string) =>
  (name: string): Probe => ({
    name,
    async start() {
      seen.push(`start ${name}`);
      if (name === broken) throw new Error(`${name} cannot work here`);
    },
    watch({ address }) {
      seen.push(`watch ${address} ${name}`);
      return { stop() {} };
    },
    async stop() {
      seen.push(`stop ${name}`);
    },
  });

const timing = { interval: 1, timeout: 1, packets: 1 };
const at = (address: string, ...probes: ('icmp' | 'tcp' | 'udp')[]) => ({
  plane: 'management',
  address,
  ...(probes.length > 0 ? { probes } : {}),
});

test('each address is probed as its deployment says, and by icmp where it says nothing', async (t) => {
  const seen: string[] = [];
  const probe = new AutoProbe(recorder(seen, ''));
  const addresses = [at('a', 'udp', 'tcp'), at('b', 'tcp'), at('c'), at('d', 'udp')];
  await probe.prepare(addresses, new AbortController().signal);
  for (const address of addresses) probe.watch(address, timing, () => {});
  t.is(probe.name, 'udp and tcp and icmp');
  await probe.stop();
  const watched = seen.filter((line) => line.startsWith('watch'));
  t.deepEqual(watched, ['watch a udp', 'watch b tcp', 'watch c icmp', 'watch d udp']);
  for (const kind of ['udp', 'tcp', 'icmp'])
    t.deepEqual(
      seen.filter((line) => line === `start ${kind}` || line === `stop ${kind}`),
      [`start ${kind}`, `stop ${kind}`],
    );
});

test('a way that cannot work here matters only to the addresses that need it', async (t) => {
  const seen: string[] = [];
  const probe = new AutoProbe(recorder(seen, 'icmp'));
  const { signal } = new AbortController();
  await probe.prepare([at('a', 'udp')], signal);
  await t.throwsAsync(probe.prepare([at('b')], signal), { message: /icmp cannot work here/ });
  await probe.prepare([at('c', 'tcp')], signal);
  probe.watch(at('c', 'tcp'), timing, () => {});
  t.true(seen.includes('watch c tcp'));
  await probe.stop();
  t.false(seen.includes('stop icmp'));
});
