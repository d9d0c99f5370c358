import { isObject, objectField, textField } from '../http/body.js';
import { badRequest, forbidden, notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { newUuid } from '../ids.js';
import type { ServerGroup } from './model.js';
import type { Nova } from './nova.js';
import { groupsOf, quotaOf } from './quotas.js';

const POLICIES = ['anti-affinity', 'affinity', 'soft-anti-affinity', 'soft-affinity'];

function render(call: Call, group: ServerGroup): unknown {
  const { version } = call;
  return {
    id: group.id,
    name: group.name,
    ...(version >= 64
      ? { policy: group.policy, rules: group.rules }
      : { policies: [group.policy], metadata: {} }),
    members: [...group.members].map((server) => server.id),
    ...(version >= 13 && { project_id: group.projectId, user_id: group.userId }),
  };
}

export function addServerGroupRoutes(nova: Nova): void {
  const { service } = nova;
  const find = (call: Call): ServerGroup => {
    const id = call.params['id'] ?? '';
    const group = nova.groups.get(id);
    if (group !== undefined && (call.token.admin || group.projectId === call.token.project?.id)) return group;
    throw notFound(`Instance group ${id} could not be found.`);
  };
  service.route('GET', '/v2.1/os-server-groups', 'server_groups.list', (call) => {
    const all = call.token.admin && call.query['all_projects'] !== undefined;
    const groups = [...nova.groups.values()].filter(
      (group) => all || group.projectId === call.token.project?.id,
    );
    return { body: { server_groups: groups.map((group) => render(call, group)) } };
  });
  service.route('POST', '/v2.1/os-server-groups', 'server_groups.create', (call) => {
    const given = objectField(call.body, 'server_group');
    const name = textField(given, 'name');
    const policies = given['policies'];
    const policy = call.version >= 64 ? given['policy'] : Array.isArray(policies) ? policies[0] : undefined;
    if (typeof policy !== 'string' || !POLICIES.includes(policy)) {
      throw badRequest(
        `Invalid input for field/attribute policy. Value: ${String(policy)}. '${String(policy)}' is not one of ${JSON.stringify(POLICIES)}`,
      );
    }
    if (policy.startsWith('soft-') && call.version < 15)
      throw badRequest(`Invalid input: policy ${policy} needs microversion 2.15.`);
    const projectId = call.token.project?.id ?? '';
    const limit = quotaOf(nova, projectId)['server_groups'] ?? -1;
    if (limit >= 0 && groupsOf(nova, projectId) >= limit)
      throw forbidden('Quota exceeded, too many server groups.');
    const group: ServerGroup = {
      id: newUuid(),
      name,
      policy,
      rules: isObject(given['rules']) ? readRules(given['rules'], policy) : {},
      projectId,
      userId: call.token.user.id,
      members: new Set(),
    };
    nova.groups.set(group.id, group);
    return { body: { server_group: render(call, group) } };
  });
  service.route('GET', '/v2.1/os-server-groups/:id', 'server_groups.get', (call) => ({
    body: { server_group: render(call, find(call)) },
  }));
  service.route('DELETE', '/v2.1/os-server-groups/:id', 'server_groups.delete', (call) => {
    const group = find(call);
    for (const member of group.members) member.group = undefined;
    nova.groups.delete(group.id);
    return { status: 204 };
  });
}

function readRules(given: Record<string, unknown>, policy: string): ServerGroup['rules'] {
  const most = given['max_server_per_host'];
  if (most === undefined) return {};
  if (policy !== 'anti-affinity') throw badRequest('Only anti-affinity policy supports rules.');
  const value = Number(most);
  if (!Number.isSafeInteger(value) || value < 1)
    throw badRequest(`Invalid input for field/attribute max_server_per_host. Value: ${String(most)}.`);
  return { max_server_per_host: value };
}
