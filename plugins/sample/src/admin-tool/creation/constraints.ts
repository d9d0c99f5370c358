import { type Static, Type } from '@nfv-doctor/core/plugin-api';
import type { PlanGroup } from '../planner/index.js';

/** What projects may demand for groups of their instances (the names are those of ETSI NFV-IFA 011). */
export const ConstraintSchema = Type.Object(
  {
    /** A server group of Nova; or a name for the members given. */
    group_id: Type.String({ minLength: 1, maxLength: 255 }),
    project_id: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    /** Instances; absent: the members of the server group. */
    members: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 10_000 })),
    /** Members that may be touched at the same time. */
    max_impacted_members: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Never two members on one host. */
    anti_affinity: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type Constraint = Static<typeof ConstraintSchema>;

/** Nova's groups with what was demanded for them. */
export function withConstraints(
  groups: readonly PlanGroup[],
  constraints: readonly Constraint[],
): PlanGroup[] {
  const known = new Map(groups.map((group) => [group.id, group]));
  for (const { group_id, members, max_impacted_members, anti_affinity } of constraints) {
    const group = known.get(group_id) ?? {
      id: group_id,
      members: members ?? [],
      placement: 'free' as const,
      maxImpacted: Math.max(1, members?.length ?? 1),
    };
    known.set(group_id, {
      ...group,
      members: members ?? group.members,
      placement: anti_affinity ? 'apart' : group.placement,
      maxImpacted: max_impacted_members ?? (anti_affinity ? 1 : group.maxImpacted),
    });
  }
  return [...known.values()];
}

/** Demands that cannot all be met, in words. */
export function contradictions(groups: readonly PlanGroup[], constraints: readonly Constraint[]): string[] {
  const found: string[] = [];
  const novas = new Map(groups.map((group) => [group.id, group]));
  const seen = new Map<string, Constraint>();
  for (const constraint of constraints) {
    const { group_id, max_impacted_members, members, anti_affinity } = constraint;
    const before = seen.get(group_id);
    seen.set(group_id, constraint);
    const nova = novas.get(group_id);
    if (!nova && !members)
      found.push(`constraint on group ${group_id}: there is no such server group, and no members are given`);
    if (max_impacted_members === 0)
      found.push(
        `constraint on group ${group_id}: max_impacted_members is 0, so its members could never leave their hosts`,
      );
    if (anti_affinity && nova?.placement === 'together')
      found.push(
        `constraint on group ${group_id}: anti_affinity is demanded of a server group with policy affinity`,
      );
    if (before && before.max_impacted_members !== max_impacted_members)
      found.push(
        `constraints on group ${group_id}: max_impacted_members is both ${before.max_impacted_members ?? 'free'} and ${max_impacted_members ?? 'free'}`,
      );
  }
  const all = withConstraints(groups, constraints);
  const together = all.filter(({ placement }) => placement === 'together');
  for (const apart of all.filter(({ placement }) => placement === 'apart'))
    for (const group of together) {
      const both = group.members.filter((member) => apart.members.includes(member));
      if (both.length > 1)
        found.push(
          `instances ${both.join(', ')} must be together (group ${group.id}) and apart (group ${apart.id})`,
        );
    }
  return found;
}
