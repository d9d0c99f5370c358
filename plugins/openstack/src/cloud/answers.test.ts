import test from 'ava';
import { fixture } from '../testing/fixtures.test.util.js';
import { choose, compareMicroversions, rangeOf } from './microversion.js';
import { serviceText } from './service-text.js';
import { parseEndpoint, pathOf, versionPath } from './urls.js';

test('microversions are numbers, not text', (t) => {
  t.true(compareMicroversions('2.9', '2.10') < 0);
  t.true(compareMicroversions('2.53', '2.11') > 0);
  t.is(compareMicroversions('2.87', '2.87'), 0);
});

for (const [name, expected] of [
  ['versions-nova-v2.1', { minimum: '2.1', maximum: '2.93' }],
  ['versions-nova', { minimum: '2.1', maximum: '2.93' }],
  ['versions-placement', { minimum: '1.0', maximum: '1.39' }],
  ['versions-glance', undefined],
  ['versions-neutron', undefined],
  ['versions-aodh', undefined],
  ['versions-keystone', undefined],
  ['versions-keystone-v3', undefined],
  ['versions-vitrage', undefined],
] as const)
  test(`${name}: ${expected ? 'its range' : 'has no microversions'}`, (t) => {
    t.deepEqual(rangeOf(fixture(name).response.body), expected);
  });

test('a service without microversions, or too new a one, is refused clearly', (t) => {
  t.throws(() => choose('image', 'http://g', undefined, '2.1', '2.2'), {
    message: /offers no microversions/,
  });
  t.throws(() => choose('compute', 'http://n', { minimum: '2.90', maximum: '2.96' }, '2.11', '2.87'), {
    message: /offers microversions 2\.90 to 2\.96; Doctor needs 2\.11 to 2\.87/,
  });
});

for (const [endpoint, path, expected] of [
  ['http://h:9696', '/v2.0/ports', '/v2.0/ports'],
  ['http://h:9696/', '/v2.0/ports', '/v2.0/ports'],
  ['http://h:9696/v2.0', '/v2.0/ports', '/v2.0/ports'],
  ['http://h/networking/v2.0/', '/v2.0/ports', '/networking/v2.0/ports'],
  ['http://h:8774/v2.1', '/servers', '/v2.1/servers'],
  ['http://h:8774/v2.1/0123abcd', '/v2.1/servers', '/v2.1/0123abcd/servers'],
  ['http://h/compute', '/v2.1/servers', '/compute/v2.1/servers'],
  ['http://h:8999', '/v1/event', '/v1/event'],
] as const)
  test(`${endpoint} + ${path}`, (t) => {
    t.is(pathOf(parseEndpoint(endpoint), path), expected);
  });

test('the version document of an endpoint', (t) => {
  t.is(versionPath(parseEndpoint('http://h:8774/v2.1/0123abcd')), '/v2.1/');
  t.is(versionPath(parseEndpoint('http://h/compute/v2.1')), '/compute/v2.1/');
  t.is(versionPath(parseEndpoint('http://h/placement')), '/placement/');
});

test('queries are encoded, what is undefined is left out', (t) => {
  t.is(
    pathOf(parseEndpoint('http://h'), '/x', { name: '^a b&c$', all: true, none: undefined }),
    '/x?name=%5Ea+b%26c%24&all=true',
  );
});

for (const [name, body, expected] of [
  ['Nova', '{"conflictingRequest": {"code": 409, "message": "No way"}}', 'No way'],
  ['Neutron', '{"NeutronError": {"type": "X", "message": "Port p is gone", "detail": ""}}', 'Port p is gone'],
  [
    'Keystone',
    '{"error": {"code": 401, "message": "Needs authentication", "title": "Unauthorized"}}',
    'Needs authentication',
  ],
  [
    'Aodh',
    '{"error_message": {"debuginfo": null, "faultcode": "Client", "faultstring": "Alarm x not found"}}',
    'Alarm x not found',
  ],
  ['Aodh, a text', '{"error_message": "Bad"}', 'Bad'],
  [
    'placement',
    '{"errors": [{"status": 404, "title": "Not Found", "detail": "No such provider"}]}',
    'No such provider',
  ],
  [
    'a proxy',
    '<html><head><title>503</title></head>\n<body><h1>Service Unavailable</h1>no &lt;server&gt;</body></html>',
    'Service Unavailable no <server>',
  ],
  ['text', 'Policy does not allow it', 'Policy does not allow it'],
  ['nothing', '', ''],
  ['JSON without a message', '{"a": 1}', '{"a": 1}'],
] as const)
  test(`what ${name} says`, (t) => {
    t.is(serviceText(body), expected);
  });

test('a long text is cut', (t) => {
  t.is(serviceText('x'.repeat(10_000)).length, 501);
});

test("the recorded error of force-down's old path", (t) => {
  const { body } = fixture('nova-force-down-2.11-path-with-2.53').response;
  t.regex(serviceText(JSON.stringify(body)), /Additional properties are not allowed/);
});
