import type { Host } from '../../../domain/host.js';
import { ScenarioSkipped, type Step } from '../../engine/types.js';
import type { MaintenanceContext, MaintenanceState } from '../state.js';

const LEAST_HOSTS = 3;

/** Room of a host that nothing uses yet. */
async function freeRoom(ctx: MaintenanceContext): Promise<{ host: Host; vcpus: number; memoryMb: number }[]> {
  const { compute } = ctx.role('controller');
  const [hosts, instances] = await Promise.all([
    compute.hosts(ctx.signal),
    compute.instances({ allProjects: true }, ctx.signal),
  ]);
  return hosts
    .filter(({ state, status }) => state === 'up' && status === 'enabled')
    .map((host) => {
      const here = instances.filter(({ hostname }) => hostname === host.hostname);
      const used = (key: 'vcpus' | 'memoryMb') =>
        here.reduce((sum, instance) => sum + (instance[key] ?? 0), 0);
      return {
        host,
        vcpus: (host.vcpus ?? 0) - Math.max(used('vcpus'), host.vcpusUsed ?? 0),
        memoryMb: (host.memoryMb ?? 0) - Math.max(used('memoryMb'), host.memoryMbUsed ?? 0),
      };
    });
}

/** Looks at the hosts, and makes a flavor of which so many fill the smallest. */
export const measureHosts: Step<MaintenanceState> = {
  name: 'hosts',
  title: 'Measure the hosts',
  async run(ctx) {
    const { state } = ctx;
    const rooms = await freeRoom(ctx);
    if (rooms.length < LEAST_HOSTS)
      throw new ScenarioSkipped(
        `maintenance needs ${LEAST_HOSTS} compute hosts that are up and enabled, found ${rooms.length}`,
      );
    const share = (key: 'vcpus' | 'memoryMb') =>
      Math.floor(Math.min(...rooms.map((room) => room[key])) / state.variant.slotsPerHost);
    const [vcpus, memoryMb] = [share('vcpus'), share('memoryMb')];
    if (vcpus < 1 || memoryMb < 64)
      throw new ScenarioSkipped(`the hosts have no room for ${state.variant.slotsPerHost} instances each`);
    state.hosts = rooms.map(({ host }) => host);
    state.capacity = rooms.reduce(
      (sum, room) => sum + Math.min(Math.floor(room.vcpus / vcpus), Math.floor(room.memoryMb / memoryMb)),
      0,
    );
    const name = `${ctx.prefix}-flavor`;
    // the smallest disk: what is filled is vCPUs and memory
    state.flavor = await ctx
      .role('controller')
      .compute.createFlavor({ name, vcpus, memoryMb, diskGb: ctx.options.flavor_disk_gb });
    ctx.progress(
      `${rooms.length} hosts for ${state.capacity} instances of ${vcpus} vCPUs and ${memoryMb} MiB`,
    );
  },
  async undo(ctx) {
    const { flavor } = ctx.state;
    if (!flavor) return;
    await ctx
      .role('controller')
      .compute.deleteFlavor(flavor.id, ctx.signal)
      .catch((error: unknown) => ctx.leftover(`flavor ${flavor.name} (${flavor.id})`, error));
  },
};
