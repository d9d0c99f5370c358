import type { Instance } from '@nfv-doctor/core/plugin-api';

/** What the inspector knows of an instance: little, because there may be hundreds of thousands. */
export class MappedInstance {
  /** Rises with each notification about any instance; tells what a snapshot cannot know yet. */
  touched = 0;
  /** Timestamp (ms) of the newest notification. */
  notifiedAt = 0;
  /** Who sent it: the clocks of two publishers are not compared to the millisecond. */
  publisher = '';

  constructor(
    readonly id: string,
    public name: string,
    public projectId: string,
    /** Compute host; empty when unscheduled. */
    public hostname: string,
    /** Nova's vm_state in lower case: active, building, error, stopped, ... */
    public state: string,
  ) {}
}

/** What a notification says about an instance; absent fields are not told. */
export interface InstanceChange {
  id: string;
  deleted: boolean;
  name?: string;
  projectId?: string;
  hostname?: string;
  state?: string;
  /** Timestamp of the notification, ms. */
  at: number;
  publisher: string;
}

/** A notification older by this than what another publisher said is a replay, not a clock that goes slow. */
const REPLAY_MS = 10_000;
/** Deleted instances that are remembered, so that a late notification does not bring them back. */
const MAX_TOMBSTONES = 50_000;

/** Marks the begin of a list call; see `ResourceMap.beginSnapshot`. */
export interface SnapshotMark {
  readonly touched: number;
  readonly listed: Set<string>;
}

/** Host → instances in memory, so that no list call stands between a fault and its actions. */
export class ResourceMap {
  readonly #instances = new Map<string, MappedInstance>();
  readonly #hosts = new Map<string, Set<MappedInstance>>();
  readonly #tombstones = new Set<string>();
  readonly #interned = new Map<string, string>();
  #touched = 0;

  /** @param onArrival called when an instance is newly seen on a host, after the map has changed */
  constructor(readonly onArrival: (instance: MappedInstance) => void = () => {}) {}

  get size(): number {
    return this.#instances.size;
  }
  get hostnames(): IterableIterator<string> {
    return this.#hosts.keys();
  }
  get hostCount(): number {
    return this.#hosts.size;
  }
  has(hostname: string): boolean {
    return this.#hosts.has(hostname);
  }
  get(instanceId: string): MappedInstance | undefined {
    return this.#instances.get(instanceId);
  }
  instancesOf(hostname: string): MappedInstance[] {
    return [...(this.#hosts.get(hostname) ?? [])];
  }

  addHost(hostname: string): void {
    if (!this.#hosts.has(hostname)) this.#hosts.set(hostname, new Set());
  }
  /** Forgets hosts that the cloud no longer has, unless instances are still on them. */
  keepHosts(known: ReadonlySet<string>): void {
    for (const [hostname, instances] of this.#hosts)
      if (!known.has(hostname) && instances.size === 0) this.#hosts.delete(hostname);
  }

  /** @returns whether the map changed */
  apply(change: InstanceChange): boolean {
    if (this.#tombstones.has(change.id)) return false;
    const present = this.#instances.get(change.id);
    if (present && isStale(present, change)) return false;
    const touched = ++this.#touched;
    if (change.deleted) {
      this.#bury(change.id);
      return present !== undefined;
    }
    if (!present && !change.hostname && !change.projectId) return false;
    const instance =
      present ?? new MappedInstance(change.id, change.name ?? '', '', '', change.state ?? 'building');
    if (!present) this.#instances.set(instance.id, instance);
    instance.touched = touched;
    instance.notifiedAt = Math.max(instance.notifiedAt, change.at);
    instance.publisher = this.#intern(change.publisher);
    if (change.name !== undefined && change.name !== instance.name) instance.name = change.name;
    if (change.projectId) instance.projectId = this.#intern(change.projectId);
    if (change.state) instance.state = this.#intern(change.state);
    if (change.hostname !== undefined) this.#place(instance, change.hostname);
    return true;
  }

  /** Call before the list is asked for: what notifications say from here on is newer than the list. */
  beginSnapshot(): SnapshotMark {
    return { touched: this.#touched, listed: new Set() };
  }
  applyPage(mark: SnapshotMark, page: readonly Instance[]): void {
    for (const listed of page) {
      const present = this.#instances.get(listed.id);
      if (this.#tombstones.has(listed.id)) continue;
      mark.listed.add(present?.id ?? listed.id);
      if (present && present.touched > mark.touched) continue;
      const instance = present ?? new MappedInstance(listed.id, listed.name, '', '', '');
      if (!present) this.#instances.set(instance.id, instance);
      if (instance.name !== listed.name) instance.name = listed.name;
      instance.projectId = this.#intern(listed.projectId);
      instance.state = this.#intern(stateOfStatus(listed.status));
      this.#place(instance, listed.hostname ?? '');
    }
  }
  /** Drops what the list no longer had, except what notifications told since. @returns how many */
  endSnapshot(mark: SnapshotMark): number {
    let dropped = 0;
    for (const instance of this.#instances.values()) {
      if (mark.listed.has(instance.id) || instance.touched > mark.touched) continue;
      this.#remove(instance);
      dropped++;
    }
    return dropped;
  }

  #place(instance: MappedInstance, hostname: string): void {
    if (instance.hostname === hostname) return;
    this.#hosts.get(instance.hostname)?.delete(instance);
    if (hostname === '') {
      instance.hostname = '';
      return;
    }
    this.addHost(hostname);
    instance.hostname = this.#intern(hostname);
    this.#hosts.get(hostname)!.add(instance);
    this.onArrival(instance);
  }
  #bury(id: string): void {
    const instance = this.#instances.get(id);
    if (instance) this.#remove(instance);
    this.#tombstones.add(id);
    if (this.#tombstones.size > MAX_TOMBSTONES) {
      const [oldest] = this.#tombstones;
      this.#tombstones.delete(oldest!);
    }
  }
  #remove(instance: MappedInstance): void {
    this.#instances.delete(instance.id);
    this.#hosts.get(instance.hostname)?.delete(instance);
  }
  /** One copy of each project id, host name and state instead of one per instance. */
  #intern(text: string): string {
    const known = this.#interned.get(text);
    if (known !== undefined) return known;
    this.#interned.set(text, text);
    return text;
  }
}

/**
 * Older than what is known: from the same publisher by its timestamp; from another one only when it is so old
 * that a slow clock does not explain it (source and destination of a migration both report, with clocks of their own).
 */
function isStale(present: MappedInstance, change: InstanceChange): boolean {
  if (change.deleted) return false;
  const age = present.notifiedAt - change.at;
  return present.publisher === change.publisher ? age > 0 : age > REPLAY_MS;
}

const STATES: Record<string, string> = {
  BUILD: 'building',
  SHUTOFF: 'stopped',
  VERIFY_RESIZE: 'resized',
  MIGRATING: 'active',
  RESIZE: 'active',
  REBUILD: 'active',
  REBOOT: 'active',
  HARD_REBOOT: 'active',
};
/** Nova's vm_state for the status its API shows. */
export function stateOfStatus(status: string): string {
  return STATES[status] ?? status.toLowerCase();
}
