import { isObject, objectField, optionalText, readBoolean, textField } from '../http/body.js';
import { badRequest, conflict, forbidden, notFound } from '../http/errors.js';
import type { Call } from '../http/service.js';
import { randomText } from '../ids.js';
import { isoMicro } from '../time.js';
import { type Keystone, queryText, renderList } from './identity.js';
import type { ApplicationCredential, Role } from './store.js';

function render(keystone: Keystone, credential: ApplicationCredential, secret?: string): unknown {
  const roles = credential.roleIds
    .map((id) => keystone.store.roles.get(id))
    .filter((role) => role !== undefined);
  return {
    id: credential.id,
    name: credential.name,
    description: credential.description,
    project_id: credential.projectId,
    expires_at: credential.expiresAt === null ? null : isoMicro(credential.expiresAt),
    unrestricted: credential.unrestricted,
    roles: roles.map(({ id, name }) => ({ id, name, domain_id: null })),
    ...(secret !== undefined && { secret }),
    links: {
      self: `${keystone.service.url}/v3/users/${credential.userId}/application_credentials/${credential.id}`,
    },
  };
}

/** Application credentials: a secret with a part of its owner's roles in one project. */
export function addCredentialRoutes(keystone: Keystone): void {
  const { service, store } = keystone;
  const path = '/v3/users/:user/application_credentials';
  const own = (call: Call, action: string): string => {
    const user = call.params['user'] ?? '';
    if (call.token.user.id === user || (call.token.admin && action !== 'create')) return user;
    throw forbidden(
      `You are not authorized to perform the requested action: identity:${action}_application_credential.`,
    );
  };
  const find = (call: Call, user: string): ApplicationCredential => {
    const credential = store.credentials.get(call.params['id'] ?? '');
    if (credential?.userId === user) return credential;
    throw notFound(`Could not find Application Credential: ${call.params['id']}.`);
  };
  service.route('GET', path, 'application_credentials.list', (call) => {
    const user = own(call, 'list');
    const name = queryText(call, 'name');
    const found = [...store.credentials.values()].filter(
      (item) => item.userId === user && (name === undefined || item.name === name),
    );
    return renderList(
      keystone,
      call,
      'application_credentials',
      found.map((item) => render(keystone, item)),
    );
  });
  service.route('POST', path, 'application_credentials.create', (call) =>
    create(keystone, call, own(call, 'create')),
  );
  service.route('GET', `${path}/:id`, 'application_credentials.get', (call) => ({
    body: { application_credential: render(keystone, find(call, own(call, 'get'))) },
  }));
  service.route('DELETE', `${path}/:id`, 'application_credentials.delete', (call) => {
    const credential = find(call, own(call, 'delete'));
    store.credentials.delete(credential.id);
    keystone.tokens.revokeWhere((token) => token.credentialId === credential.id);
    return { status: 204 };
  });
}

function create(keystone: Keystone, call: Call, userId: string): { status: number; body: unknown } {
  const { store } = keystone;
  const given = objectField(call.body, 'application_credential');
  const name = textField(given, 'name');
  const { project } = call.token;
  if (project === undefined)
    throw badRequest('An application credential needs a token with the scope of a project.');
  for (const other of store.credentials.values()) {
    if (other.userId !== userId || other.name !== name) continue;
    throw conflict(
      `Conflict occurred attempting to store application_credential - Duplicate entry found with name ${name}.`,
    );
  }
  const secret = optionalText(given, 'secret') ?? randomText(64);
  const credential = store.addCredential(
    {
      name,
      description: optionalText(given, 'description') ?? null,
      userId,
      projectId: project.id,
      roleIds: readRoles(keystone, given['roles'], call.token.roles),
      expiresAt: readExpiry(optionalText(given, 'expires_at')),
      unrestricted: readBoolean(given['unrestricted'] ?? false) ?? false,
    },
    secret,
  );
  return { status: 201, body: { application_credential: render(keystone, credential, secret) } };
}

function readExpiry(text: string | undefined): number | null {
  if (text === undefined) return null;
  const time = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(time)) throw badRequest(`Invalid input for field 'expires_at': ${text} is not a date.`);
  return time;
}

function readRoles(keystone: Keystone, given: unknown, held: readonly Role[]): string[] {
  if (!Array.isArray(given) || given.length === 0) return held.map((role) => role.id);
  return given.map((item) => {
    const wanted = isObject(item) ? item : {};
    const role =
      typeof wanted['id'] === 'string'
        ? keystone.store.roles.get(wanted['id'])
        : keystone.store.roleByName(String(wanted['name']));
    if (role !== undefined && held.includes(role)) return role.id;
    throw badRequest('Invalid application credential: Could not find role assignment with role.');
  });
}
