import test from 'ava';
import { fixture } from '../../testing/fixtures.test.util.js';
import { type NovaHypervisor, type NovaService, toHosts } from './host.js';
import { type NovaServer, toInstance } from './instance.js';

const bodyOf = <T>(name: string) => fixture(name).response.body as T;
const serverOf = (name: string) => toInstance(bodyOf<{ server: NovaServer }>(name).server);

const SERVER = {
  id: 'cab1faca-5239-4769-a912-04ce32a8952a',
  name: 'prove-77fcc0-a',
  projectId: 'd6f64cc11a2a4ce9a945f4f759a18357',
  userId: 'af44b49bcbc74494aceb0cb48480ece3',
  hostname: 'compute-3',
  taskState: null,
  imageId: '0cfe95d0-f139-41c1-8e7b-e38e7c976554',
  addresses: { 'prove-77fcc0': ['10.9.0.113'] },
  metadata: {},
  createdAt: '2026-11-23T16:17:36Z',
};
const FLAVOR = { flavor: 'm1.tiny', vcpus: 1, memoryMb: 512 };

for (const [name, expected] of [
  ['nova-server-detail-2.1', { ...SERVER, status: 'ACTIVE', flavor: '1' }],
  ['nova-server-detail-2.53', { ...SERVER, ...FLAVOR, status: 'ACTIVE', hostStatus: 'UP' }],
  ['nova-server-detail-2.87', { ...SERVER, ...FLAVOR, status: 'ACTIVE', hostStatus: 'UP' }],
  ['nova-server-detail-error', { ...SERVER, ...FLAVOR, status: 'ERROR', hostStatus: 'DOWN' }],
] as const)
  test(name, (t) => {
    t.deepEqual(serverOf(name), expected);
  });

test('host status and moves', (t) => {
  t.like(serverOf('nova-server-on-forced-down-host'), { hostStatus: 'DOWN' });
  t.like(serverOf('nova-server-on-forced-down-host-2.16-host_status'), {
    hostStatus: 'DOWN',
    hostname: 'compute-3',
  });
  t.like(serverOf('nova-server-verify-resize'), { status: 'VERIFY_RESIZE' });
  t.deepEqual(Object.keys(serverOf('nova-server-with-floating-ip').addresses).length, 1);
  const { servers } = bodyOf<{ servers: NovaServer[] }>('nova-servers-detail-by-host');
  t.true(servers.map(toInstance).every(({ hostname }) => hostname !== undefined));
});

test('what a user may not see is absent, what is not there yet is null', (t) => {
  const bare = toInstance({ id: '1', name: 'n', status: 'BUILD', tenant_id: 'p', image: '' });
  t.deepEqual(bare, { id: '1', name: 'n', status: 'BUILD', projectId: 'p', addresses: {}, metadata: {} });
  const unscheduled = toInstance({
    id: '1',
    name: 'n',
    status: 'ERROR',
    'OS-EXT-SRV-ATTR:host': null,
    fault: { message: 'No valid host' },
  });
  t.like(unscheduled, { hostname: null, fault: 'No valid host' });
});

for (const [services, hypervisors] of [
  ['nova-os-services-2.53', 'nova-hypervisors-2.53'],
  ['nova-os-services-2.11', 'nova-hypervisors-2.1'],
] as const)
  test(`${services} with ${hypervisors}`, (t) => {
    const hosts = toHosts(
      bodyOf<{ services: NovaService[] }>(services).services,
      bodyOf<{ hypervisors: NovaHypervisor[] }>(hypervisors).hypervisors,
    );
    t.deepEqual(hosts.map(({ hostname }) => hostname).toSorted(), ['compute-1', 'compute-2', 'compute-3']);
    for (const host of hosts)
      t.like(host, {
        state: 'up',
        status: 'enabled',
        forcedDown: false,
        zone: 'nova',
        vcpus: 2,
        vcpusUsed: 0,
        memoryMb: 8192,
        memoryMbUsed: 0,
        runningInstances: 0,
      });
    t.is(typeof hosts[0]?.serviceId, 'string');
  });

test('nova-os-services-2.1 knows nothing of force-down', (t) => {
  const { services } = bodyOf<{ services: NovaService[] }>('nova-os-services-2.1');
  const [host] = toHosts(services, []);
  t.false(host?.forcedDown);
  t.is(host?.vcpus, undefined);
});

test('a host with several hypervisors has their sums; one without the figures has none', (t) => {
  const service: NovaService = {
    id: 1,
    binary: 'nova-compute',
    host: 'ironic',
    state: 'up',
    status: 'disabled',
    disabled_reason: 'why',
  };
  const node = { service: { host: 'ironic' }, vcpus: 4, memory_mb: 100 };
  t.like(toHosts([service], [node, node])[0], {
    vcpus: 8,
    memoryMb: 200,
    status: 'disabled',
    disabledReason: 'why',
  });
  t.is(toHosts([service], [{ service: { host: 'ironic' } }])[0]?.vcpus, undefined);
});
