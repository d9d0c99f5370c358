import type { Clock } from '../domain/clock.js';
import type { Doctor } from '../host/index.js';
import { type Logger, silentLogger } from '../log/index.js';
import type { Plugin } from '../plugin-api/define-plugin.js';
import type { RoleName } from '../roles/index.js';

export interface TestDoctorOptions {
  /** The plugins under test; installed ones are not looked for unless `discover` says so. */
  plugins: readonly Plugin[];
  /** Looks for installed plugins too: the configuration says which are loaded. Default false. */
  discover?: boolean;
  /** Configuration by section; the environment plays no part. */
  config?: Readonly<Record<string, unknown>>;
  /** Roles to run; default: all that the plugins provide. */
  roles?: readonly RoleName[];
  clock?: Clock;
  log?: Logger;
}

/**
 * A Doctor with the given plugins, started: what a plugin's test needs to see its role beside others.
 * The type of a role that only one of the plugins provides need not be configured. Call `stop` at the end.
 */
export async function startTestDoctor(options: TestDoctorOptions): Promise<Doctor> {
  const provided = options.plugins.flatMap(({ provides }) => provides);
  const config: Record<string, unknown> = { ...options.config };
  for (const { role, type } of provided) {
    const section = { ...(config[role] as Record<string, unknown> | undefined) };
    config[role] = { type, ...section };
  }
  // few tests need a whole Doctor, and loading it takes longest
  const { createDoctor } = await import('../host/index.js');
  const doctor = await createDoctor({
    plugins: options.plugins,
    discover: options.discover ?? false,
    config,
    env: {},
    roles: options.roles ?? [...new Set(provided.map(({ role }): RoleName => role))],
    log: options.log ?? silentLogger,
    ...(options.clock ? { clock: options.clock } : {}),
  });
  await doctor.start();
  return doctor;
}
