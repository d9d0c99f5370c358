import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startReceiver, systemClock } from '@nfv-doctor/core/testing';
import {
  AlertmanagerEmulator,
  createEmbeddedCloud,
  freePort,
  Program,
  RealAlertmanager,
} from '@nfv-doctor/plugin-embedded';
import prometheus from '@nfv-doctor/plugin-prometheus';
import test from 'ava';
import { bodiesOfOutage, emulatorContext, needs, nextReport, shapeOf, watched } from './watching.js';

const PROGRAM = 'prometheus-alertmanager';
const HOSTS = ['compute-1', 'compute-2'].map((hostname) => ({ hostname, addresses: [] }));

test.serial(
  'alerts posted to a real Alertmanager: down when they fire, up when they are resolved',
  async (t) => {
    const path = needs(t, PROGRAM);
    if (path === undefined) return;
    const receiver = await startReceiver(
      prometheus,
      { token: 'secret-of-the-test', host_alerts: ['HostDown'], nic_alerts: ['LinkDown'] },
      HOSTS,
    );
    t.teardown(() => receiver.close());
    const program = new Program(systemClock, 'alertmanager');
    t.teardown(() => program.stop());
    const file = join(program.folder, 'alertmanager.yml');
    writeFileSync(file, config(new URL('/alerts', receiver.monitor.endpoint).href));
    const address = `127.0.0.1:${await freePort()}`;
    const args = [
      `--config.file=${file}`,
      `--storage.path=${program.folder}/data`,
      `--web.listen-address=${address}`,
      '--cluster.listen-address=',
    ];
    await program.start(path, args, async () => (await fetch(`http://${address}/-/ready`)).ok);
    const send = async (alerts: readonly Record<string, unknown>[]) => {
      const answer = await fetch(`http://${address}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      });
      t.is(answer.status, 200, await answer.text());
    };
    const alert = (alertname: string, instance: string, severity: string) => ({
      labels: { alertname, instance, severity },
      annotations: { summary: `${instance} is gone` },
    });

    const sentAt = performance.now();
    await send([alert('HostDown', 'compute-1:9100', 'critical')]);
    const down = await nextReport(receiver, 'compute.host.down');
    t.log(`down ${Math.round(performance.now() - sentAt)} ms after the alert was posted`);
    t.like(down.details, {
      hostname: 'compute-1',
      status: 'down',
      monitor: 'prometheus',
      severity: 'critical',
      cause: 'compute-1:9100 is gone',
    });
    // of hosts that are not watched, and of no host: nothing
    await send([alert('HostDown', 'elsewhere:9100', 'critical'), alert('DiskFull', 'compute-1', 'warning')]);
    await send([alert('LinkDown', 'compute-2:9100', 'warning')]);
    t.like((await nextReport(receiver, 'compute.host.nic.down')).details, {
      hostname: 'compute-2',
      severity: 'moderate',
    });
    const endsAt = new Date().toISOString();
    await send([{ ...alert('HostDown', 'compute-1:9100', 'critical'), endsAt }]);
    const up = await nextReport(receiver, 'compute.host.up');
    t.like(up.details, { hostname: 'compute-1', status: 'up' });
    t.deepEqual(
      receiver.reported.map(({ type }) => type),
      ['compute.host.down', 'compute.host.nic.down', 'compute.host.up'],
    );
  },
);

const config = (url: string) => `
route:
  receiver: doctor
  group_by: ['...']
  group_wait: 0s
  group_interval: 100ms
  repeat_interval: 4h
receivers:
  - name: doctor
    webhook_configs:
      - url: ${url}
        send_resolved: true
        http_config:
          authorization: {credentials: secret-of-the-test}
`;

for (const kind of ['real', 'emulated'] as const)
  test.serial(
    `${kind} Alertmanager of the embedded cloud: the cut host is reported down, and up again`,
    async (t) => {
      const path = kind === 'real' ? needs(t, PROGRAM) : '';
      if (path === undefined) return;
      const cloud = createEmbeddedCloud({ hosts: { count: 2 } });
      await cloud.start();
      t.teardown(() => cloud.stop());
      const receiver = await startReceiver(prometheus, { host_labels: ['hostname'] }, [...cloud.hosts]);
      t.teardown(() => receiver.close());
      const options = {
        url: new URL('/alerts', receiver.monitor.endpoint).href,
        intervalMs: 100,
        real: kind === 'real',
        hosts: () => watched(cloud),
      };
      const watcher =
        kind === 'real'
          ? new RealAlertmanager(emulatorContext, path, options)
          : new AlertmanagerEmulator(emulatorContext, options);
      t.teardown(() => watcher.stop());
      await watcher.start();
      const cutAt = performance.now();
      await cloud.cutNetwork('compute-2');
      await nextReport(receiver, 'compute.host.down');
      t.log(`down after ${Math.round(performance.now() - cutAt)} ms`);
      await cloud.restoreNetwork('compute-2');
      await nextReport(receiver, 'compute.host.up');
      t.deepEqual(
        receiver.reported.map(({ type, details }) => `${details.hostname} ${type}`),
        ['compute-2 compute.host.down', 'compute-2 compute.host.up'],
      );
    },
  );

test.serial('the emulated Alertmanager posts what the real one posts', async (t) => {
  const path = needs(t, PROGRAM);
  if (path === undefined) return;
  const cloud = createEmbeddedCloud({ hosts: { count: 1 } });
  await cloud.start();
  t.teardown(() => cloud.stop());
  const real = await bodiesOfOutage(
    t,
    cloud,
    (options) => new RealAlertmanager(emulatorContext, path, options),
  );
  const emulated = await bodiesOfOutage(
    t,
    cloud,
    (options) => new AlertmanagerEmulator(emulatorContext, options),
  );
  t.deepEqual(shapeOf(emulated), shapeOf(real));
});
