import type { Host } from '../../domain/host.js';
import type { Instance } from '../../domain/instance.js';

export interface InstanceFilter {
  hostname?: string;
  projectId?: string;
  /** All projects; default true for an administrator's controller. */
  allProjects?: boolean;
  /** Exact name. */
  name?: string;
}

export interface CreateInstance {
  name: string;
  flavorId: string;
  imageId: string;
  networkIds: readonly string[];
  /** Server group (scheduler hint `group`). */
  serverGroupId?: string;
  /** Host to boot on (administrators; availability zone `nova:<host>`). */
  hostname?: string;
  metadata?: Record<string, string>;
}

export interface Flavor {
  id: string;
  name: string;
  vcpus: number;
  memoryMb: number;
  diskGb: number;
}

export interface ServerGroup {
  id: string;
  name: string;
  /** e.g. `anti-affinity`, `soft-anti-affinity`, `affinity`. */
  policy: string;
  members: string[];
  projectId?: string;
}

/** Quota of a project; -1 is unlimited. */
export interface ComputeQuota {
  instances: number;
  cores: number;
  memoryMb: number;
  /** Members of one server group. */
  serverGroupMembers?: number;
}

/** Nova. Calls that change something resolve when Nova accepted them (2xx), not when they took effect: wait for the instance. */
export interface ComputeController {
  /** All compute hosts with service and hypervisor data. */
  hosts(signal?: AbortSignal): Promise<Host[]>;
  /** Marks the host down (or takes that back) for the cloud's own state; no look-up call precedes it once the host is known. */
  forceDown(hostname: string, down: boolean, signal?: AbortSignal): Promise<void>;
  /** Lets the scheduler use the host, or not. */
  setEnabled(hostname: string, enabled: boolean, reason?: string, signal?: AbortSignal): Promise<void>;

  /** All pages. */
  instances(filter?: InstanceFilter, signal?: AbortSignal): Promise<Instance[]>;
  /** The same, page by page as the cloud sends them, for who must not hold hundreds of thousands at once. Absent: use `instances`. */
  instancePages?(filter?: InstanceFilter, signal?: AbortSignal): AsyncIterable<readonly Instance[]>;
  /** Throws DoctorError `CLOUD_NOT_FOUND`. */
  instance(id: string, signal?: AbortSignal): Promise<Instance>;
  createInstance(request: CreateInstance, signal?: AbortSignal): Promise<Instance>;
  /** Deleting what is not there is no error. */
  deleteInstance(id: string, signal?: AbortSignal): Promise<void>;
  resetState(id: string, state: 'error' | 'active', signal?: AbortSignal): Promise<void>;
  /** Cold migration; then wait for VERIFY_RESIZE and confirm. */
  migrate(id: string, targetHost?: string, signal?: AbortSignal): Promise<void>;
  confirmMigration(id: string, signal?: AbortSignal): Promise<void>;
  liveMigrate(id: string, targetHost?: string, signal?: AbortSignal): Promise<void>;

  flavors(signal?: AbortSignal): Promise<Flavor[]>;
  createFlavor(flavor: Omit<Flavor, 'id'>, signal?: AbortSignal): Promise<Flavor>;
  deleteFlavor(id: string, signal?: AbortSignal): Promise<void>;
  /** Those of the caller's project; everybody's for administrators. */
  serverGroups(signal?: AbortSignal): Promise<ServerGroup[]>;
  createServerGroup(name: string, policy: string, signal?: AbortSignal): Promise<ServerGroup>;
  deleteServerGroup(id: string, signal?: AbortSignal): Promise<void>;
  quota(projectId: string, signal?: AbortSignal): Promise<ComputeQuota>;
  setQuota(projectId: string, quota: Partial<ComputeQuota>, signal?: AbortSignal): Promise<void>;
}
