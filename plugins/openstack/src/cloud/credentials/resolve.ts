import type { CloudCredentials } from '@nfv-doctor/core/plugin-api';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { cloudOf, readCloudsFile, type SearchOptions } from './clouds-file.js';
import { environmentCloud } from './environment.js';
import { type CloudOptions, flatten, toCredentials } from './options.js';

export interface ResolveOptions extends SearchOptions {
  /** The section `cloud` of the configuration. */
  section: Readonly<Record<string, unknown>>;
  /** The installer's credentials. */
  installer: () => Promise<CloudCredentials | undefined>;
}

/**
 * Finds the credentials. Those of an installer that made the cloud win: it alone knows them, and a forgotten OS_AUTH_URL in the
 * shell must not send a run against the embedded cloud to a real one. Else openstacksdk's precedence: the configuration
 * section over the one cloud that is selected, which is OS_CLOUD of clouds.yaml, or else what the OS_* variables describe,
 * or else the only cloud (or the one called `openstack`) of clouds.yaml.
 * @throws DoctorError CONFIG_INVALID, CONFIG_FILE
 */
export async function resolveCredentials(options: ResolveOptions): Promise<CloudCredentials> {
  const section = flatten(given(options.section));
  const own = await options.installer();
  if (own) return withTransport(own, section);
  const selected = await selectCloud(options);
  const merged = { ...flatten(selected.options), ...section };
  return toCredentials(merged, selected.source);
}

/** Of the section, only how the endpoints are reached may add to an installer's credentials. */
function withTransport(own: CloudCredentials, section: CloudOptions): CloudCredentials {
  const {
    authUrl,
    regionName,
    interface: kind,
    cacert,
    insecure,
    endpointOverrides,
  } = toCredentials({ ...section, auth_url: own.authUrl }, 'cloud');
  const result: Record<string, unknown> = { regionName, interface: kind, cacert, insecure, authUrl };
  for (const [key, value] of Object.entries(own)) if (value !== undefined) result[key] = value;
  result['endpointOverrides'] = { ...own.endpointOverrides, ...endpointOverrides };
  for (const [key, value] of Object.entries(result)) if (value === undefined) delete result[key];
  return result as unknown as CloudCredentials;
}

async function selectCloud(options: ResolveOptions): Promise<{ options: CloudOptions; source: string }> {
  const { env, section } = options;
  const name = String(section['cloud'] ?? '') || env['OS_CLOUD'];
  if (name) {
    const file = await readCloudsFile(options);
    if (!file)
      throw new DoctorError(
        'CONFIG_INVALID',
        `cloud ${name} is selected, but no clouds.yaml was found in ./, ~/.config/openstack or /etc/openstack (or set OS_CLIENT_CONFIG_FILE)`,
      );
    return { options: cloudOf(file, name), source: `cloud ${name} in ${file.path}` };
  }
  const fromEnvironment = environmentCloud(env);
  if (fromEnvironment) return { options: fromEnvironment, source: 'the OS_* variables' };
  if (section['auth_url']) return { options: {}, source: 'section cloud' };
  return onlyCloud(options);
}

async function onlyCloud(options: ResolveOptions): Promise<{ options: CloudOptions; source: string }> {
  const file = await readCloudsFile(options);
  const names = Object.keys(file?.clouds ?? {});
  const name = names.length === 1 ? names[0] : names.find((other) => other === 'openstack');
  if (file && name) return { options: cloudOf(file, name), source: `cloud ${name} in ${file.path}` };
  if (file && names.length > 1)
    throw new DoctorError(
      'CONFIG_INVALID',
      `${file.path} has several clouds (${names.join(', ')}): choose one with OS_CLOUD or cloud.cloud`,
    );
  throw new DoctorError(
    'CONFIG_INVALID',
    'no credentials of the cloud: set OS_CLOUD with a clouds.yaml, OS_AUTH_URL and its like, or cloud.auth_url; or run the installer that knows them beside it (doctor run installer ...)',
  );
}

/** Without what still has its default: it must not hide what the cloud's own description says. */
function given(section: Readonly<Record<string, unknown>>): CloudOptions {
  const result: CloudOptions = {};
  for (const [key, value] of Object.entries(section))
    if (value !== '' && value !== false && key !== 'cloud') result[key] = value;
  return result;
}
