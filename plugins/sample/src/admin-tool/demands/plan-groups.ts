import type { PlanGroup } from '../planner/index.js';
import type { Survey } from '../session.js';
import type { DemandBook } from './book.js';

/** Groups that projects demand, beside Nova's: of the instances that exist and belong to who demands. */
export function demandedGroups(book: Pick<DemandBook, 'all'>, instances: Survey['instances']): PlanGroup[] {
  const owners = new Map(instances.map(({ id, projectId }) => [id, projectId]));
  const members = new Map<string, string[]>();
  for (const [id, { project_id, group_id }] of book.all('instance')) {
    const group = book.all('instance_group').get(group_id);
    if (!group || owners.get(id) !== project_id || group.project_id !== project_id) continue;
    members.set(group_id, [...(members.get(group_id) ?? []), id]);
  }
  return [...members].map(([groupId, ids]) => {
    const group = book.all('instance_group').get(groupId);
    const apart = group?.anti_affinity_group === true;
    return {
      id: `demanded ${groupId}`,
      members: ids,
      placement: apart ? 'apart' : 'free',
      maxImpacted: Math.max(1, group?.max_impacted_members ?? ids.length),
      // how many there are is for the project to say: it is asked
      elastic: !apart,
    };
  });
}
