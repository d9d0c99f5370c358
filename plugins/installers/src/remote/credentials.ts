import type { CloudCredentials } from '@nfv-doctor/core/plugin-api';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { quote } from '../ssh/index.js';

/** Reads the file as a shell does (they have conditions and quotes), in an environment without others' OS_*; prints OS_*. */
export const rcScript = (file: string): string => {
  const path = file.includes('/') ? file : `./${file}`;
  // a missing one would end the shell in silence
  const inner = `[ -r ${quote(path)} ] || { echo ${quote(`${file}: no such file`)} >&2; exit 1; }
. ${quote(path)} > /dev/null && env`;
  return `env -i HOME="$HOME" PATH="$PATH" "$(command -v bash || echo sh)" -c ${quote(inner)} | grep '^OS_'`;
};

/**
 * Credentials from lines of OS_NAME=value.
 * @throws DoctorError BACKEND_PROTOCOL when there is no OS_AUTH_URL
 */
export function credentialsOf(output: string, file: string): CloudCredentials & { authUrl: string } {
  const variables = new Map(
    output
      .split('\n')
      .map((line) => /^(OS_\w+)=(.*)$/.exec(line))
      .flatMap((match) => (match?.[2] ? [[match[1], match[2]] as const] : [])),
  );
  const authUrl = variables.get('OS_AUTH_URL');
  if (authUrl === undefined) throw new DoctorError('BACKEND_PROTOCOL', `${file}: sets no OS_AUTH_URL`);
  const texts = Object.entries(NAMES).flatMap(([key, names]) => {
    const value = names.map((name) => variables.get(name)).find((each) => each !== undefined);
    return value === undefined ? [] : [[key, value]];
  });
  const endpoint = /^(public|internal|admin)/.exec(
    variables.get('OS_INTERFACE') ?? variables.get('OS_ENDPOINT_TYPE') ?? '',
  )?.[1];
  return {
    ...(Object.fromEntries(texts) as Partial<CloudCredentials>),
    // files of Keystone v2 are still around; the session speaks v3
    authUrl: authUrl.replace(/\/v2\.0\/?$/, '/v3'),
    ...(endpoint === undefined ? {} : { interface: endpoint as 'public' }),
    ...(/^(1|true|yes)$/i.test(variables.get('OS_INSECURE') ?? '') ? { insecure: true } : {}),
  };
}

const NAMES: Record<string, readonly string[]> = {
  username: ['OS_USERNAME'],
  userId: ['OS_USER_ID'],
  password: ['OS_PASSWORD'],
  userDomainName: ['OS_USER_DOMAIN_NAME'],
  userDomainId: ['OS_USER_DOMAIN_ID'],
  projectName: ['OS_PROJECT_NAME', 'OS_TENANT_NAME'],
  projectId: ['OS_PROJECT_ID', 'OS_TENANT_ID'],
  projectDomainName: ['OS_PROJECT_DOMAIN_NAME'],
  projectDomainId: ['OS_PROJECT_DOMAIN_ID'],
  applicationCredentialId: ['OS_APPLICATION_CREDENTIAL_ID'],
  applicationCredentialName: ['OS_APPLICATION_CREDENTIAL_NAME'],
  applicationCredentialSecret: ['OS_APPLICATION_CREDENTIAL_SECRET'],
  regionName: ['OS_REGION_NAME'],
  cacert: ['OS_CACERT'],
};
