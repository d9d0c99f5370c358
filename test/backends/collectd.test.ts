import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '@nfv-doctor/core';
import { startReceiver, systemClock } from '@nfv-doctor/core/testing';
import collectd from '@nfv-doctor/plugin-collectd';
import { CollectdEmulator, Program, RealCollectd, createEmbeddedCloud } from '@nfv-doctor/plugin-embedded';
import test from 'ava';
import {
  bodiesOfOutage,
  emulatorContext,
  namespaceHosts,
  needs,
  nextReport,
  shapeOf,
  watched,
} from './watching.js';

const run = promisify(execFile);
const INTERVAL_MS = 100;

for (const kind of ['real', 'emulated'] as const)
  test.serial(`${kind} collectd pings the hosts: the cut one is reported down, and up again`, async (t) => {
    const path = kind === 'real' ? needs(t, 'collectd', { root: true }) : '';
    if (path === undefined) return;
    const cloud = kind === 'real' ? await namespaceHosts(t, 2) : createEmbeddedCloud({ hosts: { count: 2 } });
    if (kind === 'emulated') {
      await cloud.start();
      t.teardown(() => cloud.stop());
    }
    const receiver = await startReceiver(collectd, {}, [...cloud.hosts]);
    t.teardown(() => receiver.close());
    const options = {
      url: new URL('/collectd', receiver.monitor.endpoint).href,
      intervalMs: INTERVAL_MS,
      real: kind === 'real',
      hosts: () => watched(cloud),
    };
    const watcher =
      kind === 'real'
        ? new RealCollectd(emulatorContext, path, options)
        : new CollectdEmulator(emulatorContext, options);
    t.teardown(() => watcher.stop());
    await watcher.start();

    for (const round of [1, 2]) {
      const cutAt = performance.now();
      await cloud.cutNetwork('compute-1');
      const down = await nextReport(receiver, 'compute.host.down');
      t.log(`cut ${round}: down after ${Math.round(performance.now() - cutAt)} ms`);
      t.like(down.details, {
        hostname: 'compute-1',
        status: 'down',
        monitor: 'collectd',
        severity: 'critical',
      });
      t.regex(down.details.cause ?? '', /ping_droprate .* above the failure threshold/);
      const restoredAt = performance.now();
      await cloud.restoreNetwork('compute-1');
      const up = await nextReport(receiver, 'compute.host.up');
      t.log(`link ${round} is back: up after ${Math.round(performance.now() - restoredAt)} ms`);
      t.like(up.details, { hostname: 'compute-1', status: 'up' });
    }
    // the other host was never doubted
    t.deepEqual(
      receiver.reported.map(({ type, details }) => `${details.hostname} ${type}`),
      ['down', 'up', 'down', 'up'].map((status) => `compute-1 compute.host.${status}`),
    );
  });

test.serial('the emulated collectd posts what the real one posts', async (t) => {
  const path = needs(t, 'collectd', { root: true });
  if (path === undefined) return;
  const cloud = await namespaceHosts(t, 1);
  const real = await bodiesOfOutage(
    t,
    cloud,
    (options) => new RealCollectd(emulatorContext, path, options),
    1,
  );
  const emulated = await bodiesOfOutage(
    t,
    cloud,
    (options) => new CollectdEmulator(emulatorContext, options),
    1,
  );
  // the share of lost packets differs
  const comparable = (bodies: unknown) =>
    JSON.parse(
      JSON.stringify(shapeOf(bodies)).replaceAll(/"CurrentValue":"[^"]*"/g, '"CurrentValue":"N"'),
    ) as unknown;
  t.deepEqual(comparable(emulated), comparable(real));
});

const TOKEN = 'token-of-the-collectd-test';

test.serial('real collectd on the monitored host tells of its interface (plugin connectivity)', async (t) => {
  const path = needs(t, 'collectd', { root: true });
  if (path === undefined) return;
  const name = `doctor-cd-${process.pid}`;
  const ip = (...args: string[]) => run('ip', args);
  // 203.0.113.0/24 is for documentation: nothing is routed there
  const management = `dcm${process.pid.toString(36)}`;
  await ip('netns', 'add', name);
  t.teardown(() => ip('netns', 'del', name));
  await ip('link', 'add', management, 'type', 'veth', 'peer', 'name', 'mgmt0', 'netns', name);
  await ip('addr', 'add', '203.0.113.1/30', 'dev', management);
  await ip('link', 'set', management, 'up');
  await ip('-n', name, 'addr', 'add', '203.0.113.2/30', 'dev', 'mgmt0');
  await ip('-n', name, 'link', 'set', 'mgmt0', 'up');
  await ip('-n', name, 'link', 'add', 'data0', 'type', 'veth', 'peer', 'name', 'data1');
  for (const device of ['data0', 'data1']) await ip('-n', name, 'link', 'set', device, 'up');

  const receiver = await startReceiver(
    collectd,
    { host: '203.0.113.1', token: TOKEN, host_interfaces: ['data0'] },
    [{ hostname: 'compute-1', addresses: [] }],
  );
  t.teardown(() => receiver.close());
  const program = new Program(systemClock, 'collectd');
  t.teardown(() => program.stop());
  const file = join(program.folder, 'collectd.conf');
  writeFileSync(file, config(program.folder, new URL('/collectd', receiver.monitor.endpoint).href));
  await program.start('ip', ['netns', 'exec', name, path, '-f', '-C', file], (said) =>
    /Initialization complete/.test(said),
  );

  const link = (state: 'up' | 'down') => ip('-n', name, 'link', 'set', 'data0', state);
  // collectd says only after a moment that it is there, and what happens before it has looked is not told
  await until(
    async () => {
      await link('down');
      const isSeen = await nextReport(receiver, 'compute.host.down', 1_000).then(
        () => true,
        () => false,
      );
      await link('up');
      return isSeen;
    },
    { clock: systemClock, what: 'collectd to see the interface', timeoutMs: 15_000, intervalMs: 500 },
  );
  await nextReport(receiver, 'compute.host.up');
  for (const round of [1, 2]) {
    const cutAt = performance.now();
    await link('down');
    const down = await nextReport(receiver, 'compute.host.down');
    t.log(`cut ${round}: down after ${Math.round(performance.now() - cutAt)} ms`);
    t.like(down.details, { hostname: 'compute-1', status: 'down', cause: 'interface data0 is down' });
    await link('up');
    await nextReport(receiver, 'compute.host.up');
  }
  t.is(receiver.reported.length, 6);
});

const config = (folder: string, url: string) => `
Hostname "compute-1"
FQDNLookup false
BaseDir "${folder}"
PIDFile "${folder}/pid"
Interval 1
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File stderr
</Plugin>
LoadPlugin connectivity
<Plugin connectivity>
  Interface "data0"
</Plugin>
LoadPlugin write_http
<Plugin write_http>
  <Node "doctor">
    URL "${url}"
    Header "X-Auth-Token: ${TOKEN}"
    Format JSON
    Metrics false
    Notifications true
  </Node>
</Plugin>
`;
