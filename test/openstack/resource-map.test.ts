import { type Controller, until } from '@nfv-doctor/core';
import { systemClock } from '@nfv-doctor/core/testing';
import test, { type ExecutionContext } from 'ava';
import { mustLeaveNothing, service } from './support/bed.js';
import { startOnCloud } from './support/doctor.js';
import { type Rig, startRig } from './support/rig.js';

/** From what Nova's API shows to what the map has. */
const LATEST_MS = 1_000;

/** Ids of the instances that the map has on a host. */
async function onMap({ doctor }: Rig, hostname: string): Promise<string[]> {
  const url = new URL(`map/hosts/${hostname}`, doctor.role('inspector').endpoint);
  const { instances } = (await (await fetch(url)).json()) as { instances: { id: string }[] };
  return instances.map(({ id }) => id);
}

/** Both are looked at until both show it. */
async function seenSoon(
  t: ExecutionContext,
  what: string,
  nova: () => Promise<boolean>,
  map: () => Promise<boolean>,
): Promise<void> {
  const at = async (look: () => Promise<boolean>, name: string) => {
    await until(look, { clock: systemClock, what: `${what} in ${name}`, timeoutMs: 60_000, intervalMs: 50 });
    return performance.now();
  };
  const [shown, mapped] = await Promise.all([at(nova, "Nova's API"), at(map, 'the map')]);
  t.log(`${what}: in the map ${Math.round(mapped - shown)} ms after Nova's API shows it`);
  t.true(mapped - shown < LATEST_MS);
}

test.serial(
  'what happens to instances outside of Doctor is in the map at once, also after the broker restarted',
  async (t) => {
    const leftNothing = await mustLeaveNothing(t);
    const outside = await startOnCloud(['controller']);
    const rig = await startRig({
      instances: 0,
      roles: ['installer', 'controller', 'inspector'],
      set: { 'inspector.snapshot_interval': 0 },
    });
    try {
      const admin = outside.role('controller');
      const network = await admin.network.createNetwork('outside');
      await admin.network.createSubnet(network.id, 'outside', '10.95.0.0/24');
      try {
        await lifeOf(t, rig, admin, network.id);
        await service('rabbitmq', 'restart');
        await service('rabbitmq', 'ready');
        await lifeOf(t, rig, admin, network.id);
      } finally {
        await until(
          () =>
            admin.network.deleteNetwork(network.id).then(
              () => true,
              () => false,
            ),
          {
            clock: systemClock,
            what: 'the network to be free',
            timeoutMs: 30_000,
          },
        );
      }
    } finally {
      await rig.stop();
      await outside.stop();
    }
    await leftNothing();
  },
);

/** Created, moved, deleted. */
async function lifeOf(t: ExecutionContext, rig: Rig, { compute, image }: Controller, networkId: string) {
  const [cirros] = await image.images({ name: 'cirros' });
  const flavor = (await compute.flavors()).find(({ name }) => name === 'm1.tiny');
  const { id } = await compute.createInstance({
    name: 'outside',
    flavorId: flavor?.id ?? '',
    imageId: cirros?.id ?? '',
    networkIds: [networkId],
  });
  const hosts = ['compute-1', 'compute-2', 'compute-3'];
  const mapHost = async () => {
    for (const host of hosts) if ((await onMap(rig, host)).includes(id)) return host;
    return undefined;
  };
  const novaHost = async () => (await compute.instance(id)).hostname ?? undefined;
  await seenSoon(
    t,
    'created',
    async () => (await novaHost()) !== undefined,
    async () => (await mapHost()) !== undefined,
  );
  await until(async () => (await compute.instance(id)).status === 'ACTIVE', {
    clock: systemClock,
    what: 'the instance to be ACTIVE',
    timeoutMs: 60_000,
  });
  const from = await novaHost();
  t.is(await mapHost(), from);
  await compute.liveMigrate(id);
  const moved = (host: string | undefined) => host !== undefined && host !== from;
  await seenSoon(
    t,
    'migrated',
    async () => moved(await novaHost()),
    async () => moved(await mapHost()),
  );
  t.is(await mapHost(), await novaHost());
  await until(async () => (await compute.instance(id)).status === 'ACTIVE', {
    clock: systemClock,
    what: 'the end of the migration',
    timeoutMs: 60_000,
  });
  await compute.deleteInstance(id);
  await seenSoon(
    t,
    'deleted',
    async () => (await compute.instances({ name: 'outside' })).length === 0,
    async () => (await mapHost()) === undefined,
  );
}
