import { startReceiver } from '@nfv-doctor/core/testing';
import test from 'ava';
import plugin from '../index.js';

const hosts = ['compute-1', 'compute-2'].map((hostname, index) => ({
  hostname,
  addresses: [{ plane: 'management', address: `192.0.2.${index + 1}`, port: 22 }],
}));

const start = async (t: { teardown(fn: () => Promise<void>): void }, config = {}) => {
  const receiver = await startReceiver(plugin, config, hosts);
  t.teardown(() => receiver.close());
  return receiver;
};
const webhook = (
  ...alerts: { status: string; labels: Record<string, string>; annotations?: Record<string, string> }[]
) => ({
  version: '4',
  groupKey: '{}:{alertname="HostDown"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'doctor',
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://alertmanager',
  alerts: alerts.map((alert) => ({
    annotations: {},
    startsAt: '2026-11-23T18:00:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: 'f',
    ...alert,
  })),
});
const down = (instance: string, labels = {}) => ({
  status: 'firing',
  labels: { alertname: 'HostDown', instance, severity: 'page', ...labels },
});
const up = (instance: string) => ({ ...down(instance), status: 'resolved' });
const told = (receiver: { reported: { type: string; details: { hostname: string; severity?: string } }[] }) =>
  receiver.reported.map(({ type, details }) => `${type} ${details.hostname} ${details.severity}`);

test('firing is down, resolved is up; the port behind the instance does not matter', async (t) => {
  const receiver = await start(t);
  t.is((await receiver.post('/alerts', webhook(down('192.0.2.1:9100')))).status, 202);
  await receiver.post('/alerts', webhook(up('192.0.2.1:9100')));
  t.deepEqual(told(receiver), ['compute.host.down compute-1 critical', 'compute.host.up compute-1 critical']);
});

test('one webhook with several alerts is several events, a repeated one is none', async (t) => {
  const receiver = await start(t);
  const both = webhook(down('compute-1'), down('compute-2', { severity: 'warning' }));
  t.deepEqual((await receiver.post('/alerts', both)).body, { accepted: 2, unchanged: 0, unknown: [] });
  t.deepEqual((await receiver.post('/alerts', both)).body, { accepted: 0, unchanged: 2, unknown: [] });
  t.deepEqual(told(receiver), [
    'compute.host.down compute-1 critical',
    'compute.host.down compute-2 moderate',
  ]);
});

test('labels are read as configured', async (t) => {
  const receiver = await start(t, {
    host_labels: ['nova_host'],
    severity_label: 'level',
    severities: { '3': 'low' },
    host_alerts: ['ComputeDown'],
    nic_alerts: ['LinkDown'],
  });
  await receiver.post(
    '/alerts',
    webhook(
      down('ignored', { alertname: 'ComputeDown', nova_host: 'compute-1', level: '3' }),
      down('ignored', { alertname: 'LinkDown', nova_host: 'compute-2' }),
      down('ignored', { alertname: 'DiskFull', nova_host: 'compute-2' }),
    ),
  );
  t.deepEqual(told(receiver), [
    'compute.host.down compute-1 low',
    'compute.host.nic.down compute-2 critical',
  ]);
});

test('an alert about an unknown host is named in the answer, one without a host says nothing', async (t) => {
  const receiver = await start(t);
  const answer = await receiver.post(
    '/alerts',
    webhook(down('db-1'), { status: 'firing', labels: { alertname: 'Watchdog' } }),
  );
  t.deepEqual(answer.body, { accepted: 0, unchanged: 0, unknown: ['db-1'] });
});

const zabbix = {
  path: '/zabbix',
  expression: `{
    "host": host.name,
    "status": event.value = "1" ? "down" : "up",
    "severity": event.severity = "Disaster" ? "critical" : "moderate",
    "cause": event.name,
    "id": event.id
  }`,
};
const nagios = {
  path: '/nagios',
  expression: `$[notification_type in ["PROBLEM", "RECOVERY"]].{
    "host": host_name,
    "status": host_state = "UP" ? "up" : "down",
    "cause": output
  }`,
};

test('a webhook of Zabbix, by a mapping', async (t) => {
  const receiver = await start(t, { webhooks: [zabbix, nagios] });
  const body = (value: string) => ({
    host: { name: 'compute-1' },
    event: { id: '77', value, severity: 'Disaster', name: 'ICMP: unavailable' },
  });
  t.is((await receiver.post('/zabbix', body('1'))).status, 202);
  await receiver.post('/zabbix', body('0'));
  t.deepEqual(told(receiver), ['compute.host.down compute-1 critical', 'compute.host.up compute-1 critical']);
  t.is(receiver.reported[0]?.details.cause, 'ICMP: unavailable');
});

test('a webhook of Nagios with a list, by a mapping', async (t) => {
  const receiver = await start(t, { webhooks: [nagios] });
  const body = [
    {
      notification_type: 'PROBLEM',
      host_name: 'compute-1',
      host_state: 'DOWN',
      output: 'CRITICAL - unreachable',
    },
    { notification_type: 'ACKNOWLEDGEMENT', host_name: 'compute-2', host_state: 'DOWN', output: '' },
  ];
  await receiver.post('/nagios', body);
  t.deepEqual(told(receiver), ['compute.host.down compute-1 critical']);
});

test('what the mapping makes is checked, and the field named', async (t) => {
  const receiver = await start(t, { webhooks: [zabbix] });
  const answer = await receiver.post('/zabbix', { nothing: 'of this' });
  t.is(answer.status, 400);
  t.regex(JSON.stringify(answer.body), /\/zabbix gave event 0 whose host is wrong/);
  t.deepEqual(receiver.reported, []);
});

test('a mapping that does not end is stopped', async (t) => {
  const receiver = await start(t, {
    webhooks: [{ path: '/loop', expression: '($f := function($x) { 1 + $f($x) }; $f(1))' }],
  });
  const answer = await receiver.post('/loop', {});
  t.is(answer.status, 400);
  t.regex(JSON.stringify(answer.body), /too deep|too long/);
});

for (const [what, config, message] of [
  [
    'an expression that is no JSONata',
    { webhooks: [{ path: '/x', expression: '{' }] },
    /webhooks\[0\]\.expression: is no JSONata/,
  ],
  [
    'a path that is taken',
    { webhooks: [{ path: '/alerts', expression: '1' }] },
    /webhooks\[0\]\.path: must begin with/,
  ],
  ['no expression', { webhooks: [{ path: '/x' }] }, /webhooks\[0\]\.expression: must be/],
  [
    'an unknown severity',
    { severities: { high: 'huge' } },
    /severities\.high: must be one of low, moderate, critical/,
  ],
] as const)
  test(`configuration that is wrong is refused: ${what}`, async (t) => {
    await t.throwsAsync(startReceiver(plugin, config, hosts), { code: 'CONFIG_INVALID', message });
  });

for (const [what, body] of [
  ['not JSON', '{'],
  ['version 3', { ...webhook(), version: '3' }],
  ['no alerts', { version: '4', status: 'firing' }],
] as const)
  test(`a body that is wrong is refused with 400: ${what}`, async (t) => {
    const receiver = await start(t);
    t.is((await receiver.post('/alerts', body)).status, 400);
  });
