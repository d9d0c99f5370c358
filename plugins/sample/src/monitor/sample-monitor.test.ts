import { setTimeout as sleep } from 'node:timers/promises';
import { createVirtualClock, monitorContract } from '@nfv-doctor/core/testing';
import test from 'ava';
import type { Probe, ProbeResult, ResultListener } from './probes/probe.js';
import { defaults, eventually, freshAddress, startRig, TcpHost, UdpHost } from './rig.test.helper.js';
import { SampleMonitor } from './sample-monitor.js';

const quick = { interval: 20, timeout: 20, misses: 2, flap_changes: 0 };
const udpHosts = (count: number) =>
  Promise.all(Array.from({ length: count }, () => new UdpHost(freshAddress()).open()));

monitorContract(
  test,
  async (t) => {
    const hosts = await udpHosts(3);
    const rig = await startRig(t, { ...quick, probe: 'udp' });
    const byName = new Map(hosts.map((host, index) => [`host-${index}`, host]));
    return {
      monitor: rig.monitor,
      hosts: [...byName].map(([hostname, host]) => host.deployed(hostname)),
      cut: (hostname) => void (byName.get(hostname)!.silent = true),
      restore: (hostname) => void (byName.get(hostname)!.silent = false),
      reported: rig.reported,
      recorded: rig.context.recorded,
      close: async () => {
        await rig.monitor.stop(AbortSignal.timeout(1000));
        await Promise.all(hosts.map((host) => host.close()));
      },
    };
  },
  { name: 'udp' },
);

monitorContract(
  test,
  async (t) => {
    const hosts = await Promise.all([0, 1].map(() => new TcpHost(freshAddress()).open()));
    const rig = await startRig(t, {
      ...quick,
      interval: 50,
      timeout: 50,
      probe: 'tcp',
      refused_is_alive: false,
    });
    const byName = new Map(hosts.map((host, index) => [`host-${index}`, host]));
    return {
      monitor: rig.monitor,
      hosts: [...byName].map(([hostname, host]) => host.deployed(hostname)),
      cut: (hostname) => byName.get(hostname)!.close(),
      restore: async (hostname) => void (await byName.get(hostname)!.open()),
      reported: rig.reported,
      recorded: rig.context.recorded,
      close: async () => {
        await rig.monitor.stop(AbortSignal.timeout(1000));
        await Promise.all(hosts.map((host) => host.close()));
      },
    };
  },
  { name: 'tcp' },
);

test('tcp: a refused connection proves that the host lives', async (t) => {
  const host = await new TcpHost(freshAddress()).open();
  const { monitor, reported } = await startRig(t, { ...quick, probe: 'tcp' });
  await monitor.watch([host.deployed('host-1')], AbortSignal.timeout(5000));
  await host.close();
  await sleep(200);
  t.deepEqual(reported, []);
});

test('silence is reported with its cause', async (t) => {
  const [host] = await udpHosts(1);
  const { monitor, reported } = await startRig(t, { probe: 'udp', misses: 1 });
  await monitor.watch([host!.deployed('host-1')], AbortSignal.timeout(5000));
  host!.silent = true;
  await eventually('the report', () => reported.length > 0);
  t.regex(
    reported[0]!.details.cause!,
    /no answer to udp .*misses>=1 on all planes.*127\..*last answer \d+ ms ago/,
  );
  await host!.close();
});

test.serial('one lost packet condemns nobody, even with one miss', async (t) => {
  const [host] = await udpHosts(1);
  const { monitor, reported } = await startRig(t, {
    ...quick,
    interval: 60,
    timeout: 60,
    probe: 'udp',
    misses: 1,
  });
  await monitor.watch([host!.deployed('host-1')], AbortSignal.timeout(5000));
  for (let round = 0; round < 5; round++) {
    host!.lose = 1;
    await eventually('the loss', () => host!.lose === 0);
    await sleep(90);
  }
  t.deepEqual(reported, []);
  await host!.close();
});

test.serial('nobody is declared down because this process stood still', async (t) => {
  const hosts = await udpHosts(20);
  const { monitor, reported } = await startRig(t, { ...quick, probe: 'udp', misses: 1 });
  await monitor.watch(
    hosts.map((host, index) => host.deployed(`host-${index}`)),
    AbortSignal.timeout(5000),
  );
  for (let round = 0; round < 10; round++) {
    const until = performance.now() + 30 + round * 15;
    while (performance.now() < until);
    await sleep(15);
  }
  t.deepEqual(reported, []);
  await Promise.all(hosts.map((host) => host.close()));
});

test('planes: the host is down when all its addresses are silent', async (t) => {
  const [management, storage] = await udpHosts(2);
  const { monitor, reported, context } = await startRig(t, { ...quick, probe: 'udp' });
  const addresses = [
    { plane: 'management', address: management!.address, port: management!.port },
    { plane: 'storage', address: storage!.address, port: storage!.port },
  ];
  await monitor.watch([{ hostname: 'host-1', addresses }], AbortSignal.timeout(5000));
  management!.silent = true;
  await sleep(150);
  t.deepEqual(reported, []);
  storage!.silent = true;
  await eventually('the report', () => reported.length > 0);
  const down = context.recorded.find(({ name }) => name === 'host.down')!.data as unknown as {
    evidence: { planes: { plane: string; missesInARow: number; latest: unknown[] }[] };
  };
  t.deepEqual(
    down.evidence.planes.map(({ plane }) => plane),
    ['management', 'storage'],
  );
  t.true(down.evidence.planes.every(({ missesInARow, latest }) => missesInARow >= 2 && latest.length > 0));
  await Promise.all([management!.close(), storage!.close()]);
});

test('after a restart the return of a host that was down is reported', async (t) => {
  const [host] = await udpHosts(1);
  const rig = await startRig(t, { ...quick, probe: 'udp' });
  await rig.monitor.watch([host!.deployed('host-1')], AbortSignal.timeout(5000));
  host!.silent = true;
  await eventually('down', () => rig.reported.length === 1);
  await rig.monitor.stop(AbortSignal.timeout(1000));
  const second = await rig.restart();
  await second.watch([host!.deployed('host-1')], AbortSignal.timeout(100));
  t.is(rig.reported.length, 1, 'not reported twice');
  host!.silent = false;
  await eventually('up', () => rig.reported.length === 2);
  t.is(rig.reported[1]!.type, 'compute.host.up');
  await host!.close();
});

/** A probe whose results the test decides. */
class Scripted implements Probe {
  readonly name = 'scripted';
  readonly listeners = new Map<string, ResultListener>();
  async start() {}
  async stop() {}
  watch({ address }: { address: string }, _timing: unknown, listener: ResultListener) {
    this.listeners.set(address, listener);
    return { stop: () => void this.listeners.delete(address) };
  }
  tell(address: string, outcome: ProbeResult['outcome'], at: number, sentAt = at - 100) {
    this.listeners.get(address)?.({ outcome, at, sentAt });
  }
}
const scripted = (hostname: string) => ({ hostname, addresses: [{ plane: 'p', address: hostname }] });

test('reports of one host keep their order; one that waits gives way to a newer one', async (t) => {
  const probe = new Scripted();
  const rig = await startRig(t, { misses: 1, flap_changes: 0 }, { makeProbe: () => probe });
  void rig.monitor.watch([scripted('a'), scripted('b')]);
  let letGo!: () => void;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  rig.taking.report = ({ details }) => (details.hostname === 'a' ? gate : undefined);
  for (const host of ['a', 'b']) {
    probe.tell(host, 'answered', 100);
    probe.tell(host, 'missed', 200);
    probe.tell(host, 'answered', 300);
  }
  await eventually('b, which is not held up', () => rig.reported.length === 2);
  probe.tell('a', 'missed', 400);
  probe.tell('a', 'answered', 500);
  letGo();
  await eventually('a', () => rig.reported.length === 4);
  t.deepEqual(
    rig.reported.filter(({ details }) => details.hostname === 'a').map(({ details }) => details.status),
    ['down', 'up'],
  );
});

test('on_all_lost suspect: when nobody answers, the own network is suspected; a witness ends that', async (t) => {
  const clock = createVirtualClock();
  const probe = new Scripted();
  const rig = await startRig(
    t,
    { misses: 1, on_all_lost: 'suspect', canary: ['192.0.2.1'] },
    { clock, makeProbe: () => probe },
  );
  void rig.monitor.watch([scripted('a'), scripted('b')]);
  for (const host of ['a', 'b']) probe.tell(host, 'answered', 100);
  for (const at of [200, 300, 400]) for (const host of ['a', 'b']) probe.tell(host, 'missed', at);
  t.deepEqual(rig.reported, []);
  t.is(rig.monitor.health().status, 'degraded');
  probe.tell('192.0.2.1', 'answered', 450);
  probe.tell('b', 'answered', 460);
  probe.tell('a', 'missed', 500);
  await eventually('the report', () => rig.reported.length === 1);
  t.is(rig.reported[0]!.details.hostname, 'a');
  t.is(rig.monitor.health().status, 'up');
});

test('hosts of the configuration are watched from the start; overrides hold for the hosts they name', async (t) => {
  const [host] = await udpHosts(1);
  const { monitor, reported } = await startRig(t, {
    ...quick,
    probe: 'udp',
    hosts: { 'compute-1': `${host!.address}:${host!.port}` },
    overrides: { 'compute-*': { interval: '10ms', timeout: '10 ms', misses: 3 } },
  });
  t.is(monitor.health().status, 'up');
  await sleep(60);
  host!.silent = true;
  await eventually('the report', () => reported.length > 0);
  t.regex(reported[0]!.details.cause!, /misses>=3/);
  await host!.close();
});

test('a bad configuration is refused with the path of the key', async (t) => {
  const { context } = await startRig(t, { probe: 'udp' });
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ planes: 'a,,b' }, /monitor\.planes: must be all, any/],
    [
      { overrides: { 'compute-1': { intervall: 5 } } },
      /monitor\.overrides\.compute-1\.intervall: is not known/,
    ],
    [
      { overrides: { 'compute-1': { interval: 'soon' } } },
      /overrides\.compute-1\.interval: must be a duration/,
    ],
    [{ hosts: { a: 'nowhere' } }, /monitor\.hosts\.a: must be an IP address/],
    [{ canary: ['10.0.0.1:99999'] }, /monitor\.canary\[0\]/],
  ];
  for (const [config, message] of cases)
    t.throws(
      () =>
        new SampleMonitor(
          { ...defaults, ...config } as typeof defaults,
          { ...context, faultReporter: { report: async () => {} } },
          context.log,
        ),
      { message },
    );
});

test('a probe that cannot tell a dead host from a living one is refused', async (t) => {
  const rig = await startRig(t, { ...quick, probe: 'icmp', icmp_with: 'ping' });
  const addresses = [{ plane: 'management', address: '127.0.0.1', port: 7, probes: ['udp', 'tcp'] as const }];
  await t.throwsAsync(rig.monitor.watch([{ hostname: 'host-1', addresses }]), {
    code: 'CONFIG_INVALID',
    message: /monitor\.probe: icmp cannot tell whether host-1 .* set it to auto, or to udp or tcp/,
  });
});
