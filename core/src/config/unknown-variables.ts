import { ROLE_NAMES } from '../roles/index.js';
import type { Option } from './options.js';
import { suggestion } from './problem.js';

/** Variables that are no option's. */
const OTHERS = ['DOCTOR_CONFIG', 'DOCTOR_DEBUG', 'DOCTOR_ADMIN_TOOL_URL', 'DOCTOR_HOST'];

const PREFIXES = ROLE_NAMES.map((role) => [role, `DOCTOR_${role.toUpperCase()}_`] as const);

/**
 * Tells of DOCTOR_* variables that no option has: most are mistyped. They are no error, for one environment may serve
 * several versions and several selections of plugins; those of roles that are not loaded here are not judged.
 * @param options of core and of all roles that are loaded
 * @returns one line per variable
 */
export function unknownVariables(
  env: Readonly<Record<string, string | undefined>>,
  options: readonly Option[],
): string[] {
  const known = new Set([...options.flatMap((option) => option.env), ...OTHERS]);
  const loaded = new Set(options.map(({ path }) => path[0]));
  return Object.keys(env)
    .filter((name) => name.startsWith('DOCTOR_') && !known.has(name) && (env[name] ?? '') !== '')
    .filter((name) => PREFIXES.every(([role, prefix]) => !name.startsWith(prefix) || loaded.has(role)))
    .toSorted()
    .map(
      (name) =>
        `environment variable ${name} is ignored: no option has it${suggestion(
          name,
          [...known].filter((each) => each.startsWith('DOCTOR_')),
        )}`,
    );
}
