import type { PlanGroup, PlanHost, PlanInput, PlanInstance, PlannedMove } from './model.js';

interface Room {
  host: PlanHost;
  vcpus: number;
  memoryMb: number;
}

/** Where everything is, what is free, and where an instance fits. The planner's scratch pad: moves can be taken back. */
export class Placement {
  readonly #rooms = new Map<string, Room>();
  readonly #byHost = new Map<string, Set<PlanInstance>>();
  readonly #where = new Map<string, string>();
  readonly #groupsOf = new Map<string, PlanGroup[]>();
  /** Members of a group on a host, by `group host`. While a move is under way the member counts at both ends. */
  readonly #members = new Map<string, number>();

  constructor(readonly input: PlanInput) {
    for (const host of input.hosts) {
      this.#rooms.set(host.hostname, { host, vcpus: host.vcpus, memoryMb: host.memoryMb });
      this.#byHost.set(host.hostname, new Set());
    }
    for (const group of input.groups)
      for (const member of group.members) {
        const groups = this.#groupsOf.get(member);
        if (groups) groups.push(group);
        else this.#groupsOf.set(member, [group]);
      }
    for (const claim of input.claims) this.#take(claim.hostname, claim, 1);
    for (const instance of input.instances) this.#add(instance, instance.hostname);
  }

  instancesOn(hostname: string): PlanInstance[] {
    return [...(this.#byHost.get(hostname) ?? [])];
  }

  groupsOf(instanceId: string): readonly PlanGroup[] {
    return this.#groupsOf.get(instanceId) ?? [];
  }

  room(hostname: string): { vcpus: number; memoryMb: number } {
    return this.#rooms.get(hostname) ?? { vcpus: 0, memoryMb: 0 };
  }

  #take(hostname: string, size: { vcpus: number; memoryMb: number }, sign: 1 | -1): void {
    const room = this.#rooms.get(hostname);
    if (!room) return;
    room.vcpus -= sign * size.vcpus;
    room.memoryMb -= sign * size.memoryMb;
  }

  #count(instanceId: string, hostname: string, by: 1 | -1): void {
    for (const group of this.groupsOf(instanceId)) {
      const key = `${group.id} ${hostname}`;
      this.#members.set(key, (this.#members.get(key) ?? 0) + by);
    }
  }

  #add(instance: PlanInstance, hostname: string): void {
    this.#byHost.get(hostname)?.add(instance);
    this.#where.set(instance.id, hostname);
    this.#take(hostname, instance, 1);
    this.#count(instance.id, hostname, 1);
  }

  /** Takes the instance out of the cloud, as scaling in would. */
  remove(instance: PlanInstance): void {
    const hostname = this.#where.get(instance.id);
    if (hostname === undefined) return;
    this.#byHost.get(hostname)?.delete(instance);
    this.#where.delete(instance.id);
    this.#take(hostname, instance, -1);
    this.#count(instance.id, hostname, -1);
  }

  /** Whether the instance may run on the host beside what is there, and fits. */
  fits(instance: PlanInstance, hostname: string): boolean {
    const room = this.#rooms.get(hostname);
    if (!room?.host.usable || room.vcpus < instance.vcpus || room.memoryMb < instance.memoryMb) return false;
    return this.groupsOf(instance.id).every((group) => {
      const here = this.#members.get(`${group.id} ${hostname}`) ?? 0;
      if (group.placement === 'apart') return here === 0;
      return true;
    });
  }

  /** The host that would be filled best; undefined when it fits on none. */
  #best(instance: PlanInstance, targets: readonly string[]): string | undefined {
    let best: string | undefined;
    let left = Number.POSITIVE_INFINITY;
    for (const target of targets) {
      if (!this.fits(instance, target)) continue;
      const after = this.room(target).vcpus - instance.vcpus;
      // fullest first; equal ones in the order given
      if (after < left) [best, left] = [target, after];
    }
    return best;
  }

  /**
   * Finds a place for every instance of the host, large ones first, members of a `together` group on one host.
   * What is returned has been booked: the targets' room is taken, the source's is not yet free.
   */
  empty(
    hostname: string,
    targets: readonly string[],
  ): { moves: PlannedMove[]; unplaced: PlanInstance[]; undo(): void } {
    const moves: PlannedMove[] = [];
    const unplaced: PlanInstance[] = [];
    const booked: [PlanInstance, string][] = [];
    const instances = this.instancesOn(hostname).toSorted(
      (a, b) => b.vcpus - a.vcpus || b.memoryMb - a.memoryMb || (a.id < b.id ? -1 : 1),
    );
    const chosen = new Map<string, string>();
    for (const instance of instances) {
      const together = this.groupsOf(instance.id).find((group) => group.placement === 'together');
      const fixed = together && chosen.get(together.id);
      const to = this.#best(instance, fixed === undefined ? targets : [fixed]);
      if (to === undefined) {
        unplaced.push(instance);
        continue;
      }
      if (together) chosen.set(together.id, to);
      this.#take(to, instance, 1);
      this.#count(instance.id, to, 1);
      booked.push([instance, to]);
      moves.push({ instanceId: instance.id, projectId: instance.projectId, from: hostname, to });
    }
    const undo = () => {
      for (const [instance, to] of booked.splice(0)) {
        this.#take(to, instance, -1);
        this.#count(instance.id, to, -1);
      }
    };
    return { moves, unplaced, undo };
  }

  /** Makes booked moves real: the instances are at their targets, the sources' room is free. */
  settle(moves: readonly PlannedMove[]): void {
    for (const move of moves) {
      const instance = this.instancesOn(move.from).find(({ id }) => id === move.instanceId);
      if (!instance) continue;
      this.#byHost.get(move.from)?.delete(instance);
      this.#take(move.from, instance, -1);
      this.#count(instance.id, move.from, -1);
      this.#byHost.get(move.to)?.add(instance);
      this.#where.set(instance.id, move.to);
    }
  }
}
