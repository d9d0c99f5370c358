import { DoctorError } from '../errors/index.js';
import { type InstanceContext, makeReplacement, removeInstances } from './instances.js';
import type { ApplicationPolicy } from './policy.js';
import type { ApplicationRecord, Replacement } from './record.js';
import { adopt } from './scaling.js';

/** Answers that say: not beside the old instance (quota, no room, server group). */
const NO_ROOM = new Set([
  'CLOUD_FORBIDDEN',
  'CLOUD_OVER_LIMIT',
  'CLOUD_ERROR',
  'CLOUD_BAD_REQUEST',
  'CLOUD_CONFLICT',
]);

/**
 * Makes the instances again elsewhere that were promised to be, one after another, and removes the old ones.
 * The scheduler puts the new ones on open hosts: those that are maintained already.
 * First beside the old one, so that its room is taken before anybody plans with it; where the cloud
 * has no place for both, the old one goes first (the service does not depend on it then).
 */
export async function replaceInstances(
  record: ApplicationRecord,
  context: InstanceContext,
  save: () => Promise<void>,
  signal: AbortSignal,
  policy: Pick<ApplicationPolicy, 'beforeReplacing' | 'replaced' | 'changed'> = {},
): Promise<void> {
  for (const each of [...record.replacing]) {
    await policy.beforeReplacing?.(each, signal);
    const made = await replace(each, context, signal);
    adopt(record, each, made.id);
    record.replacing = record.replacing.filter(({ oldId }) => oldId !== each.oldId);
    policy.replaced?.(each, made.id);
    await save();
    await policy.changed?.(signal);
  }
}

async function replace(each: Replacement, context: InstanceContext, signal: AbortSignal) {
  try {
    const made = await makeReplacement(each, context, signal);
    await removeInstances([each.oldId], context, signal);
    return made;
  } catch (error) {
    if (!DoctorError.is(error) || !NO_ROOM.has(error.code)) throw error;
    await removeInstances([each.oldId], context, signal);
    return makeReplacement(each, context, signal);
  }
}
