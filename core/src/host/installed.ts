import {
  CORE_SCHEMA,
  DEFAULT_TYPES,
  flattenSchema,
  SECTION_DOCS,
  type SectionSchema,
} from '../config/index.js';
import { DoctorError } from '../errors/index.js';
import type { ConfigSchema } from '../plugin-api/define-plugin.js';
import { ROLE_NAMES, type RoleName } from '../roles/index.js';
import { type Catalogue, createCatalogue } from './catalogue.js';
import { sectionOptions } from './configuration.js';
import { discoverPlugins } from './discovery.js';
import { type AnyProvider, loadPlugin } from './load-plugin.js';
import type { PluginPackage } from './plugin-package.js';

/** Time that one plugin may take to load. */
const LOAD_MS = 30_000;

export interface InstalledProvider {
  pack: PluginPackage;
  provider: AnyProvider;
}

/** All installed plugins with all that they provide. */
export interface Installed {
  catalogue: Catalogue;
  providers: InstalledProvider[];
  /** Plugins that cannot be used, and why. */
  problems: DoctorError[];
}

/** Imports every installed plugin (for lists, schemas and references; a run imports what it uses only). */
export async function loadInstalled(named: readonly string[], folder: string): Promise<Installed> {
  const problems: DoctorError[] = [];
  const catalogue = await createCatalogue(discoverPlugins(named, folder, problems), LOAD_MS, problems);
  const providers: InstalledProvider[] = [];
  for (const pack of catalogue.packages) {
    try {
      const plugin = await loadPlugin(pack, LOAD_MS);
      providers.push(...plugin.provides.map((provider) => ({ pack, provider })));
    } catch (error) {
      problems.push(DoctorError.from(error, 'PLUGIN_LOAD'));
    }
  }
  return { catalogue, providers, problems };
}

/** The sections of a configuration file with everything that may stand in them. */
export function configSections({ catalogue, providers }: Installed): SectionSchema[] {
  const cores = Object.entries(CORE_SCHEMA as ConfigSchema).map(([name, schema]) => ({
    name,
    doc: SECTION_DOCS[name] ?? '',
    options: flattenSchema(schema, [name]),
  }));
  return [...cores, ...ROLE_NAMES.map((role) => roleSection(role, catalogue, providers))];
}

function roleSection(
  role: RoleName,
  catalogue: Catalogue,
  providers: readonly InstalledProvider[],
): SectionSchema {
  const types = providers
    .filter(({ provider }) => provider.role === role)
    .map(({ pack, provider }) => ({
      type: provider.type,
      doc: provider.doc,
      package: pack.name,
      options: sectionOptions(role, provider, catalogue.types(role)),
    }))
    .toSorted((a, b) => a.type.localeCompare(b.type));
  return { name: role, doc: SECTION_DOCS[role] ?? '', types, defaultType: DEFAULT_TYPES[role] };
}
