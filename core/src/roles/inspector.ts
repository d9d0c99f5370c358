import type { ActiveFault, FaultEvent, FaultQuery } from '../domain/fault.js';
import type { HostMessage } from '../domain/maintenance.js';
import type { Role } from './role.js';

/** What became of reported events. */
export interface ReportResult {
  accepted: number;
  /** Duplicates, stale events, hosts in maintenance. */
  ignored: number;
}

/**
 * Receives raw faults, finds the affected instances and updates their state.
 * Emits the checkpoints T02 (affected instances found), T03 (each instance in error), T04 (host marked down).
 */
export interface Inspector extends Role {
  /** Base URL of the southbound HTTP API (`PUT <endpoint>/events`), when the inspector has one that Doctor's monitors can use. */
  readonly endpoint?: URL | undefined;
  /** Hands events over. Resolves when they are accepted (not when they are handled). Throws DoctorError for events of the wrong shape or an unreachable backend. */
  report(events: readonly FaultEvent[], signal?: AbortSignal): Promise<ReportResult>;
  /** Resolves when everything accepted so far has been handled (all actions done or given up). */
  settled(signal?: AbortSignal): Promise<void>;
  faults(query?: FaultQuery): Promise<ActiveFault[]>;
  /** A host enters or leaves maintenance: its events in between are recorded and not acted upon. */
  hostMaintenance(message: HostMessage): Promise<void>;
}
