import { resolve } from 'node:path';
import { DoctorError } from '../../errors/index.js';
import type { ConfigurationInput } from '../../host/index.js';
import { type AnyProvider, loadPlugin } from '../../host/load-plugin.js';
import { type PluginPackage, readPluginPackage } from '../../host/plugin-package.js';
import type { Plugin } from '../../plugin-api/define-plugin.js';
import type { RoleName } from '../../roles/index.js';
import { type Finding, ok, wrong } from './finding.js';
import { checkLife } from './life.js';
import { checkContracts, runOwnTests } from './own-tests.js';
import { checkPackageJson, readJson } from './package-json.js';
import { checkProviders } from './providers.js';

export interface CheckOptions {
  /** Configuration that the roles are started with: file, overrides, environment. */
  input: ConfigurationInput;
  /** Start and stop the roles. */
  start: boolean;
  /** Run the package's own tests. */
  tests: boolean;
  signal: AbortSignal;
  /** Called with each finding as it comes. */
  found(finding: Finding): void;
}

/** Time that the module may take to load. */
const LOAD_MS = 30_000;

/** Looks at a plugin package from its package.json to its own tests. @returns whether nothing is wrong */
export async function checkPlugin(dir: string, options: CheckOptions): Promise<boolean> {
  const folder = resolve(dir);
  let good = true;
  const tell = (findings: readonly Finding[]) => {
    for (const finding of findings) {
      if (finding.verdict === 'wrong') good = false;
      options.found(finding);
    }
  };
  try {
    const json = readJson(folder);
    tell(checkPackageJson(json));
    const { pack, plugin } = await load(folder);
    tell([
      ok(
        `it loads: ${plugin.manifest.name} ${plugin.manifest.version}, for plugin API ${plugin.manifest.apiVersion}`,
      ),
    ]);
    tell(checkProviders(pack, plugin.provides));
    if (good && options.start)
      for (const provider of plugin.provides)
        tell(await checkLife(provider, inputFor(provider, folder, options.input), options.signal));
    tell(await checkContracts(folder, plugin.provides));
    if (options.tests) tell([await runOwnTests(folder, json.scripts?.['test'], options.signal)]);
  } catch (error) {
    tell([wrong(DoctorError.from(error).message)]);
  }
  return good;
}

async function load(folder: string): Promise<{ pack: PluginPackage; plugin: Plugin }> {
  const pack = readPluginPackage(folder, true);
  if (!pack) throw new DoctorError('PLUGIN_NOT_FOUND', `there is no package in ${folder}`);
  return { pack, plugin: await loadPlugin(pack, LOAD_MS) };
}

/** The role with what it needs: a deployment, whose installer knows the cloud; a monitor also somebody to report to. */
function inputFor(provider: AnyProvider, folder: string, input: ConfigurationInput): ConfigurationInput {
  const role = provider.role as RoleName;
  const roles: RoleName[] = ['installer', ...(role === 'monitor' ? (['inspector'] as const) : []), role];
  const overrides = { ...input.overrides, plugins: [folder], [`${role}.type`]: provider.type };
  return { ...input, overrides, roles };
}
