import { deadlineViolations, onceViolations, orderViolations } from './history.js';
import {
  type CheckedRule,
  type Expectations,
  RULES,
  type Rule,
  type StateChange,
  type Verdict,
  type Violation,
} from './types.js';
import { World } from './world.js';

const serving = (world: World): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { projectId, status } of world.instances.values())
    if (status === 'ACTIVE') counts.set(projectId, (counts.get(projectId) ?? 0) + 1);
  return counts;
};

/** Broken promises that last: opened when first seen, closed when they are over. */
class Lasting {
  readonly #open = new Map<string, Violation>();
  readonly ended: Violation[] = [];

  see(at: number, now: readonly { rule: Rule; key: string; detail: string }[]): void {
    const keys = new Set<string>();
    for (const { rule, key, detail } of now) {
      const id = `${rule} ${key}`;
      keys.add(id);
      if (!this.#open.has(id)) this.#open.set(id, { rule, at, detail });
    }
    for (const [id, violation] of this.#open)
      if (!keys.has(id)) {
        this.#open.delete(id);
        this.ended.push({ ...violation, forMs: at - violation.at });
      }
  }
}

/**
 * Proves from a log of state changes, and from nothing else, whether the promises of a maintenance were kept.
 * The log must begin with the whole state (instances, hosts, groups, floating IPs) before the session.
 * Shares no code with the workflow that it judges.
 */
export function checkMaintenance(log: readonly StateChange[], expected: Expectations): Verdict {
  const ordered = log.toSorted((a, b) => a.at - b.at);
  const world = new World();
  const lasting = new Lasting();
  const first = ordered[0]?.at ?? 0;
  const end = ordered.at(-1)?.at ?? 0;
  let before = new Map<string, number>();
  const outBefore = new Set<string>();
  for (let index = 0; index < ordered.length; ) {
    const at = (ordered[index] as StateChange).at;
    // what carries one stamp happened at once
    for (; ordered[index]?.at === at; index++) world.apply(ordered[index] as StateChange);
    const outages = [...world.floatingIps.keys()].flatMap((id) => {
      const detail = world.outage(id);
      return detail ? [{ rule: 'service' as const, key: id, detail }] : [];
    });
    lasting.see(at, [...outages, ...world.misplaced()]);
    if (at === first) {
      before = serving(world);
      for (const [hostname, { up, enabled }] of world.hosts) if (!up || !enabled) outBefore.add(hostname);
    }
  }
  lasting.see(end, []);
  const violations = [
    ...lasting.ended,
    ...orderViolations(ordered),
    ...deadlineViolations(ordered),
    ...onceViolations(ordered, {
      ...expected,
      done: expected.whole ?? expected.outcome === 'MAINTENANCE_DONE',
    }),
    ...endViolations(world, before, end, {
      ...expected,
      // a host that was out of use before, and was not to be maintained, is nobody's promise
      lostHosts: [
        ...(expected.lostHosts ?? []),
        ...[...outBefore].filter((hostname) => !expected.hosts.includes(hostname)),
      ],
    }),
  ];
  const downtimeMs = violations
    .filter(({ rule }) => rule === 'service')
    .reduce((sum, { forMs = 0 }) => sum + forMs, 0);
  const messages = ordered.filter(({ kind }) => kind === 'message' || kind === 'host_message').length;
  return { violations, checks: toChecks(violations), downtimeMs, messages };
}

function endViolations(
  world: World,
  before: ReadonlyMap<string, number>,
  at: number,
  { lostHosts = [], capacityBack = true, outcome }: Expectations,
): Violation[] {
  const violations: Violation[] = [];
  const after = serving(world);
  if (capacityBack)
    for (const [projectId, count] of before)
      if ((after.get(projectId) ?? 0) < count)
        violations.push({
          rule: 'capacity',
          at,
          detail: `project ${projectId} had ${count} active instances before and ${after.get(projectId) ?? 0} after`,
        });
  for (const [hostname, { up, enabled, inMaintenance }] of world.hosts)
    if (!lostHosts.includes(hostname) && !(up && enabled && !inMaintenance))
      violations.push({
        rule: 'hosts_back',
        at,
        detail: `${hostname} is ${[up ? '' : 'down', enabled ? '' : 'disabled', inMaintenance ? 'in maintenance' : ''].filter(Boolean).join(' and ')}`,
      });
  if (world.sessions.size === 0) violations.push({ rule: 'outcome', at, detail: 'no session was seen' });
  for (const [sessionId, { state, reason }] of world.sessions)
    if (state !== outcome)
      violations.push({
        rule: 'outcome',
        at,
        detail: `session ${sessionId} ended in ${state}${reason ? ` (${reason})` : ''}, expected ${outcome}`,
      });
  return violations;
}

function toChecks(violations: readonly Violation[]): CheckedRule[] {
  return (Object.entries(RULES) as [Rule, string][]).map(([rule, name]) => {
    const broken = violations.filter((violation) => violation.rule === rule);
    const detail = broken
      .slice(0, 5)
      .map((each) =>
        each.forMs === undefined ? each.detail : `${each.detail} for ${Math.round(each.forMs)} ms`,
      )
      .join('; ');
    const more = broken.length > 5 ? `; and ${broken.length - 5} more` : '';
    return {
      rule,
      name,
      passed: broken.length === 0,
      detail: broken.length === 0 ? 'as promised' : detail + more,
    };
  });
}
