import type { MatrixHint } from '../host/index.js';
import type { RoleName } from '../roles/index.js';
import type { MatrixCloud } from './clouds.js';
import { type Combination, MATRIX_SCENARIOS, type MatrixScenario } from './types.js';

type Packages = MatrixCloud['packages'];

/** Every combination of the installed types on every cloud, with the reason where one cannot be run. */
export function combinations(clouds: readonly MatrixCloud[]): Combination[] {
  return MATRIX_SCENARIOS.flatMap((scenario) =>
    clouds.flatMap((cloud) =>
      product(scenario.roles.map((role) => typesOf(cloud.packages, role))).map((types) =>
        combination(scenario, cloud, types),
      ),
    ),
  );
}

/** `sample` first: the others are compared with it. */
function typesOf(packages: Packages, role: RoleName): string[] {
  const types = new Set(packages.flatMap(({ provides }) => provides?.[role] ?? []));
  return [...types].toSorted((a, b) => Number(b === 'sample') - Number(a === 'sample') || a.localeCompare(b));
}

const product = (lists: readonly (readonly string[])[]): string[][] =>
  lists.reduce<string[][]>(
    (before, list) => before.flatMap((row) => list.map((each) => [...row, each])),
    [[]],
  );

function combination(
  { name: scenario, roles }: MatrixScenario,
  cloud: MatrixCloud,
  chosen: readonly string[],
): Combination {
  const pairs = roles.map((role, index) => [role, chosen[index] as string] as const);
  const hints = pairs.flatMap(([role, type]) => {
    const found = cloud.packages.find(({ provides }) => provides?.[role]?.includes(type));
    const hint = found?.matrix?.[`${role}:${type}`]?.[cloud.kind];
    const isAvailable = cloud.available.includes(`${role}:${type}`);
    return hint ? [{ what: `${role} ${type}`, hint, isAvailable }] : [];
  });
  const skip = cloud.unavailable ?? reasonOf(hints, cloud);
  return {
    id: [scenario, cloud.kind, ...chosen].join('-'),
    scenario,
    cloud: cloud.kind,
    configFile: cloud.configFile,
    types: Object.fromEntries(pairs),
    config: joined(hints.map(({ hint }) => hint.config ?? {})),
    ...(skip === undefined ? {} : { skip }),
  };
}

function reasonOf(
  hints: readonly { what: string; hint: MatrixHint; isAvailable: boolean }[],
  cloud: MatrixCloud,
): string | undefined {
  const reasons = hints.flatMap(({ what, hint: { skip, service }, isAvailable }) => {
    if (isAvailable) return [];
    if (skip !== undefined) return `${what}: ${skip}`;
    return service === undefined || cloud.hasService(service)
      ? []
      : `${what}: the catalog has no ${service} service`;
  });
  return reasons.length === 0 ? undefined : reasons.join('; ');
}

/** Lists of the same key are joined; else the later value wins. */
function joined(configs: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const config of configs)
    for (const [key, value] of Object.entries(config)) {
      const before = all[key];
      all[key] = Array.isArray(before) && Array.isArray(value) ? [...new Set([...before, ...value])] : value;
    }
  return all;
}
