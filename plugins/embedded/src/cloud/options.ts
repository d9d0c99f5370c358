import type { CloudClock } from './clock.js';
import type { FailureRule } from './faults/failures.js';
import type { LatencyDistribution } from './faults/latency.js';
import type { HostSpec } from './nova/index.js';

/** How the embedded cloud is made. Every field has a default; times are in ms. */
export interface EmbeddedCloudOptions {
  /** Hosts by count and size (named compute-1, compute-2, ...), or one by one. Default: 3 hosts of 16 vCPUs, 32 GiB, 1,028 GB. */
  hosts?: HostSizes | readonly HostSpec[];
  /** Where the hosts can be probed. Default `loopback`; `none`: they cannot. */
  network?: 'loopback' | 'namespaces' | 'none';
  clock?: CloudClock;
  /** Seed of latencies and failures. Default 1. */
  seed?: number;
  /** Latency of every call. Default none. */
  latency?: LatencyDistribution;
  /** Latency by operation, such as `nova.servers.action`; goes before `latency`. */
  latencies?: Readonly<Record<string, LatencyDistribution>>;
  failures?: readonly FailureRule[];
  /** From BUILD to ACTIVE. Default 0. */
  bootMs?: number;
  /** Default 0. */
  deleteMs?: number;
  /** Cold migration until VERIFY_RESIZE. Default 200. */
  migrationMs?: number;
  /** Confirmation of a migration. Default 50. */
  confirmMs?: number;
  /** Live migration. Default 300. */
  liveMigrationMs?: number;
  /** Life of a token. Default one hour. */
  tokenLifetimeMs?: number;
  /** Whether owners see `host_status` of their servers; on a real cloud that takes a change of Nova's policy. Default true. */
  ownersSeeHostStatus?: boolean;
  /** Quota of a project that has none of its own. Default: Nova's (10 instances, 20 cores, 50 GiB). */
  quota?: Readonly<Record<string, number>>;
  /** Ports of the services; 0 is a free one. Default 0. */
  ports?: Partial<Record<'identity' | 'compute' | 'network' | 'image' | 'placement', number>>;
  /** Password of the user admin. Default: random. */
  adminPassword?: string;
  /** Told of errors that are the cloud's own fault. */
  onError?: (where: string, error: unknown) => void;
}

/** So many hosts of one size. */
export interface HostSizes {
  count: number;
  vcpus?: number;
  memoryMb?: number;
  diskGb?: number;
}

/** The hosts that the options describe. */
export function hostSpecs(hosts: EmbeddedCloudOptions['hosts']): HostSpec[] {
  if (isList(hosts)) return [...hosts];
  const { count = 3, vcpus = 128, memoryMb = 262_144, diskGb = 1028 } = hosts ?? {};
  return Array.from({ length: count }, (_, index) => ({
    hostname: `compute-${index + 1}`,
    vcpus,
    memoryMb,
    diskGb,
  }));
}

const isList = (hosts: EmbeddedCloudOptions['hosts']): hosts is readonly HostSpec[] => Array.isArray(hosts);
