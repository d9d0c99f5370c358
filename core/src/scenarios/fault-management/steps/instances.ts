import { mapBounded } from '../../../domain/each.js';
import { DoctorError } from '../../../errors/index.js';
import { deleteInstances, made, ownersCloud, remove, whenActive } from '../../common/index.js';
import type { Step } from '../../engine/types.js';
import type { FaultContext, FaultManagementState } from '../state.js';

/**
 * Boots the instances as their owner, all on one host. To choose a host is for administrators only, so the owner asks
 * for a server group with affinity, which any member may: the first instance decides the host, the others follow.
 */
export const bootInstances: Step<FaultManagementState> = {
  name: 'instances',
  title: 'Boot the instances on one host',
  async run(ctx) {
    const count = ctx.options.vm_count;
    const cloud = ownersCloud(ctx);
    if (count > 1)
      ctx.state.serverGroupId = (await cloud.compute.createServerGroup(`${ctx.prefix}-group`, 'affinity')).id;
    const first = await boot(ctx, 0);
    await whenActive(ctx, [first]);
    const others = Array.from({ length: count - 1 }, (_, index) => index + 1);
    const rest = await mapBounded(others, ctx.options.concurrency, (index) => boot(ctx, index), ctx.signal);
    ctx.state.instances = await whenActive(ctx, [first, ...rest]);
    ctx.state.hostname = theHost(ctx);
    ctx.progress(`${count} active on ${ctx.state.hostname}`);
  },
  async undo(ctx) {
    await deleteInstances(ctx);
    const { serverGroupId } = ctx.state;
    if (serverGroupId)
      await remove(ctx, `server group ${ctx.prefix}-group (${serverGroupId})`, () =>
        ownersCloud(ctx).compute.deleteServerGroup(serverGroupId, ctx.signal),
      );
  },
};

async function boot(ctx: FaultContext, index: number): Promise<string> {
  const { state } = ctx;
  const { id } = await ownersCloud(ctx).compute.createInstance({
    name: `${ctx.prefix}-vm-${index}`,
    flavorId: made(state.flavor, 'flavor').id,
    imageId: made(state.image, 'image').id,
    networkIds: [made(state.network, 'network').id],
    ...(state.serverGroupId === undefined ? {} : { serverGroupId: state.serverGroupId }),
  });
  return id;
}

function theHost({ state }: FaultContext): string {
  const hosts = new Set(state.instances.map(({ hostname }) => hostname));
  const [hostname] = hosts;
  if (hosts.size !== 1 || !hostname)
    throw new DoctorError(
      'CLOUD_ERROR',
      `the instances are on ${[...hosts].join(', ') || 'no host'}, not on one host, although their server group asks for it`,
    );
  return hostname;
}
