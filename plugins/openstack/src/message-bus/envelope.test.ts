import { readFileSync } from 'node:fs';
import { DoctorError, type Notification } from '@nfv-doctor/core/plugin-api';
import test from 'ava';
import { decode, encode } from './envelope.js';

const FIXTURES = new URL('../../../../test/fixtures/openstack/', import.meta.url);
const recorded = (name: string) =>
  JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8')) as { body: string };

test("reads Nova's notification as it was on the wire", (t) => {
  const { body } = recorded('amqp-compute-instance-update-messagingv2.json');
  const notification = decode(Buffer.from(body));
  t.like(notification, {
    messageId: '2f2dbfb6-8324-4cb4-99e5-b4c5e7fb131e',
    publisherId: 'compute.vm',
    eventType: 'compute.instance.update',
    priority: 'INFO',
    timestamp: '2026-11-23T16:17:52.331930Z',
  });
  t.like(notification.payload, { host: 'compute-3', state: 'error', old_state: 'active' });
});

test('writes what oslo.messaging writes', (t) => {
  const { body } = recorded('amqp-maintenance-scheduled-messagingv2.json');
  const ours = JSON.parse(encode(decode(body), 'messagingv2')) as Record<string, string>;
  const theirs = JSON.parse(body) as Record<string, string>;
  t.deepEqual(Object.keys(ours), Object.keys(theirs));
  t.is(ours['oslo.version'], '2.0');
  const { _unique_id: ourId, ...inner } = JSON.parse(ours['oslo.message'] ?? '') as Record<string, unknown>;
  const { _unique_id: theirId, ...expected } = JSON.parse(theirs['oslo.message'] ?? '') as Record<
    string,
    unknown
  >;
  t.deepEqual(inner, expected);
  t.deepEqual([typeof ourId, typeof theirId], ['string', 'string']);
});

const sample: Notification = {
  messageId: 'a1b2-c3',
  publisherId: 'doctor',
  eventType: 'maintenance.host',
  priority: 'INFO',
  payload: { text: 'ü "quoted" \\', nested: { list: [1, null] } },
  timestamp: '2030-01-01T00:00:00.000000Z',
};

for (const driver of ['messagingv2', 'messaging'] as const)
  test(`${driver}: what is written is read back`, (t) => {
    t.deepEqual(decode(encode(sample, driver)), sample);
    t.deepEqual(decode(JSON.parse(encode(sample, driver))), sample);
  });

const written = (timestamp: string) =>
  (JSON.parse(encode({ ...sample, timestamp }, 'messaging')) as { timestamp: string }).timestamp;

test('time stamps: with and without zone, fraction and T', (t) => {
  t.is(written('2030-01-01T10:00:00Z'), '2030-01-01 10:00:00.000000');
  t.is(written('2030-01-01T10:00:00.123Z'), '2030-01-01 10:00:00.123000');
  t.is(written('2030-01-01T10:00:00.123456+02:00'), '2030-01-01 08:00:00.123456');
  t.is(written('2030-01-01 10:00:00.5'), '2030-01-01 10:00:00.500000');
});

for (const [name, body] of [
  ['no JSON', 'hello'],
  ['a broken inner message', '{"oslo.version": "2.0", "oslo.message": "{"}'],
  ['an RPC call', '{"oslo.version": "2.0", "oslo.message": "{\\"method\\": \\"ping\\"}"}'],
  ['a list', '[]'],
  ['null', 'null'],
] as const)
  test(`refuses ${name}`, (t) => {
    const error = t.throws(() => decode(Buffer.from(body)));
    t.true(DoctorError.is(error) && error.code === 'BACKEND_PROTOCOL');
  });
