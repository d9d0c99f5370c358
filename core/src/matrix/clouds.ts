import { DoctorError, problemsOf } from '../errors/index.js';
import {
  type CloudKind,
  type Configuration,
  createDoctor,
  discoverPlugins,
  loadConfiguration,
  namedPlugins,
  type PluginPackage,
} from '../host/index.js';
import { silentLogger } from '../log/index.js';
import { core } from '../plugin-api/tokens.js';

/** A cloud that the matrix may be run on. */
export interface MatrixCloud {
  kind: CloudKind;
  configFile: string | undefined;
  /** The plugins that are installed for it. */
  packages: readonly Pick<PluginPackage, 'provides' | 'matrix'>[];
  /** Why nothing can be run on it; undefined: it is there. */
  unavailable?: string;
  /** Whether a service is in its catalog. */
  hasService(type: string): boolean;
  /** Types, as `role:type`, that its configuration says to be usable. */
  available: readonly string[];
}

const REACH_MS = 20_000;

/** Looks at the cloud that a configuration file is for: one that is not there is no failure. */
export async function lookAtCloud(
  configFile: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<MatrixCloud> {
  const config = await loadConfiguration({ configFile, env, roles: [] });
  const kind = kindOf(config);
  const { available } = config.section<{ available: string[] }>('matrix');
  const packages = packagesOf(configFile, env);
  // it is started anew for each combination, with what the combination needs
  if (kind === 'embedded') return { kind, configFile, packages, available, hasService: () => true };
  try {
    const found = await servicesOf(configFile, servicesAskedFor(packages), env, signal);
    return { kind, configFile, packages, available, hasService: (type) => found.has(type) };
  } catch (error) {
    signal.throwIfAborted();
    const why = problemsOf(error)[0]?.message.split('; ')[0] ?? String(error);
    const unavailable = `the cloud of ${configFile ?? 'the defaults'} is out of reach: ${why}`;
    return { kind, configFile, packages, available, unavailable, hasService: () => false };
  }
}

/** What cannot be read is told by the runs that need it. */
function packagesOf(
  configFile: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): MatrixCloud['packages'] {
  const { named, folder } = namedPlugins({ configFile, env });
  return discoverPlugins(named, folder, []);
}

/** Services that some type asks for. */
const servicesAskedFor = (packages: MatrixCloud['packages']): string[] =>
  packages.flatMap(({ matrix = {} }) =>
    Object.values(matrix).flatMap((hints) => hints.openstack?.service ?? []),
  );

const kindOf = (config: Configuration): CloudKind =>
  config.section<{ type?: string } | undefined>('installer')?.type === 'embedded' ? 'embedded' : 'openstack';

async function servicesOf(
  configFile: string | undefined,
  services: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Set<string>> {
  const ends = AbortSignal.any([signal, AbortSignal.timeout(REACH_MS)]);
  const doctor = await createDoctor({ configFile, env, roles: ['cloud'], log: silentLogger });
  try {
    await doctor.start(ends);
    const session = doctor.get(core.cloudSession);
    const found = new Set<string>();
    for (const service of new Set(services)) {
      const there = await session.endpoint(service).then(
        () => true,
        (error: unknown) => {
          if (DoctorError.is(error) && error.code === 'CLOUD_UNREACHABLE') throw error;
          return false;
        },
      );
      if (there) found.add(service);
    }
    return found;
  } finally {
    await doctor.stop().catch(() => {});
  }
}
