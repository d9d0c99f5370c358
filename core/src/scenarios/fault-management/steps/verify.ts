import { mapBounded } from '../../../domain/each.js';
import type { Instance } from '../../../domain/instance.js';
import { checkUntil, type Look, made, ownersCloud } from '../../common/index.js';
import type { Step } from '../../engine/types.js';
import type { FaultContext, FaultManagementState } from '../state.js';

/** The cloud says what Doctor says: to the administrator and to the owner. */
export const verifyCloud: Step<FaultManagementState> = {
  name: 'cloud-state',
  title: "Check the cloud's own state",
  async run(ctx) {
    const timeout = ctx.options.notification_timeout;
    await checkUntil(ctx, 'the host is down', timeout, () => hostIs(ctx, 'down'));
    await checkUntil(ctx, 'the instances are in error', timeout, () => instancesAre(ctx, 'ERROR'));
    await checkUntil(ctx, 'the owner sees host_status DOWN', timeout, () => ownerSeesHostDown(ctx));
  },
};

/** A replacement of each instance runs on another host. */
export const verifyReplacements: Step<FaultManagementState> = {
  name: 'replacement',
  title: 'Wait for the replacements on another host',
  timeoutMs: (options) => options.boot_timeout,
  when: ({ state }) => state.notified === true,
  async run(ctx) {
    const { instances } = ctx.state;
    const hostname = made(ctx.state.hostname, 'instances');
    const consumer = ctx.role('consumer');
    const replacements = await mapBounded(
      instances,
      instances.length,
      ({ id }) => consumer.replacement(id, ctx.signal),
      ctx.signal,
    ).catch((error: unknown) => {
      ctx.signal.throwIfAborted();
      ctx.check(
        'replacements run on another host',
        false,
        error instanceof Error ? error.message : String(error),
      );
    });
    if (!replacements) return;
    const ids = new Set(replacements.map(({ id }) => id));
    const timeout = ctx.options.boot_timeout * 0.9;
    await checkUntil(ctx, 'replacements run on another host', timeout, async () => {
      const running = (await ofProject(ctx)).filter(({ id, status }) => ids.has(id) && status === 'ACTIVE');
      const elsewhere = running.filter((instance) => instance.hostname && instance.hostname !== hostname);
      const hosts = [...new Set(elsewhere.map((instance) => instance.hostname))].join(', ');
      return {
        passed: elsewhere.length === instances.length,
        detail: `${elsewhere.length} of ${instances.length} active on ${hosts || 'no other host'}`,
      };
    });
  },
};

/** Whether the host is down (or up again, with nothing left of the force-down). */
export async function hostIs(ctx: FaultContext, expected: 'down' | 'up'): Promise<Look> {
  const name = made(ctx.state.hostname, 'instances');
  const host = (await ctx.role('controller').compute.hosts(ctx.signal)).find(
    ({ hostname }) => hostname === name,
  );
  if (!host) return { passed: false, detail: `the cloud does not know ${name}` };
  const passed =
    expected === 'down' ? host.forcedDown && host.state === 'down' : !host.forcedDown && host.state === 'up';
  return { passed, detail: `${name} is ${host.state}, forced down: ${host.forcedDown ? 'yes' : 'no'}` };
}

/** Whether all instances of the failed host have this status. */
export async function instancesAre(ctx: FaultContext, status: string): Promise<Look> {
  const ids = new Set(ctx.state.instances.map(({ id }) => id));
  const found = (await ofProject(ctx)).filter(({ id }) => ids.has(id));
  const right = found.filter((instance) => instance.status === status);
  const others = [
    ...new Set(found.filter((instance) => instance.status !== status).map((other) => other.status)),
  ];
  return {
    passed: right.length === ids.size,
    detail: `${right.length} of ${ids.size} ${status}${others.length > 0 ? `, others ${others.join(', ')}` : ''}`,
  };
}

async function ownerSeesHostDown(ctx: FaultContext): Promise<Look> {
  const ids = new Set(ctx.state.instances.map(({ id }) => id));
  const seen = (await ownersCloud(ctx).compute.instances({ allProjects: false }, ctx.signal)).filter(
    ({ id }) => ids.has(id),
  );
  const down = seen.filter(({ hostStatus }) => hostStatus === 'DOWN');
  const others = [
    ...new Set(seen.filter((one) => one.hostStatus !== 'DOWN').map((one) => one.hostStatus ?? 'nothing')),
  ];
  return {
    passed: down.length === ids.size,
    detail: `the member of the project sees DOWN for ${down.length} of ${ids.size}${
      others.length > 0
        ? `, for the others ${others.join(', ')} (Nova's policy decides who sees host_status)`
        : ''
    }`,
  };
}

function ofProject(ctx: FaultContext): Promise<Instance[]> {
  const { projectId } = made(ctx.state.owner, 'project');
  return ctx.role('controller').compute.instances({ projectId, allProjects: true }, ctx.signal);
}
