import { made, ownersCloud, remove } from '../../common/index.js';
import { ScenarioSkipped, type Step } from '../../engine/types.js';
import type { MaintenanceState } from '../state.js';

/** The service address: a floating IP that points at the first redundant instance. */
export const createService: Step<MaintenanceState> = {
  name: 'service',
  title: 'Point the floating IP at the active instance',
  async run(ctx) {
    const { state } = ctx;
    const { network } = ownersCloud(ctx);
    const [external] = await network.networks({ external: true }, ctx.signal);
    if (!external)
      throw new ScenarioSkipped('maintenance needs an external network for a floating IP, found none');
    state.externalNetworkId = external.id;
    state.routerId = (await network.createRouter(`${ctx.prefix}-router`, external.id)).id;
    state.routerAttached = true;
    await network.addRouterInterface(state.routerId, made(state.subnet, 'subnet').id);
    const [port] = await network.ports(made(state.instances[0], 'active instance').id, ctx.signal);
    state.floatingIp = await network.createFloatingIp(
      external.id,
      made(port, 'port of the active instance').id,
    );
    ctx.progress(state.floatingIp.address);
  },
  async undo(ctx) {
    const { floatingIp, routerId, routerAttached, subnet } = ctx.state;
    if (!ctx.state.owner) return;
    const { network } = ownersCloud(ctx);
    if (floatingIp)
      await remove(ctx, `floating IP ${floatingIp.address} (${floatingIp.id})`, () =>
        network.deleteFloatingIp(floatingIp.id, ctx.signal),
      );
    if (!routerId) return;
    if (routerAttached && subnet)
      await remove(ctx, `interface of router ${routerId}`, () =>
        network.removeRouterInterface(routerId, subnet.id, ctx.signal),
      );
    await remove(ctx, `router ${ctx.prefix}-router (${routerId})`, () =>
      network.deleteRouter(routerId, ctx.signal),
    );
  },
};

/** The application's manager takes over, and subscribes. */
export const manageApplication: Step<MaintenanceState> = {
  name: 'application',
  title: 'Hand the application to its manager',
  async run(ctx) {
    const { state } = ctx;
    const ids = state.instances.map(({ id }) => id);
    state.managed = true;
    await ctx.role('app_manager').manage({
      owner: made(state.owner, 'project'),
      redundant: ids.slice(0, 2),
      scalable: ids.slice(2),
      floatingIpId: made(state.floatingIp, 'floating IP').id,
    });
    ctx.progress('subscribed to maintenance.scheduled');
  },
  async undo(ctx) {
    if (ctx.state.managed) await ctx.role('app_manager').release();
  },
};
