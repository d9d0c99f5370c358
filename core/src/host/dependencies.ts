import { DoctorError } from '../errors/index.js';
import { core, optionalOf, roleToken } from '../plugin-api/tokens.js';
import { ROLE_NAMES, type RoleName } from '../roles/index.js';
import type { AnyProvider } from './load-plugin.js';

/** What a provider asks for, sorted out. */
export interface Needs {
  /** Roles that must run before. */
  readonly roles: readonly RoleName[];
  /** Roles that must run before when they run at all. */
  readonly optionalRoles: readonly RoleName[];
  /** Things of the host. */
  readonly host: ReadonlySet<symbol>;
}

const ROLE_OF = new Map<symbol, RoleName>(ROLE_NAMES.map((role) => [roleToken(role), role]));
const HOST_TOKENS = new Set<symbol>(Object.values(core).filter((token) => !ROLE_OF.has(token)));

/** Throws DoctorError PLUGIN_DEPENDENCY when something is asked for that the host does not know. */
export function needsOf(provider: AnyProvider, pack: string): Needs {
  const roles: RoleName[] = [];
  const optionalRoles: RoleName[] = [];
  const host = new Set<symbol>();
  for (const [name, token] of Object.entries((provider.deps ?? {}) as Record<string, unknown>)) {
    const fail = (text: string) =>
      new DoctorError(
        'PLUGIN_DEPENDENCY',
        `plugin ${pack}: ${provider.role} ${provider.type}: deps.${name} ${text}`,
      );
    if (typeof token !== 'symbol') throw fail('is no token; use core.* of the plugin API');
    const behind = optionalOf(token);
    const role = ROLE_OF.get(behind ?? token);
    if (role) (behind ? optionalRoles : roles).push(role);
    else if (HOST_TOKENS.has(behind ?? token)) host.add(behind ?? token);
    else
      throw fail(
        `asks for "${Symbol.keyFor(token) ?? token.description}", which this version of core does not provide`,
      );
  }
  return { roles, optionalRoles, host };
}

/**
 * The roles so that each comes after those it needs; ties in the order of ROLE_NAMES.
 * @throws DoctorError PLUGIN_DEPENDENCY that names the cycle
 */
export function dependencyOrder(needs: ReadonlyMap<RoleName, readonly RoleName[]>): RoleName[] {
  const order: RoleName[] = [];
  const visit = (role: RoleName, above: readonly RoleName[]) => {
    if (order.includes(role)) return;
    const from = above.indexOf(role);
    if (from >= 0)
      throw new DoctorError(
        'PLUGIN_DEPENDENCY',
        `the roles need each other in a circle: ${[...above.slice(from), role].join(' → ')}`,
      );
    for (const needed of ROLE_NAMES)
      if (needs.has(needed) && needs.get(role)?.includes(needed)) visit(needed, [...above, role]);
    order.push(role);
  };
  for (const role of ROLE_NAMES) if (needs.has(role)) visit(role, []);
  return order;
}
