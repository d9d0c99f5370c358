import { until } from '../../../domain/until.js';
import { formatUtc } from '../../../domain/utc.js';
import { DoctorError } from '../../../errors/index.js';
import { made, ownersCloud } from '../../common/index.js';
import type { Step } from '../../engine/types.js';
import { Recorder } from '../recorder.js';
import type { MaintenanceContext, MaintenanceState } from '../state.js';

const ENDED = new Set(['MAINTENANCE_DONE', 'MAINTENANCE_FAILED']);

/** From here on every change of the cloud is written down. */
export const record: Step<MaintenanceState> = {
  name: 'record',
  title: 'Write down every change of state',
  async run(ctx) {
    const { state } = ctx;
    const owner = made(state.owner, 'project');
    state.recorder = new Recorder({
      clock: ctx.clock,
      events: ctx.events,
      bus: ctx.role('message_bus'),
      cloud: ctx.role('controller'),
      ownersCloud: ownersCloud(ctx),
      pollIntervalMs: ctx.options.poll_interval,
      projectIds: [owner.projectId, ...(state.stranger ? [state.stranger.projectId] : [])],
      groupIds: state.serverGroupId ? [state.serverGroupId] : [],
      floatingIpIds: state.floatingIp ? [state.floatingIp.id] : [],
    });
    await state.recorder.start(ctx.signal);
    ctx.progress(`${state.recorder.log.length} facts at the beginning`);
  },
  async undo(ctx) {
    await ctx.state.recorder?.stop(ctx.signal);
  },
};

/** The administrator asks for the maintenance of every host. */
export const startSession: Step<MaintenanceState> = {
  name: 'session',
  title: 'Start the maintenance session',
  async run(ctx) {
    const { state } = ctx;
    const maintenanceAt = Math.ceil((ctx.clock.now() + ctx.options.maintenance_lead) / 1000) * 1000;
    state.sessionStartedAt = ctx.clock.monotonic();
    const { sessionId } = await ctx.role('admin_tool').create({
      state: 'MAINTENANCE',
      maintenance_at: formatUtc(maintenanceAt),
      hosts: state.hosts.map(({ hostname }) => hostname),
      workflow: 'default',
      metadata: { openstack_version: 'Train' },
    });
    state.sessionId = sessionId;
    ctx.progress(`${sessionId}, at ${formatUtc(maintenanceAt)}`);
  },
  async undo(ctx) {
    const { sessionId } = ctx.state;
    if (sessionId === undefined) return;
    await ctx
      .role('admin_tool')
      .remove(sessionId)
      .catch((error: unknown) => {
        if (!(DoctorError.is(error) && error.code === 'NOT_FOUND'))
          ctx.leftover(`maintenance session ${sessionId}`, error);
      });
  },
};

/** Waits for the end of the session, whatever it is. */
export const awaitSession: Step<MaintenanceState> = {
  name: 'workflow',
  title: 'Maintain host after host',
  timeoutMs: (options) => options.maintenance_timeout,
  async run(ctx) {
    const { state } = ctx;
    const sessionId = made(state.sessionId, 'session');
    let told = '';
    const unsubscribe = ctx.events.on('maintenance.host', ({ message }) =>
      ctx.progress(`${message.host} ${message.state}`),
    );
    try {
      const session = await until(
        async () => {
          const seen = await ctx.role('admin_tool').session(sessionId);
          if (seen.state !== told) ctx.progress(seen.state);
          told = seen.state;
          state.recorder?.session(sessionId, seen.state, seen.reason);
          return ENDED.has(seen.state) && seen;
        },
        {
          clock: ctx.clock,
          what: `session ${sessionId} to end`,
          timeoutMs: ctx.options.maintenance_timeout,
          intervalMs: ctx.options.poll_interval,
          signal: ctx.signal,
        },
      );
      state.ended = {
        state: session.state,
        ...(session.reason === undefined ? {} : { reason: session.reason }),
      };
      state.sessionMs = ctx.clock.monotonic() - made(state.sessionStartedAt, 'session');
      ctx.progress(`${session.state}${session.reason ? `: ${session.reason}` : ''}`);
    } finally {
      unsubscribe();
    }
  },
};

/** After a failed session the application makes again what it had released. */
export const awaitCapacity: Step<MaintenanceState> = {
  name: 'capacity',
  title: 'Wait for full capacity',
  when: (ctx) => ctx.state.variant.outcome === 'MAINTENANCE_FAILED' && !ctx.state.variant.hostDies,
  async run(ctx) {
    const { state } = ctx;
    const projectId = made(state.owner, 'project').projectId;
    await until(async () => (await activeCount(ctx, projectId)) >= state.instances.length, {
      clock: ctx.clock,
      what: `${state.instances.length} active instances again`,
      timeoutMs: ctx.options.boot_timeout,
      intervalMs: ctx.options.poll_interval,
      signal: ctx.signal,
    });
  },
};

async function activeCount(ctx: MaintenanceContext, projectId: string): Promise<number> {
  const all = await ctx.role('controller').compute.instances({ projectId, allProjects: true }, ctx.signal);
  return all.filter(({ status }) => status === 'ACTIVE').length;
}
