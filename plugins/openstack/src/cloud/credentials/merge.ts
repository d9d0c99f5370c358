import type { CloudCredentials } from '@nfv-doctor/core/plugin-api';

/** Who somebody is; replaced as a whole, so that one user's password never goes with another user's name. */
const IDENTITY = [
  'username',
  'userId',
  'password',
  'applicationCredentialId',
  'applicationCredentialName',
  'applicationCredentialSecret',
] as const satisfies readonly (keyof CloudCredentials)[];
const SCOPE = [
  'projectName',
  'projectId',
  'systemScope',
] as const satisfies readonly (keyof CloudCredentials)[];

/** Credentials of another user of the same cloud: what is not said about how to reach the cloud stays as it is. */
export function mergeCredentials(base: CloudCredentials, other: Partial<CloudCredentials>): CloudCredentials {
  const result: Partial<CloudCredentials> = { ...base };
  const isOtherUser = IDENTITY.some((key) => other[key] !== undefined);
  const isOtherScope = isOtherUser || SCOPE.some((key) => other[key] !== undefined);
  if (isOtherUser) for (const key of IDENTITY) delete result[key];
  if (isOtherScope) for (const key of SCOPE) delete result[key];
  for (const kind of ['user', 'project'] as const)
    if (other[`${kind}DomainId`] !== undefined || other[`${kind}DomainName`] !== undefined) {
      delete result[`${kind}DomainId`];
      delete result[`${kind}DomainName`];
    }
  for (const [key, value] of Object.entries(other))
    if (value !== undefined) Object.assign(result, { [key]: value });
  const overrides = { ...base.endpointOverrides, ...other.endpointOverrides };
  if (Object.keys(overrides).length > 0) result.endpointOverrides = overrides;
  return result as CloudCredentials;
}

/** Texts that must never be shown. */
export function secretsOf(credentials: CloudCredentials | undefined): string[] {
  const secrets = [credentials?.password, credentials?.applicationCredentialSecret];
  return secrets.filter((secret): secret is string => secret !== undefined && secret !== '');
}
