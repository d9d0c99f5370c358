import { until } from '../../../domain/until.js';
import { DoctorError } from '../../../errors/index.js';
import { made } from '../../common/index.js';
import type { Step } from '../../engine/types.js';
import type { MaintenanceContext, MaintenanceState } from '../state.js';

/** Longer than the rest of the session takes; the step ends the cut itself. */
const OUTAGE_MS = 10 * 60_000;

/** The monitor watches every host of the deployment. */
export const watchAllHosts: Step<MaintenanceState> = {
  name: 'monitor',
  title: 'Watch the hosts',
  when: ({ state }) => state.variant.hostDies,
  async run(ctx) {
    const hosts = await ctx.role('installer').hosts();
    ctx.state.watched = hosts.map(({ hostname }) => hostname);
    await ctx.role('monitor').watch(hosts, ctx.signal);
  },
  async undo(ctx) {
    await ctx.role('monitor').unwatch(ctx.state.watched);
  },
};

/** As soon as the first host is in maintenance, another that still waits loses its network. */
export const cutWaitingHost: Step<MaintenanceState> = {
  name: 'cut',
  title: 'Cut a host that waits for its maintenance',
  when: ({ state }) => state.variant.hostDies,
  timeoutMs: (options) => options.maintenance_timeout,
  async run(ctx) {
    const { state } = ctx;
    const hostname = await until(() => waitingHost(ctx), {
      clock: ctx.clock,
      what: 'the first host to be in maintenance',
      timeoutMs: ctx.options.maintenance_timeout,
      intervalMs: Math.min(50, ctx.options.poll_interval),
      signal: ctx.signal,
    });
    state.cut = await ctx.role('installer').cutNetwork(hostname, OUTAGE_MS, ctx.signal);
    ctx.progress(hostname);
  },
  async undo(ctx) {
    const { cut } = ctx.state;
    if (!cut) return;
    await cut.restore();
    await until(
      async () => {
        const hosts = await ctx.role('controller').compute.hosts(ctx.signal);
        return hosts.some(({ hostname, state }) => hostname === cut.hostname && state === 'up');
      },
      {
        clock: ctx.clock,
        what: `${cut.hostname} to be up again`,
        timeoutMs: ctx.options.recovery_timeout,
        intervalMs: ctx.options.poll_interval,
        signal: ctx.signal,
      },
    ).catch((error: unknown) => ctx.leftover(`host ${cut.hostname}`, error));
  },
};

/** A host that has not had its turn, and does not carry what serves: its death must not be mistaken for downtime of the maintenance. */
async function waitingHost(ctx: MaintenanceContext): Promise<string | undefined> {
  const { state } = ctx;
  const session = await ctx.role('admin_tool').session(made(state.sessionId, 'session'));
  if (session.state === 'MAINTENANCE_FAILED' || session.state === 'MAINTENANCE_DONE')
    throw new DoctorError(
      'CHECK_FAILED',
      `the session ended before a host could die: ${session.reason ?? session.state}`,
    );
  if (!session.hosts.some((host) => host.state === 'in_maintenance' || host.state === 'maintained'))
    return undefined;
  const application = ctx.role('app_manager').application(made(state.owner, 'project').projectId);
  const active = await ctx
    .role('controller')
    .compute.instance(made(application?.redundant[0], 'active instance'), ctx.signal);
  return session.hosts.find((host) => host.state === 'waiting' && host.hostname !== active.hostname)
    ?.hostname;
}
