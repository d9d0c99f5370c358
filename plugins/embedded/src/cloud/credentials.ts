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
