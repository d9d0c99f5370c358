import { dirname, resolve } from 'node:path';
import {
  absolutePath,
  buildConfig,
  CORE_SCHEMA,
  configObject,
  DEFAULT_TYPES,
  type EffectiveConfig,
  flattenSchema,
  type Option,
  ROLE_EXTRAS,
  readConfigFile,
  type Sources,
  settle,
  valueAt,
} from '../config/index.js';
import { combineErrors, DoctorError } from '../errors/index.js';
import type { ConfigSchema, Plugin } from '../plugin-api/define-plugin.js';
import { ROLE_NAMES, type RoleName } from '../roles/index.js';
import { type Catalogue, createCatalogue } from './catalogue.js';
import { dependencyOrder } from './dependencies.js';
import { discoverPlugins } from './discovery.js';
import type { AnyProvider } from './load-plugin.js';
import { pluginObject } from './plugin-package.js';
import { type Selection, selectProviders, typeOption } from './select.js';

/** Where the configuration comes from, and which roles it is for. */
export interface ConfigurationInput {
  /** YAML file. */
  configFile?: string | undefined;
  /** Values over the file's, nested by section. */
  config?: Readonly<Record<string, unknown>>;
  /** Values of the command line by key (`inspector.mode`); they win over everything. */
  overrides?: Readonly<Record<string, unknown>>;
  /** Default: the process' own. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Roles to run, with all that they need; default: all. */
  roles?: readonly RoleName[];
  /** Nothing will be started: a selection that could not run alone is no problem. */
  onlyLook?: boolean;
  /** Plugin objects of the program, beside the installed packages. */
  plugins?: readonly Plugin[];
  /** Look for installed plugins; default true. */
  discover?: boolean;
}

/** The checked configuration and the providers that it selects. */
export interface Configuration extends EffectiveConfig {
  readonly folder: string;
  readonly catalogue: Catalogue;
  readonly selections: ReadonlyMap<RoleName, Selection>;
  /** The roles to run, each after those it needs. */
  readonly order: readonly RoleName[];
}

/** The plugins that the configuration names, and where their paths start; nothing else of it is judged. */
export function namedPlugins(input: ConfigurationInput): { named: string[]; folder: string } {
  const sources = readSources(input);
  const problems: DoctorError[] = [];
  const named = pluginNames(coreOptions(), sources, problems);
  if (problems.length > 0) throw combineErrors(problems);
  return { named, folder: folderOf(input) };
}

/** Names stay, paths become absolute: they start where they were written. */
function pluginNames(options: readonly Option[], sources: Sources, problems: DoctorError[]): string[] {
  const option = options.find(({ key }) => key === 'plugins');
  if (!option) return [];
  const { value, from } = settle(option, sources, problems);
  return (value as string[]).map((name) => (name.startsWith('.') ? absolutePath(name, from) : name));
}

const folderOf = ({ configFile }: ConfigurationInput) =>
  configFile === undefined ? process.cwd() : dirname(resolve(configFile));

/** Core's own options. */
export const coreOptions = (): Option[] =>
  Object.entries(CORE_SCHEMA as ConfigSchema).flatMap(([section, schema]) =>
    flattenSchema(schema, [section]),
  );

/** The options of a role's section when `provider` is selected. */
export function sectionOptions(role: RoleName, provider: AnyProvider, types: readonly string[]): Option[] {
  const own = flattenSchema(provider.config ?? {}, [role]);
  const taken = new Set(own.map(({ key }) => key));
  const extras = flattenSchema(ROLE_EXTRAS[role] ?? {}, [role]).filter(({ key }) => !taken.has(key));
  return [typeOption(role, types), ...own, ...extras];
}

/**
 * Reads and checks the configuration and loads the plugins that it selects: found → shape → name → API version →
 * dependencies → configuration.
 * @throws DoctorError with all failures at once (`problemsOf`)
 */
export async function loadConfiguration(input: ConfigurationInput): Promise<Configuration> {
  const sources = readSources(input);
  const folder = folderOf(input);
  const core = coreOptions();
  const early = (key: string) => {
    const option = core.find((candidate) => candidate.key === key);
    return option ? settle(option, sources, []).value : undefined;
  };
  const problems: DoctorError[] = [];
  const timeoutMs = early('host.start_timeout') as number;
  const named = pluginNames(core, sources, []);
  const packages =
    input.discover === false && named.length === 0 ? [] : discoverPlugins(named, folder, problems);
  const objects = (input.plugins ?? []).map(pluginObject);
  const catalogue = await createCatalogue([...packages, ...objects], timeoutMs, problems);
  const { selections, running, failed } = await selectProviders({
    catalogue,
    sources,
    wanted: input.roles ?? ROLE_NAMES,
    mentioned: ROLE_NAMES.filter((role) => isMentioned(role, sources)),
    remoteInspector: input.onlyLook === true || remoteInspector(sources),
    timeoutMs,
    problems,
  });
  const order = orderOf(selections, running, problems);
  const roleOptions = [...selections].flatMap(([role, { provider }]) =>
    sectionOptions(role, provider, catalogue.types(role)),
  );
  const own = withoutForeignSections(sources, selections);
  const config = buildConfig([...core, ...roleOptions], own, { earlier: problems, opaque: failed });
  return { ...config, folder, catalogue, selections, order };
}

function readSources(input: ConfigurationInput): Sources {
  const trees = [
    ...(input.configFile === undefined ? [] : [readConfigFile(input.configFile)]),
    ...(input.config === undefined ? [] : [configObject(input.config, process.cwd())]),
  ];
  return { overrides: input.overrides ?? {}, env: input.env ?? process.env, trees };
}

/**
 * A section of a file is for the type that the file selects: when the command line or the environment selects another
 * one (`MONITOR_TYPE=collectd`), the section's options are not that one's.
 */
function withoutForeignSections(sources: Sources, selections: ReadonlyMap<RoleName, Selection>): Sources {
  const inFiles = new Map<RoleName, unknown>(ROLE_NAMES.map((role) => [role, DEFAULT_TYPES[role]]));
  const trees = sources.trees.map((tree) => {
    const values: Record<string, unknown> = { ...tree.values };
    for (const [role, { provider }] of selections) {
      inFiles.set(role, valueAt(values, [role, 'type']) ?? inFiles.get(role));
      if (inFiles.get(role) !== provider.type && isSection(values[role])) delete values[role];
    }
    return { ...tree, values };
  });
  return { ...sources, trees };
}

const isSection = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

const isMentioned = (role: RoleName, { overrides, trees }: Sources) =>
  trees.some(({ values }) => Object.hasOwn(values, role)) ||
  Object.keys(overrides).some((key) => key.startsWith(`${role}.`));

function remoteInspector(sources: Sources): boolean {
  const option = flattenSchema(ROLE_EXTRAS.inspector ?? {}, ['inspector']).find(
    ({ key }) => key === 'inspector.remote_url',
  );
  return option !== undefined && settle(option, sources, []).value !== '';
}

function orderOf(
  selections: ReadonlyMap<RoleName, Selection>,
  running: ReadonlySet<RoleName>,
  problems: DoctorError[],
): RoleName[] {
  const needs = new Map<RoleName, RoleName[]>();
  for (const [role, selection] of selections)
    if (running.has(role)) needs.set(role, [...selection.needs.roles, ...selection.needs.optionalRoles]);
  try {
    return dependencyOrder(needs);
  } catch (error) {
    problems.push(DoctorError.from(error, 'PLUGIN_DEPENDENCY'));
    return [];
  }
}
