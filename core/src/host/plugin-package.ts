import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DoctorError } from '../errors/index.js';
import type { Plugin } from '../plugin-api/define-plugin.js';

/** The keyword in package.json that makes a package a plugin. */
export const PLUGIN_KEYWORD = 'nfv-doctor-plugin';

/** A plugin as far as it is known without importing it. */
export interface PluginPackage {
  /** Name of the package, or of the file. */
  readonly name: string;
  readonly folder: string;
  readonly version: string;
  /** Module to import; absent for a plugin object given in the program. */
  readonly entry?: string;
  readonly plugin?: Plugin;
  readonly apiVersion?: string;
  /** Types by role; undefined when only the module itself knows (a single file). */
  readonly provides?: Readonly<Record<string, readonly string[]>>;
  /** Named in the configuration, not found by its keyword. */
  readonly explicit: boolean;
  /** How its types are run by `doctor matrix`, by `role:type`. */
  readonly matrix?: Readonly<Record<string, MatrixHints>>;
}

/** What `doctor matrix` must know to run a type on a kind of cloud; nothing is needed for one that runs as it is. */
export type MatrixHints = Readonly<Partial<Record<CloudKind, MatrixHint>>>;
export type CloudKind = 'embedded' | 'openstack';
export interface MatrixHint {
  /** Values by key (`installer.emulators`) over the configuration file; lists of several plugins are joined; `{port}`: a free one. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Type of the service that the cloud's catalog must have. */
  readonly service?: string;
  /** Why it cannot be run there. */
  readonly skip?: string;
}

interface PackageJson {
  name?: string;
  version?: string;
  main?: string;
  exports?: unknown;
  keywords?: unknown;
  nfvDoctor?: { apiVersion?: unknown; provides?: unknown; matrix?: unknown };
}

/** Reads `folder/package.json`; undefined when there is none or it is no plugin's (unless `explicit`). */
export function readPluginPackage(folder: string, explicit: boolean): PluginPackage | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, 'package.json'), 'utf8');
  } catch {
    return undefined;
  }
  // most packages of node_modules are no plugins: do not parse them
  if (!explicit && !text.includes(PLUGIN_KEYWORD)) return undefined;
  const json = parse(text, folder);
  if (!explicit && !(Array.isArray(json.keywords) && json.keywords.includes(PLUGIN_KEYWORD)))
    return undefined;
  return fromJson(json, folder, explicit);
}

/** A plugin that is one JavaScript file. */
export const pluginFile = (file: string): PluginPackage => ({
  name: basename(file),
  folder: file,
  version: '',
  entry: file,
  explicit: true,
});

/** A plugin object of the program itself (tests, embedding). */
export const pluginObject = (plugin: Plugin): PluginPackage => ({
  name: plugin.manifest?.name ?? 'plugin object',
  folder: '',
  version: plugin.manifest?.version ?? '',
  plugin,
  explicit: true,
});

export const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

function parse(text: string, folder: string): PackageJson {
  try {
    return JSON.parse(text) as PackageJson;
  } catch (error) {
    throw new DoctorError(
      'PLUGIN_SHAPE',
      `plugin ${folder}: package.json is no JSON: ${(error as Error).message}`,
    );
  }
}

function fromJson(json: PackageJson, folder: string, explicit: boolean): PluginPackage {
  const name = json.name ?? basename(folder);
  const provides = json.nfvDoctor?.provides;
  if (provides !== undefined && !isProvides(provides))
    throw new DoctorError(
      'PLUGIN_SHAPE',
      `plugin ${name}: nfvDoctor.provides in package.json must map roles to lists of types, as in {"monitor": ["ping"]}`,
    );
  const { apiVersion, matrix } = json.nfvDoctor ?? {};
  if (matrix !== undefined && !isMatrix(matrix))
    throw new DoctorError(
      'PLUGIN_SHAPE',
      `plugin ${name}: nfvDoctor.matrix in package.json must be as in {"monitor:ping": {"embedded": {"config": {"monitor.port": "{port}"}}, "openstack": {"service": "ping", "skip": "why"}}}`,
    );
  return {
    name,
    folder,
    version: json.version ?? '',
    entry: join(folder, entryOf(json)),
    explicit,
    ...(typeof apiVersion === 'string' ? { apiVersion } : {}),
    ...(provides === undefined ? {} : { provides }),
    ...(matrix === undefined ? {} : { matrix }),
  };
}

const isMatrix = (value: unknown): value is Record<string, MatrixHints> =>
  isRecord(value) &&
  !Array.isArray(value) &&
  Object.entries(value).every(
    ([key, hints]) =>
      key.includes(':') &&
      isRecord(hints) &&
      Object.entries(hints).every(
        ([cloud, hint]) => CLOUD_KINDS.includes(cloud as CloudKind) && isHint(hint),
      ),
  );

const CLOUD_KINDS: readonly CloudKind[] = ['embedded', 'openstack'];
const HINTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  config: (value) => isRecord(value) && !Array.isArray(value),
  service: (value) => typeof value === 'string',
  skip: (value) => typeof value === 'string',
};
const isHint = (value: unknown) =>
  isRecord(value) && Object.entries(value).every(([key, each]) => HINTS[key]?.(each) === true);

const isProvides = (value: unknown): value is Record<string, string[]> =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every(
    (types) => Array.isArray(types) && types.every((type) => typeof type === 'string'),
  );

function entryOf(json: PackageJson): string {
  const { exports } = json;
  const root = isRecord(exports) && '.' in exports ? exports['.'] : exports;
  return conditional(root) ?? json.main ?? 'index.js';
}
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function conditional(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!isRecord(value)) return undefined;
  return conditional(value['import'] ?? value['node'] ?? value['default']);
}
