import type { DeployedHost } from '../domain/host.js';
import type { Role } from './role.js';

/**
 * Watches hosts and reports raw faults through the FaultReporter (token `core.faultReporter`).
 *
 * - Reports `compute.host.down` once per outage and `compute.host.up` once when the host answers again.
 * - Emits checkpoint T01 with the monotonic moment of its verdict, before it reports.
 * - Keeps watching after a failure. One host that answers never hides another that does not.
 */
export interface Monitor extends Role {
  /** Watches these hosts from now on, in addition to those already watched. Resolves when every host has been seen to answer once or `signal` is aborted. */
  watch(hosts: readonly DeployedHost[], signal?: AbortSignal): Promise<void>;
  /** Stops watching; no report about these hosts follows. */
  unwatch(hostnames: readonly string[]): Promise<void>;
}
