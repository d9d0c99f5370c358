import { type CloudCredentials, DoctorError, type TokenInfo } from '@nfv-doctor/core/plugin-api';
import type { CatalogService } from './catalog.js';

/** A token with what Keystone said about it. */
export interface IssuedToken {
  /** The secret itself. */
  value: string;
  /** Milliseconds since the epoch. */
  issuedAt: number;
  expiresAt: number;
  info: TokenInfo;
  catalog: CatalogService[];
}

export interface TokenBody {
  token?: {
    expires_at?: string;
    issued_at?: string;
    user?: { id?: string };
    project?: { id?: string };
    roles?: { name?: string }[];
    catalog?: CatalogService[];
  };
}

/** `http://keystone:5000` and `http://keystone:5000/v3/` both mean `http://keystone:5000/v3`. */
export function identityUrl(authUrl: string): string {
  const trimmed = authUrl.replace(/\/+$/, '').replace(/\/v2\.0$/, '');
  return trimmed.endsWith('/v3') ? trimmed : `${trimmed}/v3`;
}

/** @throws DoctorError CONFIG_INVALID when something is missing */
export function authenticationBody(credentials: CloudCredentials): unknown {
  if (credentials.applicationCredentialSecret !== undefined)
    return { auth: { identity: applicationCredential(credentials) } };
  if (credentials.password === undefined || !(credentials.username || credentials.userId))
    throw incomplete(credentials, 'username (or user_id) and password, or an application credential');
  const password = { user: { ...user(credentials), password: credentials.password } };
  const scope = scopeOf(credentials);
  return { auth: { identity: { methods: ['password'], password }, ...(scope ? { scope } : {}) } };
}

function applicationCredential(credentials: CloudCredentials) {
  const { applicationCredentialId: id, applicationCredentialName: name } = credentials;
  const secret = credentials.applicationCredentialSecret;
  if (id) return { methods: ['application_credential'], application_credential: { id, secret } };
  if (!name || !(credentials.username || credentials.userId))
    throw incomplete(credentials, 'application_credential_id, or application_credential_name with the user');
  return {
    methods: ['application_credential'],
    application_credential: { name, secret, user: user(credentials) },
  };
}

function user(credentials: CloudCredentials) {
  if (credentials.userId) return { id: credentials.userId };
  return { name: credentials.username, domain: domain(credentials.userDomainId, credentials.userDomainName) };
}

function scopeOf(credentials: CloudCredentials) {
  const { projectId, projectName, systemScope } = credentials;
  if (systemScope) return { system: { all: true } };
  if (projectId) return { project: { id: projectId } };
  if (!projectName) return undefined;
  const own = domain(
    credentials.projectDomainId ?? (credentials.projectDomainName ? undefined : credentials.userDomainId),
    credentials.projectDomainName ?? credentials.userDomainName,
  );
  return { project: { name: projectName, domain: own } };
}

const domain = (id: string | undefined, name: string | undefined) =>
  id ? { id } : name ? { name } : { id: 'default' };

const incomplete = (credentials: CloudCredentials, needed: string) =>
  new DoctorError('CONFIG_INVALID', `the credentials for ${credentials.authUrl} lack ${needed}`);

/** @throws DoctorError CLOUD_ERROR when it is not what Keystone says */
export function issuedToken(value: unknown, body: TokenBody | undefined, now: number): IssuedToken {
  const token = body?.token;
  const expiresAt = Date.parse(token?.expires_at ?? '');
  if (typeof value !== 'string' || value === '' || !token || Number.isNaN(expiresAt))
    throw new DoctorError(
      'CLOUD_ERROR',
      'identity: POST /v3/auth/tokens was answered without a token: is this Keystone v3?',
    );
  return { value, issuedAt: now, expiresAt, info: tokenInfo(token), catalog: token.catalog ?? [] };
}

export function tokenInfo(token: NonNullable<TokenBody['token']>): TokenInfo {
  return {
    userId: token.user?.id ?? '',
    ...(token.project?.id ? { projectId: token.project.id } : {}),
    roles: (token.roles ?? []).flatMap(({ name }) => (name ? [name] : [])),
    expiresAt: token.expires_at ?? '',
  };
}

/** `admin in project service`, for messages. */
export function nameOf(credentials: CloudCredentials): string {
  const { applicationCredentialId: id, applicationCredentialName: name } = credentials;
  if (id || name) return `application credential ${id ?? name}`;
  const who = `user ${credentials.username ?? credentials.userId ?? '(none)'}`;
  if (credentials.systemScope) return `${who} in the system scope`;
  const project = credentials.projectName ?? credentials.projectId;
  return project ? `${who} in project ${project}` : `${who} without a project`;
}
