import { objectField, textField } from '../http/body.js';
import { conflict, forbidden, notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { type Keystone, queryText, renderList, requireAdmin } from './identity.js';
import type { Role } from './store.js';

function renderRole(keystone: Keystone, role: Role): unknown {
  return {
    id: role.id,
    name: role.name,
    domain_id: null,
    description: role.description,
    options: role.options,
    links: { self: `${keystone.service.url}/v3/roles/${role.id}` },
  };
}

export function addRoleRoutes(keystone: Keystone): void {
  const { service, store } = keystone;
  const find = (call: Call): Role => {
    const role = store.roles.get(call.params['id'] ?? '');
    if (role === undefined) throw notFound(`Could not find role: ${call.params['id']}.`);
    return role;
  };
  service.route('GET', '/v3/roles', 'roles.list', (call) => {
    requireAdmin(call, 'list_roles');
    const name = queryText(call, 'name');
    const roles = [...store.roles.values()].filter((item) => name === undefined || item.name === name);
    return renderList(
      keystone,
      call,
      'roles',
      roles.map((item) => renderRole(keystone, item)),
    );
  });
  service.route('POST', '/v3/roles', 'roles.create', (call) => {
    requireAdmin(call, 'create_role');
    const name = textField(objectField(call.body, 'role'), 'name');
    if (store.roleByName(name) !== undefined) {
      throw conflict(`Conflict occurred attempting to store role - Duplicate entry found with name ${name}.`);
    }
    return { status: 201, body: { role: renderRole(keystone, store.addRole(name)) } };
  });
  service.route('GET', '/v3/roles/:id', 'roles.get', (call) => {
    requireAdmin(call, 'get_role');
    return { body: { role: renderRole(keystone, find(call)) } };
  });
  service.route('DELETE', '/v3/roles/:id', 'roles.delete', (call) => {
    requireAdmin(call, 'delete_role');
    const role = find(call);
    if (role.options['immutable'] === true) {
      throw forbidden(`Cannot delete immutable role ${role.id}.`);
    }
    store.removeRole(role.id);
    return { status: 204 };
  });
}
