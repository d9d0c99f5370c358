import { objectField, optionalText } from '../http/body.js';
import { conflict, notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { listResources } from './lists.js';
import { defined } from './networks.js';
import { findResource, type Neutron, ownProject, requireOwner } from './neutron.js';
import { enforceQuota } from './quotas.js';
import type { Resource } from './store.js';

function render(neutron: Neutron, group: Resource): Record<string, unknown> {
  const rules = [...neutron.securityGroupRules.by('security_group_id', group.id)];
  return { ...group, stateful: true, shared: false, security_group_rules: rules };
}

function addGroup(neutron: Neutron, projectId: string, name: string, description: string): Resource {
  const group = neutron.securityGroups.add(neutron.blank(projectId, name, description));
  for (const ethertype of ['IPv4', 'IPv6']) addRule(neutron, group, { direction: 'egress', ethertype });
  return group;
}

function addRule(neutron: Neutron, group: Resource, given: Record<string, unknown>): Resource {
  return neutron.securityGroupRules.add({
    ...neutron.blank(group.project_id, '', optionalText(given, 'description') ?? ''),
    security_group_id: group.id,
    ethertype: given['ethertype'] ?? 'IPv4',
    direction: given['direction'] ?? 'ingress',
    protocol: given['protocol'] ?? null,
    port_range_min: given['port_range_min'] ?? null,
    port_range_max: given['port_range_max'] ?? null,
    remote_ip_prefix: given['remote_ip_prefix'] ?? null,
    remote_address_group_id: null,
    normalized_cidr: given['remote_ip_prefix'] ?? null,
    remote_group_id: given['remote_group_id'] ?? null,
  });
}

/** The project's group `default`, made when it is first needed. */
export function defaultGroup(neutron: Neutron, projectId: string): Resource {
  for (const group of neutron.securityGroups.by('project_id', projectId))
    if (group.name === 'default') return group;
  return addGroup(neutron, projectId, 'default', 'Default security group');
}

export function addSecurityGroupRoutes(neutron: Neutron): void {
  const { service, securityGroups: groups, securityGroupRules: rules } = neutron;
  const find = (call: Call): Resource => {
    const id = call.params['id'] ?? '';
    const group = groups.get(id);
    if (group === undefined) throw notFound(`Security group ${id} does not exist`, 'SecurityGroupNotFound');
    return findResource(call, groups, 'Security group', id);
  };
  service.route('GET', '/v2.0/security-groups', 'security_groups.list', (call) => {
    if (call.token.project !== undefined) defaultGroup(neutron, call.token.project.id);
    return listResources(call, groups, 'security_groups', (item) => render(neutron, item));
  });
  service.route('POST', '/v2.0/security-groups', 'security_groups.create', (call) => {
    const given = objectField(call.body, 'security_group');
    const project = ownProject(call, given);
    enforceQuota(neutron, project, 'security_group', groups);
    const group = addGroup(
      neutron,
      project,
      optionalText(given, 'name') ?? '',
      optionalText(given, 'description') ?? '',
    );
    return { status: 201, body: { security_group: render(neutron, group) } };
  });
  service.route('GET', '/v2.0/security-groups/:id', 'security_groups.get', (call) => ({
    body: { security_group: render(neutron, find(call)) },
  }));
  service.route('PUT', '/v2.0/security-groups/:id', 'security_groups.update', (call) => {
    const group = find(call);
    requireOwner(call, group, 'update_security_group');
    const { name, description } = objectField(call.body, 'security_group');
    groups.update(group, defined({ name, description }));
    return { body: { security_group: render(neutron, group) } };
  });
  service.route('DELETE', '/v2.0/security-groups/:id', 'security_groups.delete', (call) => {
    const group = find(call);
    requireOwner(call, group, 'delete_security_group');
    for (const port of neutron.ports.by('project_id', group.project_id)) {
      if (!(port['security_groups'] as string[]).includes(group.id)) continue;
      throw conflict(`Security Group ${group.id} in use.`, 'SecurityGroupInUse');
    }
    for (const rule of rules.by('security_group_id', group.id)) rules.remove(rule);
    groups.remove(group);
    return { status: 204 };
  });
  service.route('GET', '/v2.0/security-group-rules', 'security_group_rules.list', (call) =>
    listResources(call, rules, 'security_group_rules'),
  );
  service.route('POST', '/v2.0/security-group-rules', 'security_group_rules.create', (call) => {
    const given = objectField(call.body, 'security_group_rule');
    const group = findResource(
      call,
      groups,
      'Security group',
      optionalText(given, 'security_group_id') ?? '',
    );
    requireOwner(call, group, 'create_security_group_rule');
    return { status: 201, body: { security_group_rule: addRule(neutron, group, given) } };
  });
  service.route('DELETE', '/v2.0/security-group-rules/:id', 'security_group_rules.delete', (call) => {
    const rule = findResource(call, rules, 'Security group rule', call.params['id'] ?? '');
    requireOwner(call, rule, 'delete_security_group_rule');
    rules.remove(rule);
    return { status: 204 };
  });
}
