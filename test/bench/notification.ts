import { createDoctor, type Doctor, mapBounded, type ProjectOwner, until } from '@nfv-doctor/core';
import embedded from '@nfv-doctor/plugin-embedded';
import openstack from '@nfv-doctor/plugin-openstack';
import sample from '@nfv-doctor/plugin-sample';
import { type BenchRow, row } from './rows.js';

const HOST = 'compute-1';
/** Goals for the shortcut, ms, by instances. */
const GOALS: Readonly<Record<number, number>> = { 1: 10, 100: 50, 1000: 300 };
const ROUNDS: Readonly<Record<number, number>> = { 1: 30, 100: 15, 1000: 5 };

interface Variant {
  mode: 'shortcut' | 'conservative';
  /** Of every call of the cloud. */
  latencyMs: number;
}

interface Rig {
  doctor: Doctor;
  owner: ProjectOwner;
  ids: string[];
}

/** The whole of Doctor and a cloud without latency in one process, `count` instances on one host, an alarm for each. */
async function startRig(count: number, { mode, latencyMs }: Variant): Promise<Rig> {
  const doctor = await createDoctor({
    discover: false,
    env: {},
    plugins: [embedded, openstack, sample],
    roles: ['installer', 'controller', 'notifier', 'inspector', 'monitor', 'consumer'],
    config: {
      log: { level: 'error' },
      installer: {
        hosts: { count: 3, vcpus: 2 * count, memory_mb: 1024 * count, disk_gb: 2 * count },
        latency: { distribution: latencyMs > 0 ? 'fixed' : 'none', fixed: latencyMs },
        quota: { instances: -1, cores: -1, ram_mb: -1 },
      },
      inspector: { mode },
      // the same host fails again and again
      monitor: { probe: 'udp', flap_changes: 0, misses: 1 },
      consumer: { recover: false },
    },
  });
  await doctor.start();
  const owner = await doctor
    .role('controller')
    .identity.createOwner({ project: 'bench', user: 'bench', password: 'bench', role: 'admin' });
  const ids = await boot(doctor, owner, count);
  await doctor.role('monitor').watch(await doctor.role('installer').hosts(), AbortSignal.timeout(10_000));
  return { doctor, owner, ids };
}

async function boot(doctor: Doctor, owner: ProjectOwner, count: number): Promise<string[]> {
  const cloud = doctor.role('controller').as(owner.credentials);
  const image = await cloud.image.createImage({ name: 'bench', diskFormat: 'raw', data: new Uint8Array(1) });
  const flavor = await cloud.compute.createFlavor({ name: 'bench', vcpus: 1, memoryMb: 512, diskGb: 1 });
  const network = await cloud.network.createNetwork('bench');
  await cloud.network.createSubnet(network.id, 'bench', '10.0.0.0/16');
  const names = Array.from({ length: count }, (_, index) => `bench-${index}`);
  await mapBounded(names, 16, (name) =>
    cloud.compute.createInstance({
      name,
      flavorId: flavor.id,
      imageId: image.id,
      networkIds: [network.id],
      hostname: HOST,
    }),
  );
  const instances = await until(
    async () => {
      const all = await cloud.compute.instances({ projectId: owner.projectId, allProjects: true });
      return all.length === count && all.every(({ status }) => status === 'ACTIVE') ? all : undefined;
    },
    { clock: doctor.clock, what: `${count} instances`, timeoutMs: 60_000 },
  );
  await doctor.role('consumer').protect(instances, owner);
  return instances.map(({ id }) => id);
}

/** One outage. @returns ms from the detection to the first and the last notification */
async function outage({ doctor, owner, ids }: Rig): Promise<{ first: number; last: number }> {
  let detected: number | undefined;
  const notified = new Map<string, number>();
  const stop = doctor.events.on('checkpoint', ({ name, at, instanceId, hostname }) => {
    if (name === 'T01' && hostname === HOST) detected ??= at;
    if (name === 'T09' && instanceId !== undefined) notified.set(instanceId, at);
  });
  const cut = await doctor.role('installer').cutNetwork(HOST, 60_000);
  const wait = { clock: doctor.clock, timeoutMs: 30_000, intervalMs: 20 };
  await until(() => notified.size === ids.length, { ...wait, what: 'the last notification' });
  stop();
  await doctor.role('inspector').settled(AbortSignal.timeout(30_000));
  await cut.restore();
  const alarms = () => doctor.role('notifier').listAlarms(owner);
  await until(async () => (await alarms()).every(({ state }) => state === 'ok'), {
    ...wait,
    what: 'the alarms to be ok again',
  });
  await doctor.role('inspector').settled(AbortSignal.timeout(30_000));
  const times = [...notified.values()].map((at) => at - (detected ?? Number.NaN));
  return { first: Math.min(...times), last: Math.max(...times) };
}

/** What the cloud itself takes for the same changes: force-down, then every instance to error. */
async function cloudsOwnTime({ doctor, ids }: Rig): Promise<number> {
  const { compute } = doctor.role('controller');
  const started = performance.now();
  await compute.forceDown(HOST, true);
  await mapBounded(ids, 64, (id) => compute.resetState(id, 'error'));
  const took = performance.now() - started;
  await compute.forceDown(HOST, false);
  await mapBounded(ids, 64, (id) => compute.resetState(id, 'active'));
  return took;
}

async function measure(count: number, variant: Variant): Promise<BenchRow[]> {
  const { mode, latencyMs } = variant;
  const rig = await startRig(count, variant);
  try {
    await outage(rig); // the compiler's round
    const outages: Awaited<ReturnType<typeof outage>>[] = [];
    const rounds = latencyMs > 0 ? 5 : (ROUNDS[count] ?? 5);
    for (let round = 0; round < rounds; round++) outages.push(await outage(rig));
    const cloud = latencyMs > 0 ? `, the cloud takes ${latencyMs} ms a call` : '';
    const name = `notification, ${count} ${count === 1 ? 'VM' : 'VMs'}, ${mode}${cloud}`;
    const last = outages.map((one) => one.last);
    if (mode === 'shortcut') return [row(name, 'ms', last, { goal: GOALS[count] ?? Number.NaN })];
    // alarms would answer the changes of the comparison, too
    await rig.doctor.role('consumer').release();
    const own: number[] = [];
    for (let round = 0; round < 5; round++) own.push(await cloudsOwnTime(rig));
    const floor = row('', 'ms', own).median;
    // a cloud that takes no time leaves nothing to hold the notification against: both are Doctor's own work then
    return [
      row(name, 'ms', last, latencyMs > 0 ? { floor, goal: Math.round(floor * 120) / 100 } : { floor }),
    ];
  } finally {
    await rig.doctor.stop();
  }
}

/** From the detection to the last notification, the whole chain over HTTP and sockets. */
export async function benchNotification(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const variant of [
    { mode: 'shortcut', latencyMs: 0 },
    { mode: 'conservative', latencyMs: 0 },
    // force-down of the real cloud takes 47 to 95 ms, reset-state 46 to 144 ms
    { mode: 'conservative', latencyMs: 50 },
  ] as const)
    for (const count of [1, 100, 1000]) rows.push(...(await measure(count, variant)));
  return rows;
}
