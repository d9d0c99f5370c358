import type { NextStep, PlanInput, PlanInstance, PlannedMove, PlannedWave, Shortage } from './model.js';
import { Placement } from './placement.js';

/** Members of each group that a wave touches. */
class Impact {
  readonly #touched = new Map<string, number>();

  constructor(readonly placement: Placement) {}

  /** Whether these instances may be touched beside those already taken; takes them when they may. */
  take(instances: readonly PlanInstance[]): boolean {
    const more = new Map<string, number>();
    for (const { id } of instances)
      for (const group of this.placement.groupsOf(id)) more.set(group.id, (more.get(group.id) ?? 0) + 1);
    for (const { id } of instances)
      for (const group of this.placement.groupsOf(id)) {
        const before = this.#touched.get(group.id) ?? 0;
        // members that share the host are touched one after another by the workflow, so one host counts once at most
        const added =
          before === 0 ? Math.min(more.get(group.id) ?? 0, group.maxImpacted) : (more.get(group.id) ?? 0);
        if (before + added > group.maxImpacted) return false;
      }
    for (const [group, count] of more) this.#touched.set(group, (this.#touched.get(group) ?? 0) + count);
    return true;
  }
}

const load = (instances: readonly PlanInstance[]) => instances.reduce((sum, { vcpus }) => sum + vcpus, 0);

/** Pending hosts, empty ones first, then those that are quickest to empty. */
function candidates(placement: Placement, pending: readonly string[]): string[] {
  const loads = new Map(pending.map((hostname) => [hostname, placement.instancesOn(hostname)] as const));
  return pending.toSorted((a, b) => {
    const [left, right] = [loads.get(a) ?? [], loads.get(b) ?? []];
    return left.length - right.length || load(left) - load(right);
  });
}

interface WaveSearch {
  placement: Placement;
  pending: ReadonlySet<string>;
  maxParallelHosts: number;
}

/** Hosts whose instances all fit on hosts that will not be touched again. */
function finalWave(search: WaveSearch, order: readonly string[], targets: readonly string[]): PlannedWave {
  const { placement } = search;
  const impact = new Impact(placement);
  const wave: PlannedWave = { kind: 'wave', prepare: false, hosts: [], moves: [] };
  for (const hostname of order) {
    if (wave.hosts.length >= search.maxParallelHosts) break;
    const { moves, unplaced, undo } = placement.empty(hostname, targets);
    if (unplaced.length > 0 || !impact.take(placement.instancesOn(hostname))) undo();
    else {
      wave.hosts.push(hostname);
      wave.moves.push(...moves);
    }
  }
  return wave;
}

/** Hosts that can be emptied at least onto hosts that are themselves still to be maintained. */
function preparingWave(search: WaveSearch, order: readonly string[], usable: readonly string[]): PlannedWave {
  const { placement, pending } = search;
  const impact = new Impact(placement);
  const wave: PlannedWave = { kind: 'wave', prepare: true, hosts: [], moves: [] };
  const targeted = new Set<string>();
  for (const hostname of order) {
    if (wave.hosts.length >= search.maxParallelHosts) break;
    if (targeted.has(hostname)) continue;
    const taken = new Set([...wave.hosts, hostname]);
    const targets = usable.filter((target) => !taken.has(target));
    // who is moved to a host that stays needs no second move
    const ordered = [...targets.filter((t) => !pending.has(t)), ...targets.filter((t) => pending.has(t))];
    const { moves, unplaced, undo } = placement.empty(hostname, ordered);
    if (unplaced.length > 0 || !impact.take(placement.instancesOn(hostname))) undo();
    else {
      wave.hosts.push(hostname);
      wave.moves.push(...moves);
      for (const move of moves) targeted.add(move.to);
    }
  }
  return wave;
}

/** What is missing to empty the host that is nearest to it. */
function shortage(search: WaveSearch, order: readonly string[], usable: readonly string[]): Shortage {
  const { placement } = search;
  const found = order.map((hostname) => {
    const { unplaced, undo } = placement.empty(
      hostname,
      usable.filter((target) => target !== hostname),
    );
    undo();
    const here = placement.instancesOn(hostname).filter(({ scalable }) => scalable);
    const missing = load(unplaced);
    // what cannot be released on the host itself must be released elsewhere and moved: worse
    return { hostname, unplaced, here, missing, elsewhere: Math.max(0, missing - load(here)) };
  });
  const best = found.toSorted((a, b) => a.elsewhere - b.elsewhere || a.missing - b.missing)[0];
  const { hostname, unplaced, here, missing } = best as (typeof found)[number];
  const others = usable
    .filter((target) => target !== hostname)
    .flatMap((target) => placement.instancesOn(target).filter(({ scalable }) => scalable));
  const memoryMb = unplaced.reduce((sum, instance) => sum + instance.memoryMb, 0);
  return {
    kind: 'shortage',
    hostname,
    vcpus: missing,
    memoryMb,
    preferred: [...here, ...others].map(({ id }) => id),
    reason: `no room for ${unplaced.length} of ${placement.instancesOn(hostname).length} instances of ${hostname} on the other hosts: ${missing} vCPUs and ${memoryMb} MiB are missing, or their server groups forbid it`,
  };
}

/** @see nextStep; works on (and books in) a placement that is given */
export function nextStepIn(placement: Placement, pending: ReadonlySet<string>): NextStep {
  if (pending.size === 0) return { kind: 'done' };
  const { maxParallelHosts, hosts } = placement.input;
  const search: WaveSearch = { placement, pending, maxParallelHosts };
  const order = candidates(placement, [...pending]);
  const usable = hosts.filter((host) => host.usable).map(({ hostname }) => hostname);
  const final = usable.filter((hostname) => !pending.has(hostname));
  const wave = finalWave(search, order, final);
  if (wave.hosts.length > 0) return wave;
  const preparing = preparingWave(search, order, usable);
  if (preparing.hosts.length > 0) return preparing;
  return shortage(search, order, usable);
}

/**
 * What a session does next, from the cloud as it is now: a wave of hosts with the moves that empty them, or what is missing.
 *
 * - Empty hosts first; then hosts whose instances fit on hosts that will not be touched again, so that nothing moves twice.
 * - Only when there are none: hosts are emptied onto others that still wait (a preparing wave).
 * - Members of a group are never touched beyond its limit, nor placed against its policy, not even while a move is under way.
 */
export function nextStep(input: PlanInput): NextStep {
  const pending = new Set(input.hosts.filter((host) => host.pending).map(({ hostname }) => hostname));
  return nextStepIn(new Placement(input), pending);
}

export type { PlannedMove };
