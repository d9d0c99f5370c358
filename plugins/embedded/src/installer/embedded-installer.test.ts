import { createVirtualClock, startTestDoctor } from '@nfv-doctor/core/testing';
import test from 'ava';
import plugin from '../index.js';
import { toNotification } from './notification.js';

test('the installer starts the cloud, tells its hosts and credentials, and stops it', async (t) => {
  const doctor = await startTestDoctor({ plugins: [plugin], config: { installer: { hosts: { count: 2 } } } });
  const installer = doctor.role('installer');
  const credentials = await installer.credentials();
  const url = credentials?.authUrl ?? '';
  t.is((await fetch(url)).status, 200);
  t.deepEqual(
    (await installer.hosts()).map((host) => host.hostname),
    ['compute-1', 'compute-2'],
  );
  await doctor.stop();
  await t.throwsAsync(fetch(url));
});

test('a cut ends after its time, or when it is restored, once', async (t) => {
  const clock = createVirtualClock();
  const doctor = await startTestDoctor({ plugins: [plugin], clock });
  t.teardown(() => doctor.stop());
  const installer = doctor.role('installer');
  const cut = await installer.cutNetwork('compute-1', 60_000);
  t.is(cut.hostname, 'compute-1');
  await t.throwsAsync(installer.cutNetwork('compute-1', 1), { code: 'CONFLICT' });
  await cut.restore();
  await cut.restore();
  const again = await installer.cutNetwork('compute-1', 60_000);
  await clock.advance(60_001);
  // It restores itself; its handle waits for that.
  await again.restore();
  // The first cut's handle does not end the second one's successor.
  const third = await installer.cutNetwork('compute-1', 60_000);
  await again.restore();
  await t.throwsAsync(installer.cutNetwork('compute-1', 1), { code: 'CONFLICT' });
  await third.restore();
  await t.throwsAsync(installer.cutNetwork('moon', 1), { code: 'NOT_FOUND', message: /it has compute-1/ });
});

for (const [config, message] of [
  [{ failures: [{ operation: 'nova.*', rate: 2, effect: 500 }] }, /failures\[0\]\.rate/],
  [{ failures: [{ operation: 'nova.*', rate: 1, effect: 'explode' }] }, /failures\[0\]\.effect/],
  [{ hosts: { list: [{ hostname: 'a' }, { hostname: 'a' }] } }, /list\[1\]\.hostname: a is there twice/],
  [{ hosts: { list: [{ hostname: 'a', cpus: 3 }] } }, /unknown key cpus/],
  [{ latency: { distribution: 'uniform', min: 9, max: 3 } }, /latency\.min/],
  [{ emulators: ['collectd'] }, /installer\.collectd\.url: must be the URL of the monitor/],
  [{ emulators: ['moon'] }, /installer\.emulators: must be some of .*alertmanager.*"moon"/],
] as const) {
  test(`refused: ${JSON.stringify(config)}`, async (t) => {
    await t.throwsAsync(startTestDoctor({ plugins: [plugin], config: { installer: config } }), {
      code: 'CONFIG_INVALID',
      message,
    });
  });
}

test('a port that is taken is told with its key', async (t) => {
  const first = await startTestDoctor({ plugins: [plugin] });
  t.teardown(() => first.stop());
  const credentials = await first.role('installer').credentials();
  const port = Number(new URL(credentials?.authUrl ?? '').port);
  await t.throwsAsync(
    startTestDoctor({ plugins: [plugin], config: { installer: { ports: { identity: port } } } }),
    {
      code: 'PORT_IN_USE',
      message: /installer\.ports/,
    },
  );
});

test('a notification comes over in the form of Doctor', (t) => {
  const message = {
    message_id: 'm',
    publisher_id: 'compute.compute-1',
    event_type: 'compute.instance.update',
    priority: 'INFO',
    payload: { state: 'error' },
    timestamp: '2026-11-23 16:17:52.331000',
    _unique_id: 'u',
  };
  t.deepEqual(toNotification({ exchange: 'nova', routingKey: 'notifications.info', message }), {
    messageId: 'm',
    publisherId: 'compute.compute-1',
    eventType: 'compute.instance.update',
    priority: 'INFO',
    payload: { state: 'error' },
    timestamp: '2026-11-23T16:17:52.331Z',
  });
});
