import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLUGIN_KEYWORD } from '../../host/plugin-package.js';
import { type Finding, advice, ok, wrong } from './finding.js';

interface PackageJson {
  name?: unknown;
  version?: unknown;
  type?: unknown;
  keywords?: unknown;
  nfvDoctor?: { apiVersion?: unknown; provides?: unknown };
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** Reads package.json; throws what a person can understand. */
export function readJson(folder: string): PackageJson {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) throw new Error(`there is no ${file}: a plugin is a package`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PackageJson;
  } catch (error) {
    throw new Error(`${file} is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

const CORE = '@nfv-doctor/core';

/** Whether the package is found by its keyword, and loaded only when it is selected. */
export function checkPackageJson(json: PackageJson): Finding[] {
  const keywords = Array.isArray(json.keywords) ? json.keywords : [];
  const metadata = json.nfvDoctor;
  const provides = metadata?.provides;
  const core = json.peerDependencies?.[CORE] ?? json.dependencies?.[CORE];
  return [
    keywords.includes(PLUGIN_KEYWORD)
      ? ok('package.json has the keyword that makes it a plugin')
      : wrong(
          `package.json: add "${PLUGIN_KEYWORD}" to keywords, else it is found only where a configuration names it`,
        ),
    typeof metadata?.apiVersion === 'string'
      ? ok(`package.json says for which plugin API it was built: ${metadata.apiVersion}`)
      : wrong('package.json: add nfvDoctor.apiVersion, e.g. "^1.0.0"'),
    typeof provides === 'object' && provides !== null
      ? ok('package.json says what it provides')
      : wrong(
          'package.json: add nfvDoctor.provides, e.g. {"monitor": ["ping"]}, so that it is loaded only when selected',
        ),
    json.type === 'module'
      ? ok('it is an ES module')
      : advice('package.json: "type": "module" is what the examples use'),
    core
      ? ok(`it depends on ${CORE} ${core}`)
      : wrong(`package.json: add ${CORE} to peerDependencies, so that its types and its tests find it`),
  ];
}
