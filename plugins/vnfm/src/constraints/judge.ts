import type { InstanceAction } from '@nfv-doctor/core/plugin-api';
import { fitting } from './fitting.js';
import type { Constraints, InstanceConstraints, Interruptions, ResolvedGroup } from './model.js';

/** A question to touch instances, and everything that its answer depends on. Times in ms since the epoch. */
export interface Situation {
  now: number;
  receivedAt: number;
  /** Last moment at which an answer counts. */
  deadline: number;
  /** Instances that are to be touched. */
  asked: readonly string[];
  /** Actions that the admin tool offers; empty: it does not say. */
  allowed: readonly InstanceAction[];
  /** Instances that are out of service, or agreed to be touched. */
  impacted: ReadonlySet<string>;
  /** When the last action on members ended, by group. */
  lastActionAt: ReadonlyMap<string, number>;
  /** Instances that can be made again. */
  remakeable: ReadonlySet<string>;
  /** The admin tool keeps to `max_impacted_members` itself within one question. */
  toolPaces: boolean;
}

export type Judgement =
  | { kind: 'act'; actions: Record<string, InstanceAction> }
  /** Not now. `until` is absent when it depends on others. */
  | { kind: 'wait'; until?: number; reason: string }
  /** Never, before the deadline. */
  | { kind: 'refuse'; reason: string };

const refuse = (reason: string): Judgement => ({ kind: 'refuse', reason });
const NO_CONSTRAINTS: InstanceConstraints = {
  leadTimeMs: 0,
  maxInterruptionMs: Number.POSITIVE_INFINITY,
  migrationTypes: ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'],
};

/** Ways in which an instance may be moved now, best first. */
function ways(id: string, constraints: Constraints, interruptions: Interruptions, situation: Situation) {
  const { allowed, remakeable } = situation;
  return fitting(constraints.instances.get(id) ?? NO_CONSTRAINTS, interruptions).filter(
    (type) =>
      (allowed.length === 0 || allowed.includes(type)) && (type !== 'OWN_ACTION' || remakeable.has(id)),
  );
}

/** Why an instance cannot be moved at all. */
export function obstacle(
  id: string,
  constraints: Constraints,
  interruptions: Interruptions,
  situation: Pick<Situation, 'allowed' | 'remakeable'>,
): string | undefined {
  if (ways(id, constraints, interruptions, situation as Situation).length > 0) return undefined;
  const { migrationTypes, maxInterruptionMs } = constraints.instances.get(id) ?? NO_CONSTRAINTS;
  const borne = Number.isFinite(maxInterruptionMs) ? ` within ${maxInterruptionMs} ms of interruption` : '';
  return `instance ${id} may be moved by ${migrationTypes.join(', ')}${borne}, and none of these is possible: offered are ${situation.allowed.join(', ') || 'all'}`;
}

/**
 * What to answer to a question. Pure: the same situation gets the same judgement.
 * Members that are touched by one answer count as one action: recovery time runs from its end.
 */
export function judge(
  constraints: Constraints,
  interruptions: Interruptions,
  situation: Situation,
): Judgement {
  const { asked, now, deadline, receivedAt } = situation;
  const actions: Record<string, InstanceAction> = {};
  for (const id of asked) {
    const [best] = ways(id, constraints, interruptions, situation);
    if (best === undefined) return refuse(obstacle(id, constraints, interruptions, situation) as string);
    actions[id] = best;
  }
  const waits: Extract<Judgement, { kind: 'wait' }>[] = [];
  const { leadTimeMs, who } = longestLead(asked, constraints);
  const ready = receivedAt + leadTimeMs;
  const notice = `instance ${who} needs ${leadTimeMs} ms of notice`;
  if (leadTimeMs > 0 && ready > deadline)
    return refuse(`${notice}, and the answer is due ${deadline - receivedAt} ms after the question`);
  if (ready > now) waits.push({ kind: 'wait', until: ready, reason: notice });
  for (const group of constraints.groups) {
    const members = asked.filter((id) => group.members.includes(id));
    if (members.length === 0) continue;
    const verdict = judgeGroup(group, members, constraints, interruptions, situation);
    if (verdict.kind === 'refuse') return verdict;
    if (verdict.kind === 'wait') waits.push(verdict);
    else Object.assign(actions, verdict.actions);
  }
  return latest(waits) ?? { kind: 'act', actions };
}

function longestLead(asked: readonly string[], { instances }: Constraints) {
  let [leadTimeMs, who] = [0, ''];
  for (const id of asked) {
    const lead = instances.get(id)?.leadTimeMs ?? 0;
    if (lead > leadTimeMs) [leadTimeMs, who] = [lead, id];
  }
  return { leadTimeMs, who };
}

/** Who waits for others waits longest. */
function latest(waits: readonly Extract<Judgement, { kind: 'wait' }>[]) {
  return waits.toSorted(
    (a, b) => (b.until ?? Number.POSITIVE_INFINITY) - (a.until ?? Number.POSITIVE_INFINITY),
  )[0];
}

/** @returns `act` with the actions that differ from each instance's best */
function judgeGroup(
  group: ResolvedGroup,
  members: readonly string[],
  constraints: Constraints,
  interruptions: Interruptions,
  situation: Situation,
): Judgement {
  const { now, deadline, impacted, toolPaces } = situation;
  const { name, maxImpactedMembers: limit, recoveryTimeMs } = group;
  const recovered = (situation.lastActionAt.get(name) ?? Number.NEGATIVE_INFINITY) + recoveryTimeMs;
  const recovery = `group ${name} needs ${recoveryTimeMs} ms to recover from the last action`;
  if (recovered > deadline)
    return refuse(
      `${recovery}, and the answer is due ${Math.round(recovered - deadline)} ms too early for that`,
    );
  const others = group.members.filter((id) => impacted.has(id) && !members.includes(id));
  const room = limit - others.length;
  const crowded = `group ${name}: ${others.length} of its members are out of service, and at most ${limit} may be`;
  if (room <= 0) return { kind: 'wait', reason: crowded };
  if (recovered > now) return { kind: 'wait', until: recovered, reason: recovery };
  if (members.length <= room) return { kind: 'act', actions: {} };
  // more than may be touched at once: one after another, by who keeps the pace
  if (toolPaces && others.length === 0 && recoveryTimeMs === 0) return { kind: 'act', actions: {} };
  const stubborn = members.find(
    (id) => !ways(id, constraints, interruptions, situation).includes('OWN_ACTION'),
  );
  if (stubborn === undefined)
    return { kind: 'act', actions: Object.fromEntries(members.map((id) => [id, 'OWN_ACTION' as const])) };
  if (members.length <= limit) return { kind: 'wait', reason: crowded };
  return refuse(
    `group ${name}: ${members.length} members are to be touched, at most ${limit} may be at the same time${recoveryTimeMs > 0 ? `, with ${recoveryTimeMs} ms between them` : ''}, and ${stubborn} cannot be moved by OWN_ACTION, one after another`,
  );
}
