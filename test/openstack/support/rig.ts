import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  createDoctor,
  type Doctor,
  type Instance,
  mapBounded,
  type ProjectOwner,
  type RoleName,
  until,
} from '@nfv-doctor/core';
import { ROOT } from './bed.js';
import { PLACES } from './scenario.js';

export interface RigOptions {
  instances?: number;
  /** By `section.key`, over config/openstack.yaml. */
  set?: Readonly<Record<string, unknown>>;
  roles?: readonly RoleName[];
}

/** A Doctor on the test bed, with instances of a project of their own on one host. */
export interface Rig {
  doctor: Doctor;
  owner: ProjectOwner;
  instances: readonly Instance[];
  hostname: string;
  /** Removes the instances and the project, stops Doctor. */
  stop(): Promise<void>;
}

const ROLES: readonly RoleName[] = [
  'installer',
  'controller',
  'notifier',
  'inspector',
  'monitor',
  'consumer',
];

/** Config of a Doctor that sees faults of the same host again and again, and whose consumer only listens. */
const again = ({ 'inspector.type': inspector = 'sample' }: Readonly<Record<string, unknown>>) => ({
  'monitor.flap_changes': 0,
  'consumer.recover': false,
  ...(inspector === 'sample' ? { 'inspector.max_hosts_down': 0 } : {}),
});

export const openDoctor = (set: Readonly<Record<string, unknown>>, roles: readonly RoleName[] = ROLES) =>
  createDoctor({
    roles,
    configFile: join(ROOT, 'config/openstack.yaml'),
    overrides: { ...PLACES, 'log.level': 'error', ...again(set), ...set },
  });

/** All instances land on one host: by affinity to the first. */
export async function startRig({ instances: count = 1, set = {}, roles }: RigOptions = {}): Promise<Rig> {
  const doctor = await openDoctor(set, roles);
  await doctor.start();
  const undo: (() => Promise<unknown>)[] = [() => doctor.stop()];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const step of undo.toReversed()) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    const project = await makeProject(doctor, undo, count);
    const instances = await boot(doctor, project, undo, count);
    return { doctor, owner: project.owner, instances, hostname: instances[0]?.hostname ?? '', stop };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

type Undo = (() => Promise<unknown>)[];
interface Project {
  name: string;
  owner: ProjectOwner;
  networkId: string;
}

async function makeProject(doctor: Doctor, undo: Undo, count: number): Promise<Project> {
  const name = `rig-${randomUUID().slice(0, 8)}`;
  const { identity, compute } = doctor.role('controller');
  const owner = await identity.createOwner({ project: name, user: name, password: randomUUID() });
  undo.push(() => identity.deleteOwner(owner));
  await compute.setQuota(owner.projectId, {
    instances: count + 1,
    cores: count + 1,
    memoryMb: 1024 * count + 1024,
  });
  const { network } = doctor.role('controller').as(owner.credentials);
  const { id: networkId } = await network.createNetwork(name);
  undo.push(() =>
    until(
      () =>
        network.deleteNetwork(networkId).then(
          () => true,
          () => false,
        ),
      {
        clock: doctor.clock,
        what: 'the network to be free of ports',
        timeoutMs: 30_000,
        intervalMs: 500,
      },
    ),
  );
  await network.createSubnet(networkId, name, '10.96.0.0/16');
  return { name, owner, networkId };
}

async function boot(
  doctor: Doctor,
  { name, owner, networkId }: Project,
  undo: Undo,
  count: number,
): Promise<Instance[]> {
  const admin = doctor.role('controller');
  const { compute } = admin.as(owner.credentials);
  const [image] = await admin.image.images({ name: 'cirros' });
  const flavor = (await admin.compute.flavors()).find((each) => each.name === 'm1.tiny');
  const group = await compute.createServerGroup(name, 'affinity');
  undo.push(() => compute.deleteServerGroup(group.id));
  const list = () => admin.compute.instances({ projectId: owner.projectId, allProjects: true });
  const wait = { clock: doctor.clock, timeoutMs: 180_000, intervalMs: 500 };
  undo.push(async () => {
    await mapBounded(await list(), 4, ({ id }) => admin.compute.deleteInstance(id));
    await until(async () => (await list()).length === 0, { ...wait, what: 'the instances to be gone' });
  });
  const create = (index: number) =>
    compute.createInstance({
      name: `${name}-${index}`,
      flavorId: flavor?.id ?? '',
      imageId: image?.id ?? '',
      networkIds: [networkId],
      serverGroupId: group.id,
    });
  const active = (wanted: number) =>
    until(
      async () => {
        const all = await list();
        const failed = all.find(({ status }) => status === 'ERROR');
        if (failed) throw new Error(`${failed.name} did not boot: ${failed.fault}`);
        return all.length === wanted && all.every(({ status }) => status === 'ACTIVE') ? all : undefined;
      },
      { ...wait, what: `${wanted} instances to be ACTIVE` },
    );
  if (count === 0) return [];
  await create(0);
  await active(1);
  await mapBounded(
    Array.from({ length: count - 1 }, (_, index) => index + 1),
    4,
    create,
  );
  return active(count);
}

/** Monotonic ms of the checkpoints of one outage, and of the last of several instances each. */
export interface Outage {
  cutAt: number;
  /** By checkpoint: the latest stamp of any instance or the host. */
  last: Partial<Record<string, number>>;
  /** T01 to the last T09, ms. */
  notificationMs: number;
  firstMs: number;
}

/** Cuts the host's link until every owner was told and all is settled, then waits until all is well again. */
export async function outage({ doctor, owner, instances, hostname }: Rig): Promise<Outage> {
  const first: Partial<Record<string, number>> = {};
  const last: Partial<Record<string, number>> = {};
  const notified = new Map<string, number>();
  const end = doctor.events.on('checkpoint', ({ name, at, instanceId, hostname: host }) => {
    if (instanceId === undefined && host !== hostname) return;
    first[name] ??= at;
    // what Nova tells beside Doctor's own events comes after the alarms
    if (name === 'T09' && instanceId !== undefined) notified.set(instanceId, at);
    else if (notified.size === instances.length && /T0[5-8]/.test(name)) return;
    last[name] = at;
  });
  const wait = { clock: doctor.clock, timeoutMs: 60_000, intervalMs: 20 };
  const cut = await doctor.role('installer').cutNetwork(hostname, 120_000);
  try {
    await until(() => notified.size === instances.length, {
      ...wait,
      what: `the last of ${instances.length} notifications`,
    });
    await doctor.role('inspector').settled(AbortSignal.timeout(60_000));
  } finally {
    end();
    await cut.restore();
  }
  const { compute } = doctor.role('controller');
  await until(
    async () => (await doctor.role('inspector').faults()).every(({ state }) => state === 'cleared'),
    {
      ...wait,
      what: 'the fault to be cleared',
    },
  );
  await doctor.role('inspector').settled(AbortSignal.timeout(60_000));
  await until(
    async () => (await doctor.role('notifier').listAlarms(owner)).every(({ state }) => state !== 'alarm'),
    { ...wait, intervalMs: 200, what: 'the alarms to be ok again' },
  );
  await until(
    async () => (await compute.hosts()).some((host) => host.hostname === hostname && host.state === 'up'),
    { ...wait, intervalMs: 200, what: `${hostname} to be up again` },
  );
  const detected = first['T01'] ?? Number.NaN;
  const times = [...notified.values()].map((at) => at - detected);
  return { cutAt: cut.cutAt, last, notificationMs: Math.max(...times), firstMs: Math.min(...times) };
}

/** The consumer registers its alarms, the monitor watches the hosts. */
export async function watchFaults({ doctor, owner, instances }: Rig): Promise<void> {
  await doctor.role('consumer').protect(instances, owner);
  await doctor.role('monitor').watch(await doctor.role('installer').hosts(), AbortSignal.timeout(20_000));
}
