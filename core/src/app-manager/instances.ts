import type { Clock } from '../domain/clock.js';
import { mapBounded } from '../domain/each.js';
import type { Instance } from '../domain/instance.js';
import { until } from '../domain/until.js';
import { DoctorError } from '../errors/index.js';
import type { Controller } from '../roles/controller/index.js';
import { blueprintsOf } from './blueprint.js';
import type { InstanceBlueprint, Replacement } from './record.js';

export interface InstanceContext {
  cloud: Controller;
  clock: Clock;
  timeoutMs: number;
  pollIntervalMs: number;
}

/** Marks what was made in place of something else, so that after a crash it is found and not made twice. */
const REPLACES = 'doctor_replaces';
const AT_ONCE = 8;

const isGone = (error: unknown) => DoctorError.is(error) && error.code === 'CLOUD_NOT_FOUND';

/** The instance; undefined when it does not exist. */
export async function find(
  cloud: Controller,
  id: string,
  signal: AbortSignal,
): Promise<Instance | undefined> {
  try {
    const instance = await cloud.compute.instance(id, signal);
    return instance.status === 'DELETED' ? undefined : instance;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** What it takes to make these instances again. */
export async function collectBlueprints(
  ids: readonly string[],
  { cloud }: InstanceContext,
  signal: AbortSignal,
): Promise<Record<string, InstanceBlueprint>> {
  const instances = await mapBounded(ids, AT_ONCE, (id) => cloud.compute.instance(id, signal), signal);
  const [blueprints, groups, flavors] = await Promise.all([
    blueprintsOf(instances, cloud, signal),
    cloud.compute.serverGroups(signal),
    cloud.compute.flavors(signal),
  ]);
  return Object.fromEntries(
    blueprints.map(({ instance, flavorId, imageId, networkIds }) => {
      const group = groups.find(({ members }) => members.includes(instance.id));
      const flavor = flavors.find(({ id }) => id === flavorId);
      const blueprint: InstanceBlueprint = {
        name: instance.name,
        flavorId,
        imageId,
        networkIds,
        metadata: instance.metadata,
        vcpus: instance.vcpus ?? flavor?.vcpus ?? 1,
        memoryMb: instance.memoryMb ?? flavor?.memoryMb ?? 0,
        ...(group ? { serverGroupId: group.id } : {}),
      };
      return [instance.id, blueprint];
    }),
  );
}

/** Deletes instances, and waits until they are gone. What is not there is gone. */
export async function removeInstances(
  ids: readonly string[],
  { cloud, clock, timeoutMs, pollIntervalMs }: InstanceContext,
  signal: AbortSignal,
): Promise<void> {
  await mapBounded(
    ids,
    AT_ONCE,
    async (id) => {
      await cloud.compute.deleteInstance(id, signal);
      await until(async () => (await find(cloud, id, signal)) === undefined, {
        clock,
        what: `instance ${id} to be gone`,
        timeoutMs,
        intervalMs: pollIntervalMs,
        signal,
      });
    },
    signal,
  );
}

/**
 * Makes an instance in place of another one, unless that has been done already, and waits until it is active.
 * @throws DoctorError CLOUD_ERROR with Nova's reason when it ended in ERROR (it is removed then)
 */
export async function makeReplacement(
  { oldId, blueprint }: Replacement,
  context: InstanceContext,
  signal: AbortSignal,
): Promise<Instance> {
  const { cloud, clock, timeoutMs, pollIntervalMs } = context;
  const { name, flavorId, imageId, networkIds, serverGroupId, metadata } = blueprint;
  const existing = (await cloud.compute.instances({ name, allProjects: false }, signal)).find(
    (instance) => instance.metadata[REPLACES] === oldId && instance.status !== 'DELETED',
  );
  const made =
    existing ??
    (await cloud.compute.createInstance(
      {
        name,
        flavorId,
        imageId,
        networkIds,
        metadata: { ...metadata, [REPLACES]: oldId },
        ...(serverGroupId === undefined ? {} : { serverGroupId }),
      },
      signal,
    ));
  const ended = await until(
    async () => {
      const instance = await cloud.compute.instance(made.id, signal);
      return (instance.status === 'ACTIVE' || instance.status === 'ERROR') && instance;
    },
    {
      clock,
      what: `instance ${name} (${made.id}) to be active`,
      timeoutMs,
      intervalMs: pollIntervalMs,
      signal,
    },
  );
  if (ended.status === 'ACTIVE') return ended;
  await removeInstances([made.id], context, signal);
  throw new DoctorError(
    'CLOUD_ERROR',
    `instance ${name} could not be made: ${ended.fault ?? 'no reason given'}`,
  );
}
