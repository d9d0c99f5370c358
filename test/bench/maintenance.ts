import {
  type Clock,
  createDoctor,
  type Doctor,
  mapBounded,
  type ProjectOwner,
  until,
} from '@nfv-doctor/core';
import { formatUtc, type MaintenanceRequest } from '@nfv-doctor/core/plugin-api';
import { systemClock } from '@nfv-doctor/core/testing';
import embedded from '@nfv-doctor/plugin-embedded';
import openstack from '@nfv-doctor/plugin-openstack';
import sample from '@nfv-doctor/plugin-sample';
import { IdleClock } from './idle-clock.js';
import { type BenchRow, row } from './rows.js';

interface Rig {
  doctor: Doctor;
  /** Lets the clock move on until the promise settles. */
  run<T>(promise: Promise<T>): Promise<T>;
}

interface RigOptions {
  clock: Clock;
  run<T>(promise: Promise<T>): Promise<T>;
  hosts: { hostname: string; vcpus: number }[];
  config?: { installer?: object; admin_tool?: object };
}

async function startRig({ clock, run, hosts, config = {} }: RigOptions): Promise<Rig> {
  const doctor = await createDoctor({
    discover: false,
    env: {},
    clock,
    plugins: [embedded, openstack, sample],
    roles: ['installer', 'controller', 'notifier', 'message_bus', 'app_manager', 'admin_tool'],
    config: {
      log: { level: 'error' },
      store: { folder: '' },
      installer: {
        network: 'none',
        hosts: {
          list: hosts.map(({ hostname, vcpus }) => ({
            hostname,
            vcpus,
            memory_mb: vcpus * 512,
            disk_gb: 1000,
          })),
        },
        quota: { instances: -1, cores: -1, ram_mb: -1 },
        ...config.installer,
      },
      admin_tool: { ...config.admin_tool },
    },
  });
  await run(doctor.start());
  return { doctor, run };
}

/** A project with an instance on each of these hosts, one after another, and its application managed. */
async function boot({ doctor }: Rig, name: string, places: readonly string[]): Promise<ProjectOwner> {
  const controller = doctor.role('controller');
  const owner = await controller.identity.createOwner({
    project: name,
    user: name,
    password: name,
    role: 'admin',
  });
  const cloud = controller.as(owner.credentials);
  const image = await cloud.image.createImage({ name, diskFormat: 'raw', data: new Uint8Array(1) });
  const flavor = await cloud.compute.createFlavor({ name, vcpus: 1, memoryMb: 512, diskGb: 1 });
  const network = await cloud.network.createNetwork(name);
  await cloud.network.createSubnet(network.id, name, '10.0.0.0/16');
  const made = await mapBounded([...places.entries()], 16, ([index, hostname]) =>
    cloud.compute.createInstance({
      name: `${name}-${index}`,
      flavorId: flavor.id,
      imageId: image.id,
      networkIds: [network.id],
      hostname,
    }),
  );
  const { projectId } = owner;
  await until(
    async () => {
      const all = await controller.compute.instances({ projectId, allProjects: true });
      return all.length === places.length && all.every(({ status }) => status === 'ACTIVE');
    },
    { clock: systemClock, what: `${places.length} instances`, timeoutMs: 120_000 },
  );
  await doctor.role('app_manager').manage({ owner, redundant: [], scalable: made.map(({ id }) => id) });
  return owner;
}

/** Runs a session to its end. @returns ms from its begin (lead time included), by the rig's clock */
async function session(
  rig: Rig,
  request: Omit<MaintenanceRequest, 'maintenance_at'>,
  leadMs: number,
): Promise<number> {
  const { doctor, run } = rig;
  const tool = doctor.role('admin_tool');
  const begun = doctor.clock.monotonic();
  const at = Math.ceil((doctor.clock.now() + leadMs) / 1000) * 1000;
  const lead = at - doctor.clock.now();
  const ended = new Promise<string>((resolve) => {
    doctor.events.on('maintenance.session', ({ state, reason = '' }) => {
      if (state === 'MAINTENANCE_DONE') resolve('');
      if (state === 'MAINTENANCE_FAILED') resolve(reason);
    });
  });
  const { sessionId } = await run(tool.create({ ...request, maintenance_at: formatUtc(at) }));
  const reason = await run(ended);
  if (reason) throw new Error(`the session failed: ${reason}`);
  const total = doctor.clock.monotonic() - begun;
  await run(tool.remove(sessionId));
  return total - lead;
}

const hostList = (count: number, vcpus: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => ({ hostname: `${prefix}-${index + 1}`, vcpus }));

/** Three hosts, four instances: what is left of the session's time when migrations and lead time are taken off. */
async function ownShare(): Promise<BenchRow[]> {
  const [migrationMs, confirmMs] = [200, 50];
  const shares: number[] = [];
  const rig = await startRig({
    clock: systemClock,
    run: (promise) => promise,
    hosts: hostList(3, 2, 'compute'),
    config: { installer: { migration_time: migrationMs, confirm_time: confirmMs } },
  });
  try {
    await boot(rig, 'share', ['compute-1', 'compute-1', 'compute-2', 'compute-2']);
    for (let round = 0; round < 7; round++) {
      // two hosts have instances to move, each side by side; the third is empty
      shares.push((await session(rig, {}, 1000)) - 2 * (migrationMs + confirmMs));
    }
  } finally {
    await rig.doctor.stop();
  }
  return [row('own share of a session, 3 hosts', 'ms', shares, { goal: 2000 })];
}

const HOSTS = 100;
const PER_HOST = 10;
const SPARE = 10;
const [MIGRATION_MS, CONFIRM_MS, WORK_MS] = [20_000, 2_000, 60_000];

/** 100 hosts with ten instances each and room for ten hosts' instances, in virtual time. */
async function manyHosts(parallel: number): Promise<{ ms: number; planMs: number }> {
  const clock = new IdleClock();
  const rig = await startRig({
    clock,
    run: (promise) => clock.run(promise),
    hosts: [...hostList(HOSTS, PER_HOST, 'compute'), ...hostList(SPARE, PER_HOST, 'spare')],
    config: {
      installer: { migration_time: MIGRATION_MS, confirm_time: CONFIRM_MS },
      admin_tool: {
        // the bus tells of every move: polling is the second way only
        poll_interval: '10 min',
        actions: { work: { kind: 'none', duration: WORK_MS } },
        default_actions: ['work'],
        max_parallel_hosts: parallel,
        reply_timeout: '1 h',
      },
    },
  });
  try {
    const hosts = hostList(HOSTS, 0, 'compute').map(({ hostname }) => hostname);
    await clock.run(
      boot(
        rig,
        'many',
        hosts.flatMap((hostname) => Array<string>(PER_HOST).fill(hostname)),
      ),
    );
    const begun = performance.now();
    await clock.run(
      Promise.resolve(rig.doctor.role('admin_tool').plan?.({ hosts, maintenance_at: '2031-01-01 00:00:00' })),
    );
    const planMs = performance.now() - begun;
    return { ms: await session(rig, { hosts }, 600_000), planMs };
  } finally {
    await clock.run(rig.doctor.stop());
  }
}

/**
 * No schedule is faster: every host has to be vacant for its work, and while its instances move their room is taken twice,
 * so that room for a host is used for move and work; there is room for SPARE hosts at once.
 */
const LOWER_BOUND_MS = (HOSTS / SPARE) * (MIGRATION_MS + CONFIRM_MS + WORK_MS);

/** Twenty sessions of twenty projects at once, three hosts each. */
async function manySessions(): Promise<BenchRow[]> {
  const [count, each] = [20, 3];
  const rig = await startRig({
    clock: systemClock,
    run: (promise) => promise,
    hosts: Array.from({ length: count }, (_, index) => hostList(each, 2, `site-${index + 1}`)).flat(),
  });
  try {
    const { doctor } = rig;
    const failures: string[] = [];
    let done = 0;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 20);
    const ended = new Promise<void>((resolve) => {
      doctor.events.on('maintenance.session', ({ state, reason = '' }) => {
        if (state === 'MAINTENANCE_FAILED') failures.push(reason);
        if ((state === 'MAINTENANCE_FAILED' || state === 'MAINTENANCE_DONE') && ++done === count) resolve();
      });
    });
    // a project that takes part in all sessions would be asked by all: each has hosts and instances of its own
    for (let index = 1; index <= count; index++)
      await boot(rig, `project-${index}`, [
        `site-${index}-1`,
        `site-${index}-1`,
        `site-${index}-2`,
        `site-${index}-2`,
      ]);
    const at = formatUtc(Math.ceil((doctor.clock.now() + 5000) / 1000) * 1000);
    const begun = performance.now();
    for (let index = 1; index <= count; index++)
      await doctor.role('admin_tool').create({
        hosts: [1, 2, 3].map((number) => `site-${index}-${number}`),
        maintenance_at: at,
      });
    await ended;
    clearInterval(watch);
    if (failures.length > 0) throw new Error(failures.join('; '));
    return [
      row('20 sessions at once, resident memory (cloud included)', 'MB', [most / 1e6], { goal: 300 }),
      row('20 sessions at once, to the end of the last', 'ms', [performance.now() - begun]),
    ];
  } finally {
    await rig.doctor.stop();
  }
}

export async function benchMaintenance(): Promise<BenchRow[]> {
  const share = await ownShare();
  const sessions = await manySessions();
  const side = await manyHosts(SPARE);
  const single = await manyHosts(1);
  return [
    ...share,
    ...sessions,
    row('plan 100 hosts × 10 instances', 'ms', [side.planMs], { goal: 2000 }),
    row('100 hosts × 10 instances, one by one (virtual)', 's', [single.ms / 1000]),
    row('100 hosts × 10 instances, side by side (virtual)', 's', [side.ms / 1000], {
      floor: LOWER_BOUND_MS / 1000,
      goal: (LOWER_BOUND_MS * 1.15) / 1000,
    }),
    row('side by side to one by one (virtual)', '×', [side.ms / single.ms], { goal: 0.2 }),
  ];
}
