import { randomBytes } from 'node:crypto';
import { mapBounded } from '../../../domain/each.js';
import { until } from '../../../domain/until.js';
import type { Controller } from '../../../roles/index.js';
import { deleteInstances, made, ownersCloud, remove, whenActive } from '../../common/index.js';
import { ScenarioSkipped, type Step } from '../../engine/types.js';
import type { MaintenanceContext, MaintenanceState } from '../state.js';

const REDUNDANT = 2;

async function boot(
  ctx: MaintenanceContext,
  cloud: Controller,
  { name, networkId, serverGroupId }: { name: string; networkId: string; serverGroupId?: string },
): Promise<string> {
  const { state } = ctx;
  const { id } = await cloud.compute.createInstance({
    name,
    flavorId: made(state.flavor, 'flavor').id,
    imageId: made(state.image, 'image').id,
    networkIds: [networkId],
    ...(serverGroupId === undefined ? {} : { serverGroupId }),
  });
  return id;
}

/** Fills the hosts: two redundant instances on different hosts, a second project's if the variant says so, and others. */
export const fillHosts: Step<MaintenanceState> = {
  name: 'instances',
  title: 'Fill the hosts with instances',
  async run(ctx) {
    const { state } = ctx;
    const cloud = ownersCloud(ctx);
    const networkId = made(state.network, 'network').id;
    const group = await cloud.compute.createServerGroup(`${ctx.prefix}-pair`, 'anti-affinity');
    state.serverGroupId = group.id;
    const redundant: string[] = [];
    for (let index = 0; index < REDUNDANT; index++)
      redundant.push(
        await boot(ctx, cloud, { name: `${ctx.prefix}-ha-${index}`, networkId, serverGroupId: group.id }),
      );
    await whenActive(ctx, redundant);
    await bootStrangers(ctx);
    const others = Array.from(
      { length: state.capacity - REDUNDANT - state.variant.strangers },
      (_, index) => index,
    );
    if (others.length < 1)
      throw new ScenarioSkipped(`the hosts have no room for instances beside the redundant ones`);
    const rest = await mapBounded(
      others,
      ctx.options.concurrency,
      (index) => boot(ctx, cloud, { name: `${ctx.prefix}-nonha-${index}`, networkId }),
      ctx.signal,
    );
    const seen = await whenActive(ctx, [...redundant, ...rest]);
    state.instances = [...redundant, ...rest].flatMap(
      (id) => seen.find((instance) => instance.id === id) ?? [],
    );
    ctx.progress(
      `${REDUNDANT} redundant, ${rest.length} others${state.variant.strangers > 0 ? `, ${state.variant.strangers} of another project` : ''}`,
    );
  },
  async undo(ctx) {
    await removeStrangers(ctx);
    await deleteInstances(ctx);
    const { serverGroupId } = ctx.state;
    if (serverGroupId)
      await remove(ctx, `server group ${ctx.prefix}-pair (${serverGroupId})`, () =>
        ownersCloud(ctx).compute.deleteServerGroup(serverGroupId, ctx.signal),
      );
  },
};

/** A second project, which knows nothing of maintenance. */
async function bootStrangers(ctx: MaintenanceContext): Promise<void> {
  const { state, signal } = ctx;
  const { strangers } = state.variant;
  if (strangers === 0) return;
  const { identity, compute } = ctx.role('controller');
  const name = `${ctx.prefix}-other`;
  const owner = await identity.createOwner({
    project: name,
    user: name,
    password: randomBytes(18).toString('base64url'),
  });
  state.stranger = owner;
  await compute.setQuota(owner.projectId, { instances: strangers, cores: -1, memoryMb: -1 }, signal);
  const cloud = ctx.role('controller').as(owner.credentials);
  const network = await cloud.network.createNetwork(`${name}-net`);
  state.strangerNetwork = { networkId: network.id };
  const subnet = await cloud.network.createSubnet(network.id, `${name}-subnet`, '10.98.0.0/16');
  state.strangerNetwork.subnetId = subnet.id;
  const ids = await mapBounded(
    Array.from({ length: strangers }, (_, index) => index),
    ctx.options.concurrency,
    (index) => boot(ctx, cloud, { name: `${name}-${index}`, networkId: network.id }),
    signal,
  );
  await until(
    async () => {
      const all = await compute.instances({ projectId: owner.projectId, allProjects: true }, signal);
      return all.filter(({ status }) => status === 'ACTIVE').length === ids.length;
    },
    {
      clock: ctx.clock,
      what: `${ids.length} instances of the other project to be ACTIVE`,
      timeoutMs: ctx.options.boot_timeout,
      intervalMs: ctx.options.poll_interval,
      signal,
    },
  );
}

async function removeStrangers(ctx: MaintenanceContext): Promise<void> {
  const { stranger, strangerNetwork } = ctx.state;
  if (!stranger) return;
  const asOwner: MaintenanceContext = { ...ctx, state: { ...ctx.state, owner: stranger } };
  await deleteInstances(asOwner);
  const { network } = ctx.role('controller').as(stranger.credentials);
  const { networkId, subnetId } = strangerNetwork ?? {};
  if (subnetId)
    await remove(ctx, `subnet of the other project (${subnetId})`, () =>
      network.deleteSubnet(subnetId, ctx.signal),
    );
  if (networkId)
    await remove(ctx, `network of the other project (${networkId})`, () =>
      network.deleteNetwork(networkId, ctx.signal),
    );
  await remove(ctx, `the other project (${stranger.projectId})`, () =>
    ctx.role('controller').identity.deleteOwner(stranger, ctx.signal),
  );
}
