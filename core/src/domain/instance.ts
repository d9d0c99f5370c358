/** Nova's server states that Doctor acts upon; others pass through as they come. */
export type InstanceStatus =
  | 'ACTIVE'
  | 'BUILD'
  | 'ERROR'
  | 'SHUTOFF'
  | 'DELETED'
  | 'MIGRATING'
  | 'RESIZE'
  | 'VERIFY_RESIZE'
  | 'REBUILD'
  | (string & {});

/** A virtual machine (Nova: server). */
export interface Instance {
  id: string;
  name: string;
  projectId: string;
  userId?: string;
  status: InstanceStatus;
  /** Nova's `OS-EXT-STS:task_state`, null when idle. Absent when the caller may not see it. */
  taskState?: string | null;
  /** The compute host; absent when the caller may not see it, null when unscheduled. */
  hostname?: string | null;
  /** `host_status` of microversion 2.16: UP, DOWN, MAINTENANCE, UNKNOWN, or '' without a host. */
  hostStatus?: string;
  /** Flavor id or name, as the cloud shows it. */
  flavor?: string;
  vcpus?: number;
  memoryMb?: number;
  imageId?: string;
  /** Address by network name. */
  addresses: Record<string, string[]>;
  metadata: Record<string, string>;
  /** ISO 8601. */
  createdAt?: string;
  /** `fault.message` of an instance in ERROR. */
  fault?: string;
}
