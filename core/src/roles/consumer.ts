import type { ProjectOwner } from '../domain/credentials.js';
import type { Instance } from '../domain/instance.js';
import type { Role } from './role.js';

/**
 * Owner of instances (VNFM): registers alarms for them, is notified, and switches over or recreates.
 * Emits T09 when an alarm is received. A duplicate is answered and acted upon once.
 */
export interface Consumer extends Role {
  /** Where alarms are posted to. */
  readonly endpoint: URL;
  /** Registers an alarm for each instance with the Notifier, as `owner`, and recovers it when the alarm comes. */
  protect(instances: readonly Instance[], owner: ProjectOwner): Promise<void>;
  /** Removes the alarms of `protect` and stops recovering. */
  release(): Promise<void>;
  /** The instance that replaces `instanceId`, ACTIVE on another host. Rejects when recovery failed for good or `signal` is aborted. */
  replacement(instanceId: string, signal: AbortSignal): Promise<Instance>;
}
