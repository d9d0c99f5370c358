import { combineErrors, DoctorError } from '../errors/index.js';
import { ROLE_NAMES, type RoleName } from '../roles/index.js';
import { loadPlugin } from './load-plugin.js';
import type { PluginPackage } from './plugin-package.js';

/** Which package provides which type of which role. */
export interface Catalogue {
  readonly packages: readonly PluginPackage[];
  types(role: RoleName): string[];
  /** @throws DoctorError PLUGIN_NOT_FOUND, PLUGIN_NAME when several packages provide it */
  find(role: RoleName, type: string): PluginPackage;
}

/** Plugins that only know themselves what they provide (single files, objects) are loaded for it. */
export async function createCatalogue(
  packages: readonly PluginPackage[],
  timeoutMs: number,
  problems: DoctorError[],
): Promise<Catalogue> {
  const known: PluginPackage[] = [];
  for (const pack of packages) {
    try {
      known.push(pack.provides ? pack : await selfDescribed(pack, timeoutMs));
    } catch (error) {
      problems.push(DoctorError.from(error, 'PLUGIN_LOAD'));
    }
  }
  const providing = (role: RoleName, type: string) =>
    known.filter((pack) => pack.provides?.[role]?.includes(type) === true);
  return {
    packages: known,
    types: (role) => [...new Set(known.flatMap((pack) => pack.provides?.[role] ?? []))].toSorted(),
    find(role, type) {
      const found = providing(role, type);
      // a plugin that was named stands before one that only happens to be installed
      const [first, second] = found.some((pack) => pack.explicit)
        ? found.filter((pack) => pack.explicit)
        : found;
      if (!first)
        throw new DoctorError(
          'PLUGIN_NOT_FOUND',
          `${role}.type: no installed plugin provides the ${role} "${type}"`,
        );
      if (second)
        throw new DoctorError(
          'PLUGIN_NAME',
          `${role}.type: "${type}" is provided by both ${first.name} and ${second.name}; remove one`,
        );
      return first;
    },
  };
}

async function selfDescribed(pack: PluginPackage, timeoutMs: number): Promise<PluginPackage> {
  const plugin = await loadPlugin(pack, timeoutMs);
  const provides: Record<string, string[]> = {};
  for (const { role, type } of plugin.provides) (provides[role] ??= []).push(type);
  return { ...pack, plugin, provides, version: plugin.manifest.version };
}

/** Metadata and module must say the same; used by `doctor plugins check`. */
export function checkMetadata(
  pack: PluginPackage,
  provided: readonly { role: string; type: string }[],
): void {
  const inModule = new Set(provided.map(({ role, type }) => `${role} ${type}`));
  const inJson = new Set(
    Object.entries(pack.provides ?? {}).flatMap(([role, types]) => types.map((type) => `${role} ${type}`)),
  );
  const problems = [
    ...[...inJson.keys()]
      .filter((role) => !(ROLE_NAMES as readonly string[]).includes(role.split(' ')[0] ?? ''))
      .map((role) => `nfvDoctor.provides in package.json names ${role}, which is no role`),
    ...[...inModule]
      .filter((item) => !inJson.has(item))
      .map((item) => `provides the ${item}, but nfvDoctor.provides in package.json does not say so`),
    ...[...inJson]
      .filter((item) => !inModule.has(item))
      .map((item) => `nfvDoctor.provides in package.json says ${item}, which the module does not provide`),
  ].map((text) => new DoctorError('PLUGIN_SHAPE', `plugin ${pack.name}: ${text}`));
  if (problems.length > 0) throw combineErrors(problems);
}
