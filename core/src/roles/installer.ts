import type { CloudCredentials } from '../domain/credentials.js';
import type { DeployedHost } from '../domain/host.js';
import type { Role } from './role.js';

/** A host's network that was cut on purpose. */
export interface NetworkCut {
  hostname: string;
  /** Moment of the cut on the local monotonic clock, ms (checkpoint T00). */
  cutAt: number;
  /** Uncertainty of `cutAt`, ms: 0 when cut by this process. */
  toleranceMs: number;
  /** Brings the network back; idempotent. It comes back by itself after the duration given, even if the control connection is lost. */
  restore(): Promise<void>;
}

/**
 * Reaches the deployment: nodes, addresses, SSH, configuration changes, fault injection.
 * `start` sets the deployment up (the embedded cloud starts here; nodes' configuration is changed),
 * `stop` restores everything byte for byte.
 */
export interface Installer extends Role {
  /** The administrator's credentials, when the installer knows them; the cloud session uses them when none are configured. */
  credentials(): Promise<CloudCredentials | undefined>;
  /** The compute hosts with the addresses they can be probed at. */
  hosts(): Promise<DeployedHost[]>;
  /** Addresses worth knowing by name, for a person who uses the deployment beside Doctor (`doctor cloud` prints them). */
  describeAccess?(): Promise<Record<string, string>>;
  /** Cuts the host's network for at most `durationMs`. */
  cutNetwork(hostname: string, durationMs: number, signal?: AbortSignal): Promise<NetworkCut>;
}
