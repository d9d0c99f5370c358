import { until } from '../../../domain/until.js';
import { DoctorError } from '../../../errors/index.js';
import { formatMs, Profiler } from '../../../profiler/index.js';
import { made, remove, whenEvent } from '../../common/index.js';
import type { Step } from '../../engine/types.js';
import { type FaultContext, type FaultManagementState, profileOf } from '../state.js';

/** Checkpoint T00. */
export const cutNetwork: Step<FaultManagementState> = {
  name: 'fault',
  title: "Cut the host's network",
  async run(ctx) {
    const { state, options, events } = ctx;
    const hostname = made(state.hostname, 'instances');
    state.profiler = new Profiler(events);
    const cut = await ctx.role('installer').cutNetwork(hostname, options.outage, ctx.signal);
    state.cut = cut;
    if (state.profiler.cutAt(hostname) === undefined)
      events.checkpoint({ name: 'T00', at: cut.cutAt, hostname });
    events.emit('network.cut', { hostname });
    ctx.progress(`${hostname}, for ${formatMs(options.outage)}`);
  },
  async undo(ctx) {
    const { profiler, cut } = ctx.state;
    profiler?.stop();
    if (!cut) return;
    await remove(ctx, `the cut of ${cut.hostname}'s network`, () => cut.restore());
    await putHostBack(ctx, cut.hostname);
  },
};

/** The inspector clears its force-down when the host answers; where it did not (the run was stopped), this does. */
async function putHostBack(ctx: FaultContext, hostname: string): Promise<void> {
  const { compute } = ctx.role('controller');
  const cleared = () =>
    compute
      .hosts(ctx.signal)
      .then((hosts) => !hosts.some((host) => host.hostname === hostname && host.forcedDown));
  await until(cleared, {
    clock: ctx.clock,
    what: `${hostname} not to be forced down any more`,
    timeoutMs: Math.min(ctx.options.recovery_timeout, ctx.options.cleanup_timeout / 2),
    intervalMs: ctx.options.poll_interval,
    signal: ctx.signal,
  }).catch(() =>
    remove(ctx, `the force-down of ${hostname}`, () => compute.forceDown(hostname, false, ctx.signal)),
  );
}

/** Checkpoint T01. */
export const detectFault: Step<FaultManagementState> = {
  name: 'detection',
  title: 'Wait for the monitor to detect it',
  async run(ctx) {
    const { detection_timeout: timeout } = ctx.options;
    const hostname = made(ctx.state.hostname, 'instances');
    const detected = () => profileOf(ctx)?.detectionTimeMs;
    const passed = await whenEvent(ctx, timeout, () => detected() !== undefined);
    const detail = passed
      ? `${hostname} after ${formatMs(detected() ?? Number.NaN)}`
      : `no monitor reported ${hostname} within ${formatMs(timeout)}`;
    ctx.check('the fault is detected', passed, detail);
    // nothing of what follows can happen
    if (!passed) throw new DoctorError('CHECK_FAILED', detail);
    ctx.progress(detail);
  },
};

/** Checkpoint T09 of every instance. */
export const awaitNotifications: Step<FaultManagementState> = {
  name: 'notification',
  title: "Wait for every owner's notification",
  async run(ctx) {
    const { state, options } = ctx;
    const waiting = new Set(state.instances.map(({ id }) => id));
    const stop = ctx.events.on('checkpoint', ({ name, instanceId }) => {
      if (name === 'T09' && instanceId !== undefined) waiting.delete(instanceId);
    });
    for (const { instanceId, checkpoints } of profileOf(ctx)?.instances ?? [])
      if (checkpoints.T09 !== undefined) waiting.delete(instanceId);
    await whenEvent(ctx, options.notification_timeout, () => waiting.size === 0).finally(stop);
    const { length } = state.instances;
    const notified = length - waiting.size;
    state.notified = waiting.size === 0;
    ctx.check(
      "every instance's owner is notified",
      waiting.size === 0,
      `${notified} of ${length} notified${waiting.size > 0 ? ` within ${formatMs(options.notification_timeout)}; not: ${few([...waiting])}` : ''}`,
    );
    checkNotificationTime(ctx);
  },
};

function checkNotificationTime(ctx: FaultContext): void {
  const limit = ctx.options.notification_limit;
  const time = profileOf(ctx)?.notificationTimeMs;
  ctx.check(
    'the notification time is below the limit',
    time !== undefined && time < limit,
    time === undefined
      ? `unknown: not every checkpoint from T01 to T09 was seen (limit ${formatMs(limit)})`
      : `${formatMs(time)} from the detection to the last notification; the limit is ${formatMs(limit)}`,
  );
  if (time !== undefined) ctx.progress(formatMs(time));
}

const few = (ids: readonly string[]) =>
  ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more`;
