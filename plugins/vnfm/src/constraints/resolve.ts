import type { ApplicationRecord, ServerGroup } from '@nfv-doctor/core/plugin-api';
import type { ConstraintRules, Constraints, InstanceConstraints, ResolvedGroup } from './model.js';

/** The part of an application's record that constraints depend on. */
export type Members = Pick<ApplicationRecord, 'redundant' | 'scalable' | 'blueprints'>;

/** `*` is any text, `?` any character. */
export function nameMatches(pattern: string, name: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
}

/** The constraints of the instances that exist now. */
export function resolveConstraints(rules: ConstraintRules, members: Members): Constraints {
  const instances = new Map<string, InstanceConstraints>();
  const groups = new Map<string, string[]>();
  for (const part of ['redundant', 'scalable'] as const)
    for (const id of members[part]) {
      const name = members.blueprints[id]?.name ?? '';
      const constraints =
        rules.instances.find(
          (rule) =>
            (rule.part === undefined || rule.part === part) &&
            (rule.namePattern === undefined || nameMatches(rule.namePattern, name)),
        ) ?? rules.otherwise;
      instances.set(id, constraints);
      const { group } = constraints;
      if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), id]);
    }
  const resolved: ResolvedGroup[] = [];
  for (const [name, ids] of groups) {
    const group = rules.groups.get(name);
    if (group) resolved.push({ ...group, members: ids });
  }
  return { instances, groups: resolved };
}

const isApart = ({ policy }: ServerGroup) => policy === 'anti-affinity';

/** Nova's server group that keeps all members of a group apart; undefined when there is none. */
export const novaGroupOf = (
  group: ResolvedGroup,
  serverGroups: readonly ServerGroup[],
): ServerGroup | undefined =>
  serverGroups.find(
    (each) => isApart(each) && group.members.every((member) => each.members.includes(member)),
  );

/** Why constraints and what exists cannot be at the same time; empty when they can. */
export function conflictsWith(
  { groups }: Constraints,
  serverGroups: readonly ServerGroup[],
  hostOf: (instanceId: string) => string | null | undefined,
): string[] {
  const found: string[] = [];
  for (const { name, members, antiAffinity } of groups) {
    if (!antiAffinity) continue;
    for (const each of serverGroups.filter(({ policy }) => policy === 'affinity')) {
      const both = members.filter((member) => each.members.includes(member));
      if (both.length > 1)
        found.push(
          `group ${name} demands anti_affinity, and server group ${each.name} (affinity) keeps ${both.join(', ')} together`,
        );
    }
    const byHost = new Map<string, string[]>();
    for (const member of members) {
      const host = hostOf(member);
      // members of a project may not see it
      if (host) byHost.set(host, [...(byHost.get(host) ?? []), member]);
    }
    for (const [host, here] of byHost)
      if (here.length > 1)
        found.push(`group ${name} demands anti_affinity, and ${here.join(', ')} are on ${host} together`);
  }
  return found;
}
