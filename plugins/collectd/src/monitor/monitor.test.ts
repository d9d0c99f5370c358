import { readFile } from 'node:fs/promises';
import { startReceiver } from '@nfv-doctor/core/testing';
import test from 'ava';
import plugin from '../index.js';

const hosts = [
  { hostname: 'compute-1', addresses: [{ plane: 'data', address: '10.99.9.2' }] },
  { hostname: 'compute-2.example.org', addresses: [{ plane: 'data', address: '10.99.9.6' }] },
];
const recorded = JSON.parse(
  await readFile(new URL('../../../../test/fixtures/collectd/notifications.json', import.meta.url), 'utf8'),
) as { what: string; body: { labels: Record<string, string> }[] }[];
const [pingLost, pingBack, interfaceBack, pingMissing] = recorded.map(({ body }) => body);

const start = async (t: { teardown(fn: () => Promise<void>): void }, config = {}) => {
  const receiver = await startReceiver(plugin, config, hosts);
  t.teardown(() => receiver.close());
  return receiver;
};
const told = (receiver: { reported: { type: string; details: { hostname: string } }[] }) =>
  receiver.reported.map(({ type, details }) => `${type} ${details.hostname}`);

test('a lost ping is the pinged host down, not the host that collectd runs on', async (t) => {
  const receiver = await start(t);
  const answer = await receiver.post('/collectd', pingLost);
  t.deepEqual(answer, { status: 202, body: { accepted: 1, unchanged: 0, unknown: [] } });
  await receiver.post('/collectd', pingBack);
  t.deepEqual(told(receiver), ['compute.host.down compute-1', 'compute.host.up compute-1']);
  t.regex(receiver.reported[0]?.details.cause ?? '', /above the failure threshold/);
  t.is(receiver.context.recorded.filter(({ name }) => name === 'checkpoint').length, 1);
});

test('a value that is missing is no host down: collectd was late', async (t) => {
  const receiver = await start(t);
  const answer = await receiver.post('/collectd', pingMissing);
  t.deepEqual(answer, { status: 202, body: { accepted: 0, unchanged: 0, unknown: [] } });
  t.deepEqual(receiver.reported, []);
});

test('a repeated notification is reported once', async (t) => {
  const receiver = await start(t);
  await receiver.post('/collectd', pingLost);
  const again = await receiver.post('/collectd', pingLost);
  t.deepEqual(again.body, { accepted: 0, unchanged: 1, unknown: [] });
  t.is(receiver.reported.length, 1);
});

const interfaceLost = interfaceBack!.map((each) => ({
  ...each,
  labels: { ...each.labels, severity: 'FAILURE' },
}));

test('a lost interface is a NIC fault', async (t) => {
  const receiver = await start(t);
  await receiver.post('/collectd', interfaceLost);
  await receiver.post('/collectd', interfaceBack);
  t.deepEqual(told(receiver), ['compute.host.nic.down compute-1', 'compute.host.nic.up compute-1']);
});

test('of an interface that carries the host, the loss is the loss of the host', async (t) => {
  const receiver = await start(t, { host_interfaces: ['cdv1'] });
  await receiver.post('/collectd', interfaceLost);
  t.deepEqual(told(receiver), ['compute.host.down compute-1']);
});

test('a host is known by the first label of its name', async (t) => {
  const receiver = await start(t, { host_interfaces: ['cdv1'] });
  await receiver.post(
    '/collectd',
    interfaceLost.map((each) => ({ ...each, labels: { ...each.labels, instance: 'compute-2' } })),
  );
  t.deepEqual(told(receiver), ['compute.host.down compute-2.example.org']);
});

test('a host that is not watched is named in the answer', async (t) => {
  const receiver = await start(t);
  const foreign = pingLost!.map((each) => ({ ...each, labels: { ...each.labels, ping: '10.0.0.9' } }));
  const answer = await receiver.post('/collectd', foreign);
  t.deepEqual(answer.body, { accepted: 0, unchanged: 0, unknown: ['10.0.0.9'] });
});

test('notifications about other things change nothing', async (t) => {
  const receiver = await start(t);
  const load = [{ labels: { alertname: 'collectd_load', instance: 'compute-1', severity: 'FAILURE' } }];
  t.deepEqual((await receiver.post('/collectd', load)).body, { accepted: 0, unchanged: 0, unknown: [] });
});

test('after unwatch nothing is reported any more', async (t) => {
  const receiver = await start(t);
  await receiver.monitor.unwatch(['compute-1']);
  await receiver.post('/collectd', pingLost);
  t.deepEqual(receiver.reported, []);
});

for (const [what, body] of [
  ['not JSON', '{'],
  ['not a list', '{}'],
  ['no labels', '[{}]'],
  ['an unknown severity', '[{"labels":{"alertname":"a","instance":"b","severity":"BAD"}}]'],
] as const)
  test(`a body that is wrong is refused with 400: ${what}`, async (t) => {
    const receiver = await start(t);
    t.is((await receiver.post('/collectd', body)).status, 400);
    t.deepEqual(receiver.reported, []);
  });

test('with a token set, a sender without it is refused', async (t) => {
  const receiver = await start(t, { token: 'open sesame' });
  t.is((await receiver.post('/collectd', pingLost)).status, 401);
  t.is((await receiver.post('/collectd', pingLost, { 'x-auth-token': 'open sesame' })).status, 202);
  t.is(receiver.reported.length, 1);
});
