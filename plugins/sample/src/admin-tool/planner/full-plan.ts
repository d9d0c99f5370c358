import type { PlanInput, PlanInstance, PlannedWave, Shortage } from './model.js';
import { nextStepIn } from './next-step.js';
import { Placement } from './placement.js';

/** A whole session, simulated. */
export interface FullPlan {
  waves: PlannedWave[];
  /** What has to be released before it can be done; undefined when there is room. */
  scaleIn?: { vcpus: number; memoryMb: number; instances: PlanInstance[] };
  /** Why it cannot be done, even after scaling in. */
  shortages: string[];
}

/** Instances to release for a shortage: as few as cover what is missing. */
function release(shortage: Shortage, byId: ReadonlyMap<string, PlanInstance>): PlanInstance[] {
  const released: PlanInstance[] = [];
  let [vcpus, memoryMb] = [0, 0];
  for (const id of shortage.preferred) {
    if (vcpus >= shortage.vcpus && memoryMb >= shortage.memoryMb) break;
    const instance = byId.get(id);
    if (!instance) continue;
    released.push(instance);
    vcpus += instance.vcpus;
    memoryMb += instance.memoryMb;
  }
  return released;
}

/** Plays the waves through until all hosts are maintained or there is no room. */
function simulate(input: PlanInput): { waves: PlannedWave[]; shortage?: Shortage } {
  const placement = new Placement(input);
  const pending = new Set(input.hosts.filter((host) => host.pending).map(({ hostname }) => hostname));
  const waves: PlannedWave[] = [];
  for (;;) {
    const step = nextStepIn(placement, pending);
    if (step.kind === 'done') return { waves };
    if (step.kind === 'shortage') return { waves, shortage: step };
    placement.settle(step.moves);
    waves.push(step);
    if (!step.prepare) for (const hostname of step.hosts) pending.delete(hostname);
  }
}

/** Plays a session through on paper; where there is no room, instances are released beforehand and it begins anew. */
export function fullPlan(input: PlanInput): FullPlan {
  const byId = new Map(input.instances.map((instance) => [instance.id, instance]));
  const released: PlanInstance[] = [];
  const result = (waves: PlannedWave[], shortages: string[]): FullPlan => {
    if (released.length === 0) return { waves, shortages };
    const vcpus = released.reduce((sum, instance) => sum + instance.vcpus, 0);
    const memoryMb = released.reduce((sum, instance) => sum + instance.memoryMb, 0);
    return { waves, shortages, scaleIn: { vcpus, memoryMb, instances: released } };
  };
  for (;;) {
    const { waves, shortage } = simulate({ ...input, instances: [...byId.values()] });
    if (!shortage) return result(waves, []);
    const more = release(shortage, byId);
    if (more.length === 0) return result(waves, [shortage.reason]);
    for (const { id } of more) byId.delete(id);
    released.push(...more);
  }
}
