import { DoctorError } from '../errors/index.js';
import type { AskedInstances } from './gateway.js';
import { type InstanceContext, makeReplacement, removeInstances } from './instances.js';
import type { ApplicationRecord, Replacement } from './record.js';

export interface ScalingRules {
  minScalable: number;
  /** Instances to release when nobody says how much room is missing. */
  step: number;
}

/**
 * Which instances to release: those that help most first, as few as make the room that is missing.
 * @throws DoctorError CONFLICT when the application cannot release so much
 */
export function chooseReleased(
  { scalable, blueprints }: Pick<ApplicationRecord, 'scalable' | 'blueprints'>,
  { scaleIn }: AskedInstances,
  { minScalable, step }: ScalingRules,
): string[] {
  const preferred = (scaleIn?.instanceIds ?? []).filter((id) => scalable.includes(id));
  const order = [...preferred, ...scalable.filter((id) => !preferred.includes(id)).toReversed()];
  const chosen: string[] = [];
  let [vcpus, memoryMb] = [0, 0];
  const enough = () =>
    scaleIn ? vcpus >= scaleIn.vcpus && memoryMb >= scaleIn.memoryMb : chosen.length >= step;
  for (const id of order) {
    if (enough()) break;
    chosen.push(id);
    vcpus += blueprints[id]?.vcpus ?? 1;
    memoryMb += blueprints[id]?.memoryMb ?? 0;
  }
  if (!enough() || scalable.length - chosen.length < minScalable)
    throw new DoctorError(
      'CONFLICT',
      `cannot release ${scaleIn ? `${scaleIn.vcpus} vCPUs and ${scaleIn.memoryMb} MiB` : `${step} instances`}: ${scalable.length} instances may be scaled in, ${minScalable} must stay`,
    );
  return chosen;
}

/** Releases the instances chosen; what is needed to make them again is stored before. */
export async function scaleIn(
  record: ApplicationRecord,
  ids: readonly string[],
  context: InstanceContext,
  save: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (const oldId of ids) {
    const blueprint = record.blueprints[oldId];
    if (!blueprint || record.released.some((each) => each.oldId === oldId)) continue;
    record.released.push({ oldId, blueprint, redundant: false });
  }
  record.scalable = record.scalable.filter((id) => !ids.includes(id));
  await save();
  await removeInstances(ids, context, signal);
}

/** Makes everything again that was released. */
export async function scaleOut(
  record: ApplicationRecord,
  context: InstanceContext,
  save: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const problems: unknown[] = [];
  await Promise.all(
    record.released.map(async (each) => {
      try {
        await restore(record, each, context, signal);
        await save();
      } catch (error) {
        signal.throwIfAborted();
        problems.push(error);
      }
    }),
  );
  if (problems.length > 0) throw problems[0];
}

async function restore(
  record: ApplicationRecord,
  each: Replacement,
  context: InstanceContext,
  signal: AbortSignal,
) {
  const made = await makeReplacement(each, context, signal);
  record.released = record.released.filter(({ oldId }) => oldId !== each.oldId);
  adopt(record, each, made.id);
}

/** The new instance takes the old one's part. */
export function adopt(
  record: ApplicationRecord,
  { oldId, blueprint, redundant }: Replacement,
  newId: string,
): void {
  delete record.blueprints[oldId];
  record.blueprints[newId] = blueprint;
  const part = redundant ? 'redundant' : 'scalable';
  record[part] = [...record[part].filter((id) => id !== oldId && id !== newId), newId];
}
