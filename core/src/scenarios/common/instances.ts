import { mapBounded } from '../../domain/each.js';
import type { Instance } from '../../domain/instance.js';
import { until } from '../../domain/until.js';
import { DoctorError } from '../../errors/index.js';
import type { StepContext } from '../engine/types.js';
import { remove } from './prepare.js';
import type { PreparedState } from './state.js';

/**
 * Waits until the owner's instances with these ids are ACTIVE, all seen in one list per look.
 * @returns them as the administrator sees them (with their hosts), in order of `ids`
 * @throws DoctorError when one goes to ERROR, with Nova's reason, or when they take too long
 */
export async function whenActive<State extends PreparedState>(
  ctx: StepContext<State>,
  ids: readonly string[],
): Promise<Instance[]> {
  const { compute } = ctx.role('controller');
  const projectId = ctx.state.owner?.projectId;
  return until(
    async () => {
      const byId = new Map(
        (await compute.instances({ ...(projectId ? { projectId } : {}), allProjects: true }, ctx.signal)).map(
          (instance) => [instance.id, instance],
        ),
      );
      const found = ids.flatMap((id) => byId.get(id) ?? []);
      const failed = found.find(({ status }) => status === 'ERROR');
      if (failed)
        throw new DoctorError(
          'CLOUD_ERROR',
          `instance ${failed.name} (${failed.id}) did not boot: ${failed.fault ?? 'it is in ERROR'}`,
        );
      const active = found.filter(({ status }) => status === 'ACTIVE');
      ctx.progress(`${active.length} of ${ids.length} active`);
      return active.length === ids.length ? active : undefined;
    },
    {
      clock: ctx.clock,
      what: `${ids.length} instances to be ACTIVE`,
      timeoutMs: ctx.options.boot_timeout,
      intervalMs: ctx.options.poll_interval,
      signal: ctx.signal,
    },
  );
}

/** Deletes every instance of the run's project, the replacements included, and waits until they are gone. */
export async function deleteInstances<State extends PreparedState>(ctx: StepContext<State>): Promise<void> {
  const projectId = ctx.state.owner?.projectId;
  if (!projectId) return;
  const { compute } = ctx.role('controller');
  const list = () => compute.instances({ projectId, allProjects: true }, ctx.signal);
  const refused = new Set<string>();
  await mapBounded(await list(), ctx.options.concurrency, async ({ id, name }) => {
    await remove(ctx, `instance ${name} (${id})`, () =>
      compute.deleteInstance(id, ctx.signal).catch((error: unknown) => {
        refused.add(id);
        throw error;
      }),
    );
  });
  let left: Instance[] = [];
  await until(
    async () => {
      left = (await list()).filter(({ id }) => !refused.has(id));
      return left.length === 0;
    },
    {
      clock: ctx.clock,
      what: 'the deleted instances to be gone',
      timeoutMs: Math.min(ctx.options.boot_timeout, ctx.options.cleanup_timeout * 0.9),
      intervalMs: ctx.options.poll_interval,
      signal: ctx.signal,
    },
  ).catch((error: unknown) => {
    for (const { id, name } of left) ctx.leftover(`instance ${name} (${id})`, error);
    if (left.length === 0) throw error;
  });
}
