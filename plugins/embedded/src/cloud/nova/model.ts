import type { Port } from '../neutron/neutron.js';

export type VmState = 'building' | 'active' | 'stopped' | 'paused' | 'resized' | 'error' | 'deleted';
export type TaskState =
  | null
  | 'scheduling'
  | 'spawning'
  | 'deleting'
  | 'resize_prep'
  | 'resize_migrating'
  | 'resize_migrated'
  | 'resize_finish'
  | 'resize_reverting'
  | 'migrating'
  | 'rebuilding'
  | 'rebuild_spawning'
  | 'powering-off'
  | 'powering-on'
  | 'rebooting'
  | 'rebooting_hard'
  | 'pausing'
  | 'unpausing';

/** A flavor; servers keep a copy of theirs. */
export interface Flavor {
  id: string;
  /** Integer key of Nova's database, seen in notifications and migrations. */
  number: number;
  name: string;
  vcpus: number;
  memoryMb: number;
  diskGb: number;
  ephemeralGb: number;
  swapMb: number;
  isPublic: boolean;
  description: string | null;
  extraSpecs: Record<string, string>;
}

/** Why a server is in error. */
interface Fault {
  code: number;
  message: string;
  details: string;
  createdAt: number;
}

/** An instance. */
export interface Server {
  readonly id: string;
  /** Position in the order of creation. */
  readonly number: number;
  name: string;
  hostname: string;
  description: string | null;
  readonly projectId: string;
  readonly userId: string;
  flavor: Flavor;
  /** Flavor before a resize that is not confirmed yet. */
  oldFlavor: Flavor | undefined;
  readonly imageId: string;
  readonly reservationId: string;
  readonly keyName: string | null;
  readonly userData: string | null;
  metadata: Record<string, string>;
  tags: string[];
  host: string | null;
  zone: string;
  vmState: VmState;
  taskState: TaskState;
  /** 0 pending, 1 running, 3 paused, 4 shut down. */
  powerState: number;
  locked: boolean;
  lockedReason: string | null;
  readonly createdAt: number;
  updatedAt: number;
  launchedAt: number | null;
  terminatedAt: number | null;
  fault: Fault | undefined;
  group: ServerGroup | undefined;
  ports: Port[];
  /** Ports that were the caller's before: they outlive the server. */
  givenPorts: Set<string>;
  /** The migration under way, or finished and not confirmed. */
  migration: Migration | undefined;
  actions: InstanceAction[];
}

/** A migration of a server. */
export interface Migration {
  readonly number: number;
  readonly uuid: string;
  readonly server: Server;
  readonly type: 'migration' | 'resize' | 'live-migration' | 'evacuation';
  status: string;
  readonly source: string;
  destination: string | null;
  readonly userId: string;
  readonly projectId: string;
  readonly oldFlavor: number;
  readonly newFlavor: number;
  readonly createdAt: number;
  updatedAt: number;
}

/** One line of a server's history. */
export interface InstanceAction {
  action: string;
  requestId: string;
  userId: string;
  projectId: string;
  startedAt: number;
  updatedAt: number | null;
  message: string | null;
  events: {
    event: string;
    startedAt: number;
    finishedAt: number | null;
    result: string | null;
    host: string;
  }[];
}

/** A server group. */
export interface ServerGroup {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  readonly rules: { max_server_per_host?: number };
  readonly projectId: string;
  readonly userId: string;
  readonly members: Set<Server>;
}
