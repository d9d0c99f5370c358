import { readdirSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DoctorError } from '../errors/index.js';
import { isFile, type PluginPackage, pluginFile, readPluginPackage } from './plugin-package.js';

/** Every `node_modules` from `folder` up to the root. */
function modulesAbove(folder: string): string[] {
  const found: string[] = [];
  for (let here = resolve(folder); ; here = dirname(here)) {
    found.push(join(here, 'node_modules'));
    if (dirname(here) === here) return found;
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const packagesIn = (modules: string): string[] =>
  entries(modules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    const path = join(modules, name);
    return name.startsWith('@') ? entries(path).map((scoped) => join(path, scoped)) : [path];
  });

const real = (path: string) => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/** Where installed plugins are looked for: beside core, the working folder and the configuration file. */
export const searchFolders = (configFolder: string): string[] => [
  ...new Set([dirname(fileURLToPath(import.meta.url)), process.cwd(), configFolder].flatMap(modulesAbove)),
];

/**
 * The installed plugins (by their keyword) and those that the configuration names, without importing any.
 * A package found twice counts once; one that cannot be read goes to `problems`.
 */
export function discoverPlugins(
  named: readonly string[],
  configFolder: string,
  problems: DoctorError[],
): PluginPackage[] {
  const modules = searchFolders(configFolder);
  const found = new Map<string, PluginPackage>();
  const add = (folder: string, read: () => PluginPackage | undefined) => {
    try {
      const plugin = read();
      if (plugin) found.set(real(folder), plugin);
      return plugin !== undefined;
    } catch (error) {
      problems.push(DoctorError.from(error, 'PLUGIN_SHAPE'));
      return true;
    }
  };
  for (const folder of new Set(modules.flatMap(packagesIn).map(real)))
    add(folder, () => readPluginPackage(folder, false));
  for (const name of named) {
    const candidates = isPath(name)
      ? [resolve(configFolder, name)]
      : modules.map((folder) => join(folder, name));
    const known = candidates.some((path) =>
      add(path, () => (isFile(path) ? pluginFile(path) : readPluginPackage(path, true))),
    );
    if (!known) problems.push(notFound(name, candidates));
  }
  return [...found.values()];
}

const isPath = (name: string) => isAbsolute(name) || name.startsWith('.');

function notFound(name: string, candidates: readonly string[]): DoctorError {
  const text = isPath(name)
    ? `there is no package and no file at ${candidates[0]}`
    : `${name}: no such package is installed; install it (npm install ${name}) or give a path that starts with "./"`;
  return new DoctorError('PLUGIN_NOT_FOUND', `plugins: ${text}`);
}
