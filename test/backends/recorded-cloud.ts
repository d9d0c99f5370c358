import {
  createDoctor,
  type Doctor,
  type Instance,
  mapBounded,
  type ProjectOwner,
  until,
} from '@nfv-doctor/core';
import { systemClock } from '@nfv-doctor/core/testing';

/** The cloud that the recordings were made on, made again on the embedded one. */
export interface RecordedCloud {
  doctor: Doctor;
  owner: ProjectOwner;
  instances: Instance[];
  /** A token of the administrator. */
  admin: string;
  /** A token of a plain member of the project. */
  member: string;
  keystoneUrl: string;
  password: string;
  close(): Promise<void>;
}

/** Hosts of the instances, by name. */
export type Placement = Readonly<Record<string, string>>;

export const PLACEMENT: Placement = {
  doctor_nonha_app_0: 'compute-3',
  doctor_nonha_app_1: 'compute-1',
  doctor_nonha_app_2: 'compute-1',
  doctor_nonha_app_3: 'compute-2',
  doctor_ha_app_0: 'compute-3',
  doctor_ha_app_1: 'compute-2',
};

/** Three hosts of two vCPUs, six instances of one project, the first of the pair with a floating IP. */
export async function recordedCloud(
  installer: Record<string, unknown> = {},
  placement: Placement = PLACEMENT,
  // in the order in which their services came up: Nova counts them
  order: readonly string[] = ['compute-1', 'compute-3', 'compute-2'],
  session: Record<string, unknown> = {},
): Promise<RecordedCloud> {
  const password = 'password-of-admin';
  const doctor = await createDoctor({
    env: {},
    config: {
      log: { level: 'silent' },
      installer: {
        type: 'embedded',
        network: 'none',
        hosts: {
          vcpus: 2,
          memory_mb: 4096,
          list: order.map((hostname) => ({ hostname })),
        },
        admin_password: password,
        migration_time: 20,
        confirm_time: 10,
        ...installer,
      },
      cloud: { type: 'openstack', ...session },
      controller: { type: 'openstack' },
      message_bus: { type: 'sample' },
    },
    roles: ['installer', 'cloud', 'controller', 'message_bus'],
  });
  await doctor.start();
  const cloud = doctor.role('cloud');
  const controller = doctor.role('controller');
  for (const flavor of await controller.compute.flavors()) await controller.compute.deleteFlavor(flavor.id);
  for (const flavor of [
    { id: '1', name: 'm1.tiny', ram: 512, vcpus: 1, disk: 1 },
    { id: '2', name: 'm1.small', ram: 1024, vcpus: 1, disk: 1 },
  ])
    await cloud.request('compute', { method: 'POST', path: '/flavors', json: { flavor } });
  const owner = await controller.identity.createOwner({
    project: 'doctor',
    user: 'doctor',
    password: 'doctor',
  });
  const external = (await controller.network.networks({ external: true }))[0];
  const own = controller.as(owner.credentials);
  const network = await own.network.createNetwork('int_net');
  const subnet = await own.network.createSubnet(network.id, 'int_net', '9.9.9.0/24');
  const router = await own.network.createRouter('int_router', external?.id);
  await own.network.addRouterInterface(router.id, subnet.id);
  const [image] = await controller.image.images();
  const admin = controller.compute;
  const instances: Instance[] = [];
  // Nova lists the newest first
  await mapBounded(Object.entries(placement).toReversed(), 1, async ([name, hostname]) => {
    // an owner may not choose the host: the others are closed meanwhile
    for (const host of await admin.hosts()) await admin.setEnabled(host.hostname, host.hostname === hostname);
    const { id } = await own.compute.createInstance({
      name,
      flavorId: '1',
      imageId: image?.id ?? '',
      networkIds: [network.id],
    });
    const active = await until(
      async () => {
        const found = await admin.instance(id);
        return found.status === 'ACTIVE' && found;
      },
      { clock: systemClock, what: `${name} to be ACTIVE`, timeoutMs: 10_000, intervalMs: 5 },
    );
    instances.push(active);
  });
  for (const host of await admin.hosts()) await admin.setEnabled(host.hostname, true);
  const first = instances.find(({ name }) => name === 'doctor_ha_app_0');
  const [port] = first ? await own.network.ports(first.id) : [];
  if (external && port) await own.network.createFloatingIp(external.id, port.id);
  return {
    doctor,
    owner,
    instances,
    password,
    admin: await cloud.token(),
    member: await cloud.as(owner.credentials).token(),
    keystoneUrl: (await cloud.endpoint('identity')).href.replace(/\/$/, ''),
    close: () => doctor.stop(),
  };
}
