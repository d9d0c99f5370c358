import { stringify } from 'yaml';
import type { AdminCredentials } from './cloud.js';

/** The OS_* variables with which OpenStack's clients reach the cloud. */
export function osVariables(credentials: AdminCredentials): Record<string, string> {
  return {
    OS_AUTH_URL: credentials.authUrl,
    OS_USERNAME: credentials.username,
    OS_PASSWORD: credentials.password,
    OS_USER_DOMAIN_NAME: credentials.userDomainName,
    OS_PROJECT_NAME: credentials.projectName,
    OS_PROJECT_DOMAIN_NAME: credentials.projectDomainName,
    OS_REGION_NAME: credentials.regionName,
    OS_IDENTITY_API_VERSION: '3',
  };
}

/** The same as shell commands, ready for `eval` or a file to source. */
export function renderOpenrc(credentials: AdminCredentials): string {
  const lines = Object.entries(osVariables(credentials)).map(
    ([key, value]) => `export ${key}=${shellQuote(value)}`,
  );
  return `${lines.join('\n')}\n`;
}

const shellQuote = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

/** A clouds.yaml with the cloud under a name (for `OS_CLOUD` or `--os-cloud`). */
export function renderCloudsYaml(credentials: AdminCredentials, name = 'doctor'): string {
  return stringify({
    clouds: {
      [name]: {
        auth: {
          auth_url: credentials.authUrl,
          username: credentials.username,
          password: credentials.password,
          user_domain_name: credentials.userDomainName,
          project_name: credentials.projectName,
          project_domain_name: credentials.projectDomainName,
        },
        region_name: credentials.regionName,
        identity_api_version: 3,
      },
    },
  });
}
