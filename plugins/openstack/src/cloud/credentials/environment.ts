import type { CloudOptions } from './options.js';

/** Variables that choose where to look; they describe no cloud. */
const NOT_CREDENTIALS = new Set([
  'OS_CLOUD',
  'OS_CLOUD_NAME',
  'OS_CLIENT_CONFIG_FILE',
  'OS_CLIENT_SECURE_FILE',
  'OS_CLIENT_VENDOR_FILE',
]);

/** The cloud that the OS_* variables describe; undefined when there is none. */
export function environmentCloud(env: NodeJS.ProcessEnv): CloudOptions | undefined {
  const options: CloudOptions = {};
  for (const [key, value] of Object.entries(env))
    if (key.startsWith('OS_') && value && !NOT_CREDENTIALS.has(key))
      options[key.slice('OS_'.length).toLowerCase()] = value;
  // a region alone chooses within a cloud; it is none
  return 'auth_url' in options ? options : undefined;
}
