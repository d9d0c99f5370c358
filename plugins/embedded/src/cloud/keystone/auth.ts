import { isObject, type Json } from '../http/body.js';
import { ApiError, badRequest, notFound } from '../http/errors.js';
import type { Answer, Call } from '../http/service.js';
import { isoKeystone } from '../time.js';
import { type Keystone, renderList, requireAdmin } from './identity.js';
import { renderProject } from './projects.js';
import {
  type ApplicationCredential,
  DEFAULT_DOMAIN,
  type Project,
  secretMatches,
  type User,
} from './store.js';
import type { Token } from './tokens.js';

const unauthorized = (): ApiError =>
  new ApiError(401, 'The request you have made requires authentication.', 'Unauthorized');

/** Who the caller proved to be. */
interface Identity {
  user: User;
  methods: string[];
  credential?: ApplicationCredential;
  /** End of the token that was given as proof. */
  expiresAt?: number;
}

export function addAuthRoutes(keystone: Keystone): void {
  const { service, tokens } = keystone;
  service.route('POST', '/v3/auth/tokens', 'tokens.create', (call) => issue(keystone, call), true);
  service.route('GET', '/v3/auth/tokens', 'tokens.validate', (call) => {
    const token = subject(keystone, call);
    return { body: renderToken(keystone, token), headers: { 'X-Subject-Token': token.id } };
  });
  service.route('HEAD', '/v3/auth/tokens', 'tokens.check', (call) => {
    subject(keystone, call);
    return { status: 200 };
  });
  service.route('DELETE', '/v3/auth/tokens', 'tokens.revoke', (call) => {
    tokens.revoke(subject(keystone, call).id);
    return { status: 204 };
  });
  service.route('GET', '/v3/auth/catalog', 'catalog.get', (call) => ({
    body: { catalog: keystone.catalog.render(), links: { next: null, previous: null, self: call.url } },
  }));
  service.route('GET', '/v3/auth/projects', 'auth.projects', (call) => {
    const ids = keystone.store.targetsOf(call.token.user.id);
    const projects = ids.map((id) => keystone.store.projects.get(id)).filter((found) => found !== undefined);
    return renderList(
      keystone,
      call,
      'projects',
      projects.map((project) => renderProject(keystone, project)),
    );
  });
}

function subject(keystone: Keystone, call: Call): Token {
  const id = call.headers['x-subject-token'];
  const token = typeof id === 'string' ? keystone.tokens.find(id) : undefined;
  if (token === undefined) throw notFound('Failed to validate token');
  if (token.user !== call.token.user) requireAdmin(call, 'validate_token');
  return token;
}

function issue(keystone: Keystone, call: Call): Answer {
  const auth = isObject(call.body) && isObject(call.body['auth']) ? call.body['auth'] : undefined;
  const identity = isObject(auth?.['identity']) ? auth['identity'] : undefined;
  if (auth === undefined || identity === undefined) {
    throw badRequest("Invalid input for field 'identity': it is a required property of 'auth'.");
  }
  const proved = prove(keystone, identity);
  const scope = readScope(keystone, auth['scope'], proved);
  const token = keystone.tokens.issue(
    {
      methods: proved.methods,
      user: proved.user,
      credentialId: proved.credential?.id,
      ...scope,
    },
    proved.expiresAt,
  );
  return { status: 201, body: renderToken(keystone, token), headers: { 'X-Subject-Token': token.id } };
}

function prove(keystone: Keystone, identity: Json): Identity {
  const methods = identity['methods'];
  if (!Array.isArray(methods) || methods.length === 0) throw badRequest("'methods' is a required property");
  let proved: Identity | undefined;
  for (const method of methods) {
    const data = identity[String(method)];
    if (!isObject(data)) throw badRequest(`'${String(method)}' is a required property`);
    if (method === 'password') proved = provePassword(keystone, data);
    else if (method === 'token') proved = proveToken(keystone, data);
    else if (method === 'application_credential') proved = proveCredential(keystone, data);
    else throw unauthorized();
  }
  if (proved === undefined) throw unauthorized();
  return proved;
}

function provePassword(keystone: Keystone, data: Json): Identity {
  const given = isObject(data['user']) ? data['user'] : {};
  const user = findUser(keystone, given);
  const password = given['password'];
  if (user === undefined || !user.enabled || typeof password !== 'string') throw unauthorized();
  if (!secretMatches(user.secret, password)) throw unauthorized();
  return { user, methods: ['password'] };
}

function proveToken(keystone: Keystone, data: Json): Identity {
  const token = keystone.tokens.find(String(data['id']));
  if (token === undefined) throw unauthorized();
  return {
    user: token.user,
    methods: ['token', ...token.methods.filter((m) => m !== 'token')],
    expiresAt: token.expiresAt,
  };
}

function proveCredential(keystone: Keystone, data: Json): Identity {
  let credential: ApplicationCredential | undefined;
  if (typeof data['id'] === 'string') credential = keystone.store.credentials.get(data['id']);
  else {
    const owner = findUser(keystone, isObject(data['user']) ? data['user'] : {});
    for (const candidate of keystone.store.credentials.values()) {
      if (candidate.userId === owner?.id && candidate.name === data['name']) credential = candidate;
    }
  }
  const secret = data['secret'];
  if (credential === undefined || typeof secret !== 'string') throw unauthorized();
  if (!secretMatches(credential.secret, secret)) throw unauthorized();
  if (credential.expiresAt !== null && credential.expiresAt <= keystone.now()) throw unauthorized();
  const user = keystone.store.users.get(credential.userId);
  if (user === undefined || !user.enabled) throw unauthorized();
  const expiresAt = credential.expiresAt ?? Number.POSITIVE_INFINITY;
  return { user, methods: ['application_credential'], credential, expiresAt };
}

function findUser(keystone: Keystone, given: Json): User | undefined {
  if (typeof given['id'] === 'string') return keystone.store.users.get(given['id']);
  return keystone.store.userByName(String(given['name']), domainOf(keystone, given['domain']));
}

function domainOf(keystone: Keystone, given: unknown): string {
  if (!isObject(given)) return DEFAULT_DOMAIN;
  if (typeof given['id'] === 'string') return given['id'];
  return keystone.store.domainByName(String(given['name']))?.id ?? '';
}

type Scope = Pick<Token, 'project' | 'system' | 'domainId' | 'roles'>;

function readScope(keystone: Keystone, given: unknown, proved: Identity): Scope {
  const { store } = keystone;
  const { user, credential } = proved;
  if (credential !== undefined) {
    if (isObject(given)) throw badRequest('Application credentials cannot request a scope.');
    const project = store.projects.get(credential.projectId);
    if (project === undefined || !project.enabled) throw unauthorized();
    const own = store.effectiveRoles(store.grants(user.id, project.id));
    const roles = store.effectiveRoles(credential.roleIds).filter((role) => own.includes(role));
    if (roles.length === 0) throw unauthorized();
    return { project, system: false, domainId: undefined, roles };
  }
  if (isObject(given) && isObject(given['project'])) {
    return projectScope(keystone, user, findProject(keystone, given['project']));
  }
  if (isObject(given) && isObject(given['system'])) {
    return { project: undefined, system: true, domainId: undefined, roles: held(keystone, user, 'system') };
  }
  if (isObject(given) && isObject(given['domain'])) {
    const domainId = domainOf(keystone, given['domain']);
    return { project: undefined, system: false, domainId, roles: held(keystone, user, `domain:${domainId}`) };
  }
  const byDefault = user.defaultProjectId === null ? undefined : store.projects.get(user.defaultProjectId);
  if (given !== 'unscoped' && byDefault !== undefined) return projectScope(keystone, user, byDefault);
  return { project: undefined, system: false, domainId: undefined, roles: [] };
}

function projectScope(keystone: Keystone, user: User, project: Project | undefined): Scope {
  if (project === undefined || !project.enabled) throw unauthorized();
  return { project, system: false, domainId: undefined, roles: held(keystone, user, project.id) };
}

function findProject(keystone: Keystone, given: Json): Project | undefined {
  if (typeof given['id'] === 'string') return keystone.store.projects.get(given['id']);
  return keystone.store.projectByName(String(given['name']), domainOf(keystone, given['domain']));
}

function held(keystone: Keystone, user: User, target: string): Token['roles'] {
  const roles = keystone.store.effectiveRoles(keystone.store.grants(user.id, target));
  if (roles.length === 0) throw unauthorized();
  return roles;
}

function renderToken(keystone: Keystone, token: Token): unknown {
  const { store, catalog } = keystone;
  const domain = (id: string): unknown => ({ id, name: store.domains.get(id)?.name ?? id });
  const { project, user } = token;
  const scoped = project !== undefined || token.system || token.domainId !== undefined;
  return {
    token: {
      methods: token.methods,
      user: { domain: domain(user.domainId), id: user.id, name: user.name, password_expires_at: null },
      audit_ids: [token.auditId],
      expires_at: isoKeystone(token.expiresAt),
      issued_at: isoKeystone(token.issuedAt),
      ...(project && {
        project: { domain: domain(project.domainId), id: project.id, name: project.name },
        is_domain: false,
      }),
      ...(token.system && { system: { all: true } }),
      ...(token.domainId !== undefined && { domain: domain(token.domainId) }),
      ...(scoped && {
        roles: token.roles.map(({ id, name }) => ({ id, name })),
        catalog: catalog.render(),
      }),
      ...(token.credentialId !== undefined && {
        application_credential: {
          id: token.credentialId,
          name: store.credentials.get(token.credentialId)?.name ?? '',
          restricted: store.credentials.get(token.credentialId)?.unrestricted !== true,
        },
      }),
    },
  };
}
