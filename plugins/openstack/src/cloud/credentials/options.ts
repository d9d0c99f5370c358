import type { CloudCredentials } from '@nfv-doctor/core/plugin-api';
import { DoctorError } from '@nfv-doctor/core/plugin-api';

/** Credentials in openstacksdk's spelling: snake_case, `auth` already merged into the rest. */
export type CloudOptions = Record<string, unknown>;

const TEXTS = {
  auth_url: 'authUrl',
  username: 'username',
  user_id: 'userId',
  password: 'password',
  user_domain_name: 'userDomainName',
  user_domain_id: 'userDomainId',
  project_name: 'projectName',
  project_id: 'projectId',
  project_domain_name: 'projectDomainName',
  project_domain_id: 'projectDomainId',
  application_credential_id: 'applicationCredentialId',
  application_credential_name: 'applicationCredentialName',
  application_credential_secret: 'applicationCredentialSecret',
  region_name: 'regionName',
  cacert: 'cacert',
} as const satisfies Record<string, keyof CloudCredentials>;

/** Old and short names that openstacksdk takes too. */
const ALIASES: Record<string, string> = {
  user_name: 'username',
  user: 'username',
  tenant_name: 'project_name',
  project: 'project_name',
  tenant_id: 'project_id',
  ca_file: 'cacert',
  endpoint_type: 'interface',
};

const OVERRIDE = /^(.+)_endpoint_override$/;
const SUPPORTED_AUTH = ['password', 'v3password', 'v3applicationcredential'];

/** Merges `auth` into the rest and resolves old names; entries without a value are dropped. */
export function flatten(options: CloudOptions): CloudOptions {
  const { auth, ...rest } = options;
  const result: CloudOptions = {};
  for (const source of [rest, isObject(auth) ? auth : {}])
    for (const [key, value] of Object.entries(source))
      if (value !== undefined && value !== null && value !== '') result[ALIASES[key] ?? key] = value;
  applyDefaultDomain(result);
  return result;
}

function applyDefaultDomain(options: CloudOptions): void {
  for (const kind of ['user', 'project'])
    for (const form of ['name', 'id']) {
      const value = options[form === 'name' ? 'default_domain_name' : 'default_domain'];
      if (value !== undefined && !options[`${kind}_domain_name`] && !options[`${kind}_domain_id`])
        options[`${kind}_domain_${form}`] = value;
    }
}

/**
 * @param source for the error: where the options come from
 * @throws DoctorError CONFIG_INVALID for what cannot be used
 */
export function toCredentials(options: CloudOptions, source: string): CloudCredentials {
  const invalid = (message: string) => new DoctorError('CONFIG_INVALID', `${source}: ${message}`);
  const authType = options['auth_type'];
  if (authType !== undefined && !SUPPORTED_AUTH.includes(String(authType)))
    throw invalid(`auth_type ${String(authType)} is not supported; use one of ${SUPPORTED_AUTH.join(', ')}`);
  const result: Partial<CloudCredentials> = {};
  for (const [key, name] of Object.entries(TEXTS))
    if (options[key] !== undefined) result[name] = String(options[key]);
  if (options['system_scope'] !== undefined) result.systemScope = 'all';
  const kind = String(options['interface'] ?? '').replace(/URL$/, '');
  if (kind === 'public' || kind === 'internal' || kind === 'admin') result.interface = kind;
  else if (kind !== '') throw invalid(`interface must be public, internal or admin, not ${kind}`);
  if (isTrue(options['insecure']) || isFalse(options['verify'])) result.insecure = true;
  const overrides = endpointOverrides(options);
  if (Object.keys(overrides).length > 0) result.endpointOverrides = overrides;
  if (result.authUrl === undefined) throw invalid("auth_url is missing: give Keystone's URL");
  checkUrl(result.authUrl, invalid);
  return result as CloudCredentials;
}

function checkUrl(url: string, invalid: (message: string) => DoctorError): void {
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw invalid(`auth_url must be an http or https URL, not ${JSON.stringify(url)}`);
}

function endpointOverrides(options: CloudOptions): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, value] of Object.entries(options)) {
    const service = OVERRIDE.exec(key)?.[1];
    if (service) result[service.replaceAll('_', '-')] = String(value);
  }
  const given = options['endpoint_overrides'];
  if (isObject(given)) for (const [service, url] of Object.entries(given)) result[service] = String(url);
  return result;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTrue = (value: unknown) => /^(true|1|yes|on)$/i.test(String(value));
const isFalse = (value: unknown) => /^(false|0|no|off)$/i.test(String(value));
