import { objectField, optionalText, readBoolean, textField } from '../http/body.js';
import { conflict, notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { type Keystone, queryText, renderList, requireAdmin } from './identity.js';
import { DEFAULT_DOMAIN, type User } from './store.js';

function renderUser(keystone: Keystone, user: User): unknown {
  return {
    id: user.id,
    name: user.name,
    domain_id: user.domainId,
    enabled: user.enabled,
    password_expires_at: null,
    options: {},
    ...(user.description !== null && { description: user.description }),
    ...(user.email !== null && { email: user.email }),
    ...(user.defaultProjectId !== null && { default_project_id: user.defaultProjectId }),
    links: { self: `${keystone.service.url}/v3/users/${user.id}` },
  };
}

export function addUserRoutes(keystone: Keystone): void {
  const { service, store } = keystone;
  const find = (call: Call): User => {
    const user = store.users.get(call.params['id'] ?? '');
    if (user === undefined) throw notFound(`Could not find user: ${call.params['id']}.`);
    return user;
  };
  service.route('GET', '/v3/users', 'users.list', (call) => {
    requireAdmin(call, 'list_users');
    const [name, domain] = [queryText(call, 'name'), queryText(call, 'domain_id')];
    const users = [...store.users.values()].filter(
      (item) =>
        (name === undefined || item.name === name) && (domain === undefined || item.domainId === domain),
    );
    return renderList(
      keystone,
      call,
      'users',
      users.map((item) => renderUser(keystone, item)),
    );
  });
  service.route('POST', '/v3/users', 'users.create', (call) => {
    requireAdmin(call, 'create_user');
    const given = objectField(call.body, 'user');
    const name = textField(given, 'name');
    const domainId = optionalText(given, 'domain_id') ?? DEFAULT_DOMAIN;
    if (store.userByName(name, domainId) !== undefined) {
      throw conflict(
        `Conflict occurred attempting to store user - Duplicate entry found with name ${name} at domain ID ${domainId}.`,
      );
    }
    const user = store.addUser(name, optionalText(given, 'password') ?? '', {
      domainId,
      description: optionalText(given, 'description') ?? null,
      email: optionalText(given, 'email') ?? null,
      defaultProjectId: optionalText(given, 'default_project_id') ?? null,
      enabled: readBoolean(given['enabled'] ?? true) ?? true,
    });
    return { status: 201, body: { user: renderUser(keystone, user) } };
  });
  service.route('GET', '/v3/users/:id', 'users.get', (call) => {
    if (call.token.user.id !== call.params['id']) requireAdmin(call, 'get_user');
    return { body: { user: renderUser(keystone, find(call)) } };
  });
  service.route('PATCH', '/v3/users/:id', 'users.update', (call) => {
    requireAdmin(call, 'update_user');
    const user = find(call);
    const given = objectField(call.body, 'user');
    user.name = optionalText(given, 'name') ?? user.name;
    user.description = optionalText(given, 'description') ?? user.description;
    user.email = optionalText(given, 'email') ?? user.email;
    user.defaultProjectId = optionalText(given, 'default_project_id') ?? user.defaultProjectId;
    user.enabled = readBoolean(given['enabled'] ?? user.enabled) ?? user.enabled;
    const password = optionalText(given, 'password');
    if (password !== undefined) store.setPassword(user, password);
    return { body: { user: renderUser(keystone, user) } };
  });
  service.route('DELETE', '/v3/users/:id', 'users.delete', (call) => {
    requireAdmin(call, 'delete_user');
    const user = find(call);
    store.removeUser(user.id);
    keystone.tokens.revokeWhere((token) => token.user === user);
    return { status: 204 };
  });
  service.route('GET', '/v3/users/:id/projects', 'users.projects', (call) => {
    if (call.token.user.id !== call.params['id']) requireAdmin(call, 'list_user_projects');
    const ids = store.targetsOf(find(call).id);
    const projects = [...store.projects.values()].filter((project) => ids.includes(project.id));
    return renderList(
      keystone,
      call,
      'projects',
      projects.map((item) => renderProjectOf(keystone, item.id)),
    );
  });
}

function renderProjectOf(keystone: Keystone, id: string): unknown {
  const project = keystone.store.projects.get(id);
  return (
    project && {
      id,
      name: project.name,
      domain_id: project.domainId,
      enabled: project.enabled,
      description: project.description,
    }
  );
}
