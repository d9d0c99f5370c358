import { DoctorError } from '../../../errors/index.js';
import { made } from '../../common/index.js';
import type { Step } from '../../engine/types.js';
import type { FaultManagementState } from '../state.js';

/** The consumer registers an alarm for each instance. */
export const createAlarms: Step<FaultManagementState> = {
  name: 'alarms',
  title: 'Create the alarms',
  async run(ctx) {
    await ctx.role('consumer').protect(ctx.state.instances, made(ctx.state.owner, 'project'));
    const { length } = ctx.state.instances;
    ctx.progress(length === 1 ? 'one alarm' : `${length} alarms`);
  },
  async undo(ctx) {
    await ctx.role('consumer').release();
  },
};

/** The monitor watches every host of the deployment. */
export const watchHosts: Step<FaultManagementState> = {
  name: 'monitor',
  title: 'Watch the hosts',
  timeoutMs: (options) => options.detection_timeout,
  async run(ctx) {
    const hosts = await ctx.role('installer').hosts();
    const { hostname } = ctx.state;
    if (!hosts.some((host) => host.hostname === hostname))
      throw new DoctorError(
        'NOT_FOUND',
        `the installer knows no host ${hostname}, which carries the instances; it knows ${hosts.map((host) => host.hostname).join(', ') || 'none'}`,
      );
    ctx.state.watched = hosts.map((host) => host.hostname);
    await ctx.role('monitor').watch(hosts, ctx.signal);
    ctx.progress(`${hosts.length} hosts answer`);
  },
  async undo(ctx) {
    await ctx.role('monitor').unwatch(ctx.state.watched);
  },
};
