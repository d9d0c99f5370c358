import { createHash } from 'node:crypto';
import type { ApplicationRecord, ServerGroup } from '@nfv-doctor/core/plugin-api';
import { type Constraints, novaGroupOf, type ResolvedGroup } from '../constraints/index.js';

/** Stands for no limit where the API wants a number of seconds: a day. */
const UNLIMITED_S = 86_400;
/** The group of instances that belong to none: the API knows instances of groups only. */
const UNGROUPED = 'ungrouped';

export interface BodyInput {
  constraints: Constraints;
  record: Pick<ApplicationRecord, 'projectId' | 'blueprints'>;
  serverGroups: readonly ServerGroup[];
}

/** An id in the form of a UUID, the same for the same text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const withinSeconds = (ms: number) => (Number.isFinite(ms) ? Math.floor(ms / 1000) : UNLIMITED_S);
const atLeastSeconds = (ms: number) => Math.ceil(ms / 1000);

/**
 * Bodies of Fenix' constraints API by path: `/instance_group/{id}` first, then `/instance/{id}` of its members.
 * Times are whole seconds there: rounded to the side on which the constraint is kept.
 */
export function constraintBodies({ constraints, record, serverGroups }: BodyInput): Map<string, object> {
  const bodies = new Map<string, object>();
  const ids = new Map<string, string>();
  const ungrouped = [...constraints.instances].filter(([, { group }]) => group === undefined);
  const free: ResolvedGroup[] =
    ungrouped.length === 0
      ? []
      : [
          {
            name: UNGROUPED,
            maxImpactedMembers: Number.POSITIVE_INFINITY,
            recoveryTimeMs: 0,
            antiAffinity: false,
            members: ungrouped.map(([id]) => id),
          },
        ];
  for (const group of [...constraints.groups, ...free]) {
    const nova = group.antiAffinity ? novaGroupOf(group, serverGroups) : undefined;
    const groupId = nova?.id ?? uuidOf(`${record.projectId}/${group.name}`);
    ids.set(group.name, groupId);
    bodies.set(`/instance_group/${groupId}`, {
      group_id: groupId,
      project_id: record.projectId,
      group_name: group.name,
      anti_affinity_group: group.antiAffinity,
      max_instances_per_host: group.antiAffinity ? 1 : 0,
      max_impacted_members: Math.max(1, Math.min(group.maxImpactedMembers, group.members.length)),
      recovery_time: atLeastSeconds(group.recoveryTimeMs),
      resource_mitigation: false,
    });
  }
  for (const [id, each] of constraints.instances)
    bodies.set(`/instance/${encodeURIComponent(id)}`, {
      instance_id: id,
      project_id: record.projectId,
      group_id: ids.get(each.group ?? UNGROUPED),
      instance_name: record.blueprints[id]?.name ?? id,
      max_interruption_time: withinSeconds(each.maxInterruptionMs),
      migration_type: each.migrationTypes[0],
      lead_time: atLeastSeconds(each.leadTimeMs),
      resource_mitigation: false,
    });
  return bodies;
}
