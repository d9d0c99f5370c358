import { type HostMessage, type Notification, type ProjectMessage, until } from '@nfv-doctor/core/plugin-api';
import { adminToolContract, startTestDoctor, systemClock } from '@nfv-doctor/core/testing';
import test from 'ava';

// the other plugins are found as they are installed; Fenix is the embedded cloud's own
adminToolContract(
  test,
  async () => {
    const doctor = await startTestDoctor({
      plugins: [],
      discover: true,
      config: {
        installer: {
          type: 'embedded',
          network: 'none',
          hosts: { count: 2, vcpus: 2 },
          migration_time: '10 ms',
          emulators: ['fenix'],
        },
        cloud: { type: 'openstack' },
        controller: { type: 'openstack' },
        message_bus: { type: 'sample' },
        admin_tool: { type: 'fenix', poll_interval: '20 ms', end_poll_interval: '20 ms' },
      },
      roles: ['installer', 'message_bus', 'cloud', 'controller', 'admin_tool'],
    });
    const controller = doctor.role('controller');
    const { compute, image, identity } = controller;
    const owner = await identity.createOwner({ project: 'contract', user: 'contract', password: 'contract' });
    const own = controller.as(owner.credentials);
    const net = await own.network.createNetwork('contract');
    await own.network.createSubnet(net.id, 'contract', '10.1.0.0/24');
    const flavor = await compute.createFlavor({ name: 'contract', vcpus: 1, memoryMb: 64, diskGb: 1 });
    const [cirros] = await image.images();
    const { id } = await own.compute.createInstance({
      name: 'contract',
      flavorId: flavor.id,
      imageId: cirros?.id ?? '',
      networkIds: [net.id],
    });
    await until(async () => (await compute.instance(id)).status === 'ACTIVE', {
      clock: systemClock,
      what: 'the instance to be ACTIVE',
      timeoutMs: 10_000,
      intervalMs: 5,
    });
    const projects: ProjectMessage[] = [];
    const hosts: HostMessage[] = [];
    doctor.events.on('maintenance.message', ({ message }) => projects.push(message));
    doctor.events.on('maintenance.host', ({ message }) => hosts.push(message));
    let verdict: 'ACK' | 'NACK' | undefined;
    const session = doctor.role('cloud');
    await doctor
      .role('message_bus')
      .subscribe(['maintenance.scheduled'], async ({ payload }: Notification) => {
        const state = String(payload['state']);
        if (verdict === undefined || state === 'INSTANCE_ACTION_DONE') return;
        const path = new URL(String(payload['reply_url'])).pathname;
        const { body } = await session.request<{ instance_ids: string[] }>('maintenance', {
          method: 'GET',
          path,
        });
        const actions = Object.fromEntries(body.instance_ids.map((each) => [each, 'MIGRATE']));
        await session.request('maintenance', {
          method: 'PUT',
          path,
          json: {
            state: `${verdict}_${state}`,
            ...(state.startsWith('P') ? { instance_actions: actions } : {}),
          },
        });
      });
    return {
      tool: doctor.role('admin_tool'),
      hosts: (await compute.hosts()).map(({ hostname }) => hostname),
      projectId: owner.projectId,
      projectMessages: () => projects,
      hostMessages: () => hosts,
      answer(next) {
        verdict = next;
      },
      enabled: async (hostname) =>
        (await compute.hosts()).some((host) => host.hostname === hostname && host.status === 'enabled'),
      now: () => Date.now(),
      close: () => doctor.stop(),
    };
  },
  // Fenix tells no reason for a failure, and nothing beforehand
  { does: { reasons: false, plan: false }, leadMs: 1_000 },
);
