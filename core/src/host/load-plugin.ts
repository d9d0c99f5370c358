import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { DoctorError } from '../errors/index.js';
import { flattenSchema } from '../config/index.js';
import type { Plugin, Provider } from '../plugin-api/define-plugin.js';
import { PLUGIN_API_VERSION } from '../plugin-api/version.js';
import { ROLE_NAMES } from '../roles/index.js';
import { fitsApiVersion } from './api-version.js';
import type { PluginPackage } from './plugin-package.js';
import { withTimeout } from './with-timeout.js';

/** A provider of any role. */
export type AnyProvider = Plugin['provides'][number];

/**
 * Imports a plugin and checks it: loads → shape → name → API version.
 * @param timeoutMs time that the module may take to load (it may await at its top level)
 */
export async function loadPlugin(pack: PluginPackage, timeoutMs: number): Promise<Plugin> {
  // what package.json says is checked first: code for another version may not even load
  if (pack.apiVersion !== undefined) checkApiVersion(pack.name, pack.apiVersion);
  const plugin = checkShape(pack.name, pack.plugin ?? (await importModule(pack, timeoutMs)));
  checkName(pack.name, plugin.manifest.name);
  checkApiVersion(pack.name, plugin.manifest.apiVersion);
  return plugin;
}

async function importModule(pack: PluginPackage, timeoutMs: number): Promise<unknown> {
  const { entry = '' } = pack;
  if (!existsSync(entry))
    throw new DoctorError(
      'PLUGIN_LOAD',
      `plugin ${pack.name}: there is no ${entry}; build the plugin (npm run build)`,
    );
  const loaded = import(pathToFileURL(entry).href) as Promise<{ default?: unknown }>;
  try {
    const module = await withTimeout(
      loaded,
      timeoutMs,
      () => new DoctorError('PLUGIN_TIMEOUT', `plugin ${pack.name}: did not load within ${timeoutMs} ms`),
    );
    return module.default;
  } catch (error) {
    if (DoctorError.is(error) && error.code === 'PLUGIN_TIMEOUT') throw error;
    throw new DoctorError(
      'PLUGIN_LOAD',
      `plugin ${pack.name}: threw while it was loaded: ${oneLine(error)}`,
      { cause: error },
    );
  }
}

/** The message of whatever was thrown, in one line. */
export const oneLine = (error: unknown): string =>
  (error instanceof Error ? error.message || error.name : String(error)).split('\n', 1)[0]?.trim() ?? '';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function checkShape(name: string, value: unknown): Plugin {
  const fail = (text: string) => new DoctorError('PLUGIN_SHAPE', `plugin ${name}: ${text}`);
  if (!isRecord(value)) throw fail('has no default export; it must be what definePlugin returns');
  const { manifest, provides } = value;
  if (!isRecord(manifest) || ![manifest['name'], manifest['version'], manifest['apiVersion']].every(isText))
    throw fail('manifest must have the texts name, version and apiVersion');
  if (!Array.isArray(provides) || provides.length === 0)
    throw fail('provides must be a list of at least one provider');
  for (const [index, provider] of provides.entries()) {
    const wrong = wrongProvider(provider);
    if (wrong)
      throw fail(
        `provides[${index}]${isRecord(provider) && isText(provider['type']) ? ` (${provider['type']})` : ''}: ${wrong}`,
      );
  }
  return value as unknown as Plugin;
}

function wrongProvider(value: unknown): string | undefined {
  if (!isRecord(value)) return 'is no object';
  const { role, type, doc, create, config, deps } = value;
  if (!(ROLE_NAMES as readonly unknown[]).includes(role))
    return `role must be one of ${ROLE_NAMES.join(', ')}; found ${String(role)}`;
  if (!isText(type) || !/^[a-z][a-z0-9_-]*$/.test(type)) return 'type must be a name in small letters';
  if (!isText(doc)) return 'doc must be a line that says what it is';
  if (typeof create !== 'function') return 'create must be a function';
  if (config !== undefined && !isRecord(config)) return 'config must be a schema';
  return deps === undefined || isRecord(deps) ? undefined : 'deps must map names to tokens';
}

function checkName(name: string, found: string): void {
  if (!/^[a-z][a-z0-9_-]{0,63}$/.test(found))
    throw new DoctorError(
      'PLUGIN_NAME',
      `plugin ${name}: manifest.name "${found}" must be small letters, digits, "-" and "_"`,
    );
}

function checkApiVersion(name: string, range: string): void {
  const fits = fitsApiVersion(range, PLUGIN_API_VERSION);
  if (fits === true) return;
  const text =
    fits === false
      ? `was built for plugin API ${range}, this is ${PLUGIN_API_VERSION}; use a version of the plugin for ^${PLUGIN_API_VERSION}`
      : `apiVersion "${range}" is no version; use "^${PLUGIN_API_VERSION}"`;
  throw new DoctorError('PLUGIN_API_VERSION', `plugin ${name}: ${text}`);
}

/** Checks the schema of a provider's own section. */
export function checkConfigSchema(pack: string, provider: Provider): void {
  try {
    if (provider.config && 'type' in provider.config) throw new Error('the key "type" is core\'s');
    flattenSchema(provider.config ?? {}, [provider.role]);
  } catch (error) {
    throw new DoctorError(
      'PLUGIN_CONFIG',
      `plugin ${pack}: ${provider.role} ${provider.type}: ${oneLine(error)}`,
      { cause: error },
    );
  }
}
