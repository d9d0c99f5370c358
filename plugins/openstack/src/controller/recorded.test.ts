import { systemClock } from '@nfv-doctor/core/testing';
import test from 'ava';
import { createController, pathHere, type TestController } from '../testing/controller.test.util.js';

/** What is sent equals what was recorded: method, path and body. */
interface Recorded {
  name: string;
  call: (made: TestController, id: string) => Promise<unknown>;
  /** What comes of the recorded answer. */
  expected?: unknown;
  maximum?: string;
}

const idIn = (url: string) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(url)?.[0] ?? '';

const RECORDED: Recorded[] = [
  { name: 'nova-reset-state', call: ({ controller }, id) => controller.compute.resetState(id, 'error') },
  { name: 'nova-cold-migrate', call: ({ controller }, id) => controller.compute.migrate(id) },
  { name: 'nova-confirm-resize', call: ({ controller }, id) => controller.compute.confirmMigration(id) },
  { name: 'nova-live-migrate', call: ({ controller }, id) => controller.compute.liveMigrate(id) },
  { name: 'nova-server-delete', call: ({ controller }, id) => controller.compute.deleteInstance(id) },
  {
    name: 'neutron-network-create',
    call: ({ controller }) => controller.network.createNetwork('prove-77fcc0'),
    expected: {
      id: '4da90186-2a71-4c34-b28d-f4bcf7def62d',
      name: 'prove-77fcc0',
      external: false,
      projectId: 'd6f64cc11a2a4ce9a945f4f759a18357',
    },
  },
  {
    name: 'neutron-subnet-create',
    call: ({ controller }) =>
      controller.network.createSubnet('4da90186-2a71-4c34-b28d-f4bcf7def62d', 'prove-77fcc0', '10.9.0.0/24'),
    expected: {
      id: '1178515e-b5d4-496b-a35e-5de253a63415',
      name: 'prove-77fcc0',
      networkId: '4da90186-2a71-4c34-b28d-f4bcf7def62d',
      cidr: '10.9.0.0/24',
    },
  },
  {
    name: 'neutron-router-create',
    call: ({ controller }) =>
      controller.network.createRouter('prove-77fcc0', '9705511a-93d8-490c-be13-0370a8e62008'),
    expected: { id: '5fa538bb-9550-4422-83f6-ac5be12e9483', name: 'prove-77fcc0' },
  },
  {
    name: 'neutron-router-add-interface',
    call: ({ controller }, id) =>
      controller.network.addRouterInterface(id, '1178515e-b5d4-496b-a35e-5de253a63415'),
  },
  {
    name: 'neutron-ports-of-server',
    call: ({ controller }) => controller.network.ports('e1073f6a-edba-4968-8bcc-9236e4c28d4d'),
    expected: [
      {
        id: '2910ea50-86b3-40eb-9465-34ea597a2276',
        deviceId: 'e1073f6a-edba-4968-8bcc-9236e4c28d4d',
        networkId: '4da90186-2a71-4c34-b28d-f4bcf7def62d',
        addresses: ['10.9.0.46'],
        dataPlaneStatus: null,
      },
    ],
  },
  {
    name: 'neutron-port-data-plane-status-DOWN',
    call: ({ controller }, id) => controller.network.setDataPlaneStatus(id, 'DOWN'),
  },
  {
    name: 'neutron-port-data-plane-status-ACTIVE',
    call: ({ controller }, id) => controller.network.setDataPlaneStatus(id, 'ACTIVE'),
  },
  {
    name: 'neutron-floatingip-create',
    call: ({ controller }) =>
      controller.network.createFloatingIp(
        '9705511a-93d8-490c-be13-0370a8e62008',
        'd360bdf7-da8f-4cdb-bb3b-1595709084a4',
      ),
    expected: {
      id: 'a2e2db5e-4736-464c-bdce-add2099cd968',
      address: '172.24.4.55',
      portId: 'd360bdf7-da8f-4cdb-bb3b-1595709084a4',
      fixedAddress: '10.9.0.113',
      projectId: 'd6f64cc11a2a4ce9a945f4f759a18357',
    },
  },
  {
    name: 'neutron-floatingip-move',
    call: ({ controller }, id) =>
      controller.network.moveFloatingIp(id, '2910ea50-86b3-40eb-9465-34ea597a2276'),
    expected: {
      id: 'a2e2db5e-4736-464c-bdce-add2099cd968',
      address: '172.24.4.55',
      portId: '2910ea50-86b3-40eb-9465-34ea597a2276',
      fixedAddress: '10.9.0.46',
      projectId: 'd6f64cc11a2a4ce9a945f4f759a18357',
    },
  },
  {
    name: 'glance-images',
    call: ({ controller }) => controller.image.images(),
    expected: [{ id: '0cfe95d0-f139-41c1-8e7b-e38e7c976554', name: 'cirros', status: 'active' }],
  },
  {
    name: 'nova-flavors',
    call: ({ controller }) => controller.compute.flavors(),
    expected: [
      { id: '1', name: 'm1.tiny', vcpus: 1, memoryMb: 512, diskGb: 1 },
      { id: '2', name: 'm1.small', vcpus: 1, memoryMb: 1024, diskGb: 1 },
    ],
  },
];

for (const { name, call, expected, maximum } of RECORDED)
  test(name, async (t) => {
    const made = await createController(t, systemClock, maximum);
    const { request } = made.replay(name);
    const result = await call(made, idIn(request.url));
    const sent = made.cloud.requests.at(-1);
    t.is(sent?.method, request.method);
    t.is(sent?.path.split('?')[0], pathHere(request.url));
    t.deepEqual(sent?.body ? JSON.parse(sent.body) : null, request.body ?? null);
    t.deepEqual(result, expected);
  });

test('nova-server-create, then the instance as Nova shows it', async (t) => {
  const made = await createController(t, systemClock);
  const { request } = made.replay('nova-server-create');
  made.replay('nova-server-with-floating-ip');
  const body = request.body as {
    server: { name: string; flavorRef: string; imageRef: string; networks: { uuid: string }[] };
  };
  const { name, flavorRef: flavorId, imageRef: imageId, networks } = body.server;
  const networkIds = networks.map(({ uuid }) => uuid);
  const instance = await made.controller.compute.createInstance({ name, flavorId, imageId, networkIds });
  t.deepEqual(JSON.parse(made.cloud.requests.at(-2)?.body ?? ''), body);
  t.like(instance, { id: 'e1073f6a-edba-4968-8bcc-9236e4c28d4d', status: 'ACTIVE', hostname: 'compute-1' });
});
