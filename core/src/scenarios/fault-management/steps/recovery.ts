import { formatMs } from '../../../profiler/index.js';
import { checkUntil, made } from '../../common/index.js';
import type { Step } from '../../engine/types.js';
import type { FaultManagementState } from '../state.js';
import { hostIs, instancesAre } from './verify.js';

/** The outage is of the configured length, whatever happened in it. */
export const restoreNetwork: Step<FaultManagementState> = {
  name: 'restore',
  title: "Bring the host's network back",
  timeoutMs: (options) => options.outage + options.step_timeout,
  async run(ctx) {
    const cut = made(ctx.state.cut, 'fault');
    const left = cut.cutAt + ctx.options.outage - ctx.clock.monotonic();
    if (left > 0) await ctx.clock.sleep(left, ctx.signal);
    await cut.restore();
    ctx.events.emit('network.restored', { hostname: cut.hostname });
    ctx.progress(`after ${formatMs(ctx.clock.monotonic() - cut.cutAt)}`);
  },
};

/** What the fault's handling did is taken back. */
export const verifyRecovery: Step<FaultManagementState> = {
  name: 'recovery',
  title: 'Check that the host recovers',
  timeoutMs: (options) => options.recovery_timeout * 4,
  async run(ctx) {
    const timeout = ctx.options.recovery_timeout;
    const owner = made(ctx.state.owner, 'project');
    await checkUntil(ctx, 'the host is up again', timeout, () => hostIs(ctx, 'up'));
    await checkUntil(ctx, 'the instances are active again', timeout, () => instancesAre(ctx, 'ACTIVE'));
    await checkUntil(ctx, 'the alarms are ok again', timeout, async () => {
      const alarms = await ctx.role('notifier').listAlarms(owner);
      const ok = alarms.filter(({ state }) => state === 'ok');
      const states = [...new Set(alarms.map(({ state }) => state))].join(', ');
      return {
        passed: alarms.length > 0 && ok.length === alarms.length,
        detail: `${ok.length} of ${alarms.length} alarms are ok${ok.length < alarms.length ? ` (states: ${states})` : ''}`,
      };
    });
  },
};
