import { notFound } from '../http/errors.js';
import type { Call, Handler } from '../http/service.js';
import { type Keystone, queryText, renderList, requireAdmin } from './identity.js';
import type { Target } from './store.js';

/** Role assignments: who may do what where. */
export function addAssignmentRoutes(keystone: Keystone): void {
  const { service } = keystone;
  const places: [path: string, target: (call: Call) => Target][] = [
    ['/v3/projects/:target', (call) => projectTarget(keystone, call)],
    ['/v3/domains/:target', (call) => `domain:${call.params['target']}`],
    ['/v3/system', () => 'system'],
  ];
  for (const [path, target] of places) {
    service.route('GET', `${path}/users/:user/roles`, 'grants.list', (call) => {
      requireAdmin(call, 'list_grants');
      const held = keystone.store.grants(userOf(keystone, call), target(call));
      const roles = [...held].map((id) => keystone.store.roles.get(id)).filter((role) => role !== undefined);
      return renderList(
        keystone,
        call,
        'roles',
        roles.map(({ id, name }) => ({ id, name, domain_id: null, options: {} })),
      );
    });
    for (const method of ['PUT', 'HEAD', 'DELETE']) {
      service.route(
        method,
        `${path}/users/:user/roles/:role`,
        `grants.${method.toLowerCase()}`,
        grant(keystone, target),
      );
    }
  }
  service.route('GET', '/v3/role_assignments', 'role_assignments.list', (call) => {
    requireAdmin(call, 'list_role_assignments');
    return renderList(keystone, call, 'role_assignments', listAssignments(keystone, call));
  });
}

function grant(keystone: Keystone, targetOf: (call: Call) => Target): Handler {
  const { store } = keystone;
  return (call) => {
    requireAdmin(
      call,
      call.method === 'PUT' ? 'create_grant' : call.method === 'DELETE' ? 'revoke_grant' : 'check_grant',
    );
    const [user, target, role] = [userOf(keystone, call), targetOf(call), call.params['role'] ?? ''];
    if (!store.roles.has(role)) throw notFound(`Could not find role: ${role}.`);
    if (call.method === 'PUT') store.grant(user, target, role);
    else if (call.method === 'HEAD') {
      if (!store.grants(user, target).has(role))
        throw notFound(`Could not find role assignment with role: ${role}.`);
    } else if (!store.revoke(user, target, role)) {
      throw notFound(`Could not find role assignment with role: ${role}.`);
    } else keystone.tokens.revokeWhere((token) => token.user.id === user && token.project?.id === target);
    return { status: 204 };
  };
}

function userOf(keystone: Keystone, call: Call): string {
  const id = call.params['user'] ?? '';
  if (!keystone.store.users.has(id)) throw notFound(`Could not find user: ${id}.`);
  return id;
}

function projectTarget(keystone: Keystone, call: Call): Target {
  const id = call.params['target'] ?? '';
  if (!keystone.store.projects.has(id)) throw notFound(`Could not find project: ${id}.`);
  return id;
}

function listAssignments(keystone: Keystone, call: Call): unknown[] {
  const { store } = keystone;
  const names = call.query['include_names'] !== undefined;
  const [user, project, role] = ['user.id', 'scope.project.id', 'role.id'].map((key) => queryText(call, key));
  const named = (id: string, name: string | undefined, extra = {}): unknown => ({
    id,
    ...(names && { name, ...extra }),
  });
  const domain = { domain: { id: 'default', name: 'Default' } };
  const found: unknown[] = [];
  for (const [userId, target, roleId] of store.assignments()) {
    if ((user ?? userId) !== userId || (project ?? target) !== target || (role ?? roleId) !== roleId)
      continue;
    const scope =
      target === 'system'
        ? { system: { all: true } }
        : target.startsWith('domain:')
          ? { domain: { id: target.slice(7) } }
          : { project: named(target, store.projects.get(target)?.name, domain) };
    found.push({
      role: named(roleId, store.roles.get(roleId)?.name),
      user: named(userId, store.users.get(userId)?.name, domain),
      scope,
      links: { assignment: `${keystone.service.url}/v3/role_assignments` },
    });
  }
  return found;
}
