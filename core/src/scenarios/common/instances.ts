import { mapBounded } from '../../domain/each.js';
import type { Instance } from '../../domain/instance.js';
import { until } from '../../domain/until.js';
import { DoctorError } from '../../errors/index.js';
import type { StepContext } from '../engine/types.js';
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
      if (failed) {
        // Nova puts an instance into ERROR a moment before it says why
        const reason = failed.fault ?? (await compute.instance(failed.id, ctx.signal)).fault;
        throw new DoctorError(
          'CLOUD_ERROR',
          `instance ${failed.name} (${failed.id}) did not boot: ${reason ?? 'it is in ERROR'}`,
        );
      }
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

/** So often a deletion, or a look, may fail before it is given up. */
const ATTEMPTS = 4;

/**
 * Deletes every instance of the run's project, the replacements included, and waits until they are gone. A call that
 * fails is made again: a clean-up that gives up at the first error leaves behind what everything else hangs on.
 */
export async function deleteInstances<State extends PreparedState>(ctx: StepContext<State>): Promise<void> {
  const projectId = ctx.state.owner?.projectId;
  if (!projectId) return;
  const { compute } = ctx.role('controller');
  const asked = new Set<string>();
  const failures = new Map<string, { attempts: number; error: unknown }>();
  const givenUp = (key: string) => (failures.get(key)?.attempts ?? 0) >= ATTEMPTS;
  const failed = (key: string, error: unknown) =>
    failures.set(key, { attempts: (failures.get(key)?.attempts ?? 0) + 1, error });
  let left: Instance[] = [];
  const look = async () => {
    try {
      left = await compute.instances({ projectId, allProjects: true }, ctx.signal);
      failures.delete('look');
    } catch (error) {
      failed('look', error);
      if (givenUp('look')) throw error;
      return false;
    }
    const todo = left.filter(({ id }) => !asked.has(id) && !givenUp(id));
    await mapBounded(todo, ctx.options.concurrency, async ({ id }) => {
      await compute.deleteInstance(id, ctx.signal).then(
        () => asked.add(id),
        (error: unknown) => failed(id, error),
      );
    });
    return left.every(({ id }) => givenUp(id));
  };
  const late = await until(look, {
    clock: ctx.clock,
    what: 'the deleted instances to be gone',
    timeoutMs: Math.min(ctx.options.boot_timeout, ctx.options.cleanup_timeout * 0.9),
    intervalMs: ctx.options.poll_interval,
    signal: ctx.signal,
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (late !== undefined && left.length === 0) throw late;
  for (const { id, name } of left) ctx.leftover(`instance ${name} (${id})`, failures.get(id)?.error ?? late);
}
