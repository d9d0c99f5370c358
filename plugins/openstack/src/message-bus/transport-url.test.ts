import { DoctorError } from '@nfv-doctor/core/plugin-api';
import test from 'ava';
import { parseTransportUrl, placeOf } from './transport-url.js';

test('reads user, host, port and vhost', (t) => {
  t.deepEqual(parseTransportUrl('rabbit://openstack:mq-secret@127.0.0.1:5672/'), {
    hosts: [{ hostname: '127.0.0.1', port: 5672 }],
    username: 'openstack',
    password: 'mq-secret',
    vhost: '/',
    tls: false,
  });
  t.is(parseTransportUrl('rabbit://u:p@mq/nova').vhost, 'nova');
  t.is(parseTransportUrl('rabbit://u:p@mq//').vhost, '/');
  t.is(parseTransportUrl('rabbit://u:p@mq:5672').vhost, '/');
});

test('several hosts, percent-encoding, IPv6, TLS, query', (t) => {
  const broker = parseTransportUrl('rabbit://us%40er:p%2Fw%3A1@mq-1:1234,us%40er:p%2Fw%3A1@mq-2/v%2Fh?ssl=0');
  t.deepEqual(broker.hosts, [
    { hostname: 'mq-1', port: 1234 },
    { hostname: 'mq-2', port: 5672 },
  ]);
  t.like(broker, { username: 'us@er', password: 'p/w:1', vhost: 'v/h' });
  t.is(placeOf(broker), 'mq-1:1234, mq-2:5672');
  t.deepEqual(parseTransportUrl('rabbit://u:p@[::1]:5673/').hosts, [{ hostname: '::1', port: 5673 }]);
  t.deepEqual(parseTransportUrl('amqps://u:p@mq/').hosts, [{ hostname: 'mq', port: 5671 }]);
  t.true(parseTransportUrl('rabbit://u:p@mq/', true).tls);
});

for (const [name, url, message] of [
  ['nothing', '', /is missing/],
  ['another scheme', 'http://user:hush@mq/', /not of the shape/],
  ['a port that is none', 'rabbit://user:hush@mq:99999/', /not host or host:port/],
  ['two users', 'rabbit://user:hush@a,other:hush@b/', /different users/],
  ['bad percent-encoding', 'rabbit://user:hush%zz@a/', /percent/],
] as const)
  test(`refuses ${name} without showing the password`, (t) => {
    const error = t.throws(() => parseTransportUrl(url));
    t.true(DoctorError.is(error) && error.code === 'CONFIG_INVALID');
    t.regex(error?.message ?? '', message);
    t.notRegex(error?.message ?? '', /hush/);
  });
