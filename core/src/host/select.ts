import { DEFAULT_TYPES, formatOf, type Option, type Setting, type Sources, settle } from '../config/index.js';
import { DoctorError, problemsOf } from '../errors/index.js';
import { core } from '../plugin-api/tokens.js';
import type { RoleName } from '../roles/index.js';
import type { Catalogue } from './catalogue.js';
import { type Needs, needsOf } from './dependencies.js';
import { type AnyProvider, checkConfigSchema, loadPlugin } from './load-plugin.js';
import type { PluginPackage } from './plugin-package.js';

/** The provider of a role that the configuration selected. */
export interface Selection {
  readonly role: RoleName;
  readonly pack: PluginPackage;
  readonly provider: AnyProvider;
  readonly needs: Needs;
}

export interface SelectOptions {
  catalogue: Catalogue;
  sources: Sources;
  /** Roles to run; what they need is added. */
  wanted: readonly RoleName[];
  /** Roles whose sections are configured: they must be right although they do not run. */
  mentioned: readonly RoleName[];
  /** Reports of the monitor go to an inspector elsewhere. */
  remoteInspector: boolean;
  timeoutMs: number;
  problems: DoctorError[];
}

export interface Selected {
  /** By role, of those to run and of those only configured. */
  readonly selections: ReadonlyMap<RoleName, Selection>;
  /** The roles to run, in no order. */
  readonly running: ReadonlySet<RoleName>;
  /** Roles without a provider: a problem says why. */
  readonly failed: ReadonlySet<RoleName>;
}

/** The `type` option of a role's section. */
export const typeOption = (role: RoleName, types: readonly string[]): Option => ({
  path: [role, 'type'],
  key: `${role}.type`,
  doc: `Which ${role.replaceAll('_', ' ')} to use.`,
  format: formatOf([...types]) as NonNullable<ReturnType<typeof formatOf>>,
  default: DEFAULT_TYPES[role],
  env: [`DOCTOR_${role.toUpperCase()}_TYPE`, `${role.toUpperCase()}_TYPE`],
  sensitive: false,
});

/** Loads the providers of the roles wanted, of all that these need, and of those that are only configured. */
export async function selectProviders(options: SelectOptions): Promise<Selected> {
  const selections = new Map<RoleName, Selection>();
  const failed = new Set<RoleName>();
  const running = new Set<RoleName>();
  const select = async (role: RoleName) => {
    if (selections.has(role) || failed.has(role)) return;
    try {
      selections.set(role, await selectProvider(role, options));
    } catch (error) {
      failed.add(role);
      const problems = problemsOf(DoctorError.from(error, 'PLUGIN_LOAD'));
      // a plugin that will not run here may be broken; a mistyped name of it is a mistake all the same
      options.problems.push(
        ...problems.filter(({ code }) => running.has(role) || code === 'PLUGIN_NOT_FOUND'),
      );
    }
  };
  const queue = [...options.wanted];
  for (let role = queue.shift(); role; role = queue.shift()) {
    if (running.has(role)) continue;
    running.add(role);
    await select(role);
    queue.push(...neededBy(selections.get(role), options.mentioned));
  }
  for (const role of options.mentioned) await select(role);
  options.problems.push(...reporterProblems(selections, running, options.remoteInspector));
  return { selections, running, failed };
}

/**
 * Roles that must run with this one. The installer that the configuration names is one of them wherever it is of use:
 * without it a cloud that it starts, or whose credentials it knows, cannot be reached.
 */
function neededBy(selection: Selection | undefined, mentioned: readonly RoleName[]): readonly RoleName[] {
  if (!selection) return [];
  const { roles, optionalRoles } = selection.needs;
  const installer = optionalRoles.includes('installer') && mentioned.includes('installer');
  return installer ? [...roles, 'installer'] : roles;
}

async function selectProvider(role: RoleName, options: SelectOptions): Promise<Selection> {
  const type = selectedType(role, options);
  const pack = options.catalogue.find(role, type);
  const plugin = await loadPlugin(pack, options.timeoutMs);
  const provider = plugin.provides.find((candidate) => candidate.role === role && candidate.type === type);
  if (!provider)
    throw new DoctorError(
      'PLUGIN_SHAPE',
      `plugin ${pack.name}: package.json says that it provides the ${role} "${type}", the module does not`,
    );
  const needs = needsOf(provider, pack.name);
  checkConfigSchema(pack.name, provider);
  return { role, pack, provider, needs };
}

function selectedType(role: RoleName, { catalogue, sources }: SelectOptions): string {
  const problems: DoctorError[] = [];
  const setting: Setting = settle(
    typeOption(role, catalogue.types(role)),
    sources,
    problems,
    'PLUGIN_NOT_FOUND',
  );
  if (problems[0]) throw problems[0];
  return String(setting.value);
}

function reporterProblems(
  selections: ReadonlyMap<RoleName, Selection>,
  running: ReadonlySet<RoleName>,
  remoteInspector: boolean,
): DoctorError[] {
  if (running.has('inspector') || remoteInspector) return [];
  return [...selections.values()]
    .filter(({ role, needs }) => running.has(role) && needs.host.has(core.faultReporter))
    .map(
      ({ role }) =>
        new DoctorError(
          'PLUGIN_DEPENDENCY',
          `the ${role} reports to an inspector: run the role "inspector" beside it, or set inspector.remote_url to the one that runs elsewhere`,
        ),
    );
}
