import type { ActiveFault, FaultEvent } from '../domain/fault.js';
import type { HostMessage, MaintenanceState, ProjectMessage } from '../domain/maintenance.js';
import type { Notification } from '../domain/notification.js';

/** The checkpoints of a fault on its way (DESIGN of the Doctor profiler). */
export const CHECKPOINTS = {
  T00: 'host link down',
  T01: 'raw failure reported by the monitor',
  T02: 'affected instances found by the inspector',
  T03: 'instance in error',
  T04: 'host marked down',
  T05: 'instance update event on the bus',
  T06: 'event converted to traits',
  T07: 'alarms evaluated',
  T08: 'alarm fired',
  T09: 'alarm received by the consumer',
} as const;
export type CheckpointName = keyof typeof CHECKPOINTS;

export interface Checkpoint {
  name: CheckpointName;
  /** Monotonic ms; default: now. */
  at?: number;
  hostname?: string;
  instanceId?: string;
  faultId?: string;
}

/** Every event inside one Doctor process. `events.jsonl` has all of them, in order, with their monotonic stamp. */
export interface DoctorEvents {
  checkpoint: Checkpoint & { at: number };
  /** A monitor's verdict about a host, with its evidence. */
  'host.down': { hostname: string; monitor: string; evidence: Record<string, unknown> };
  'host.up': { hostname: string; monitor: string; evidence: Record<string, unknown> };
  'fault.received': { event: FaultEvent };
  'fault.raised': { fault: ActiveFault };
  'fault.cleared': { fault: ActiveFault };
  'fault.suppressed': { hostname: string; reason: string; event: FaultEvent };
  /** An action of the inspector that failed for good. */
  'fault.action_failed': { faultId: string; action: string; resource: string; message: string };
  'notification.received': { notification: Notification };
  'alarm.created': { alarmId: string; name: string; projectId: string };
  'alarm.fired': { alarmId: string; name: string; instanceId?: string; current: string; previous: string };
  'alarm.delivered': { alarmId: string; url: string; attempts: number };
  'alarm.undelivered': { alarmId: string; url: string; attempts: number; message: string };
  'alarm.received': { alarmId: string; current: string; instanceId?: string; duplicate: boolean };
  'instance.recovered': { instanceId: string; replacementId: string; hostname?: string };
  'maintenance.session': { sessionId: string; state: MaintenanceState; reason?: string };
  'maintenance.message': { message: ProjectMessage };
  'maintenance.host': { message: HostMessage };
  'maintenance.answer': {
    sessionId: string;
    projectId: string;
    state: string;
    accepted: boolean;
    reason?: string;
  };
  'maintenance.move': {
    sessionId: string;
    instanceId: string;
    from: string;
    to?: string;
    action: string;
    state: 'started' | 'done' | 'failed';
    message?: string;
  };
  /** Scenario progress. */
  'scenario.started': { scenario: string };
  'scenario.step': {
    scenario: string;
    step: string;
    state: 'started' | 'done' | 'failed' | 'undone' | 'skipped';
    detail?: string;
  };
  'scenario.check': { scenario: string; check: string; verdict: 'passed' | 'failed'; detail: string };
  'scenario.finished': { scenario: string; verdict: 'passed' | 'failed' | 'skipped'; reason?: string };
  /** An installer cut or restored a host's network. */
  'network.cut': { hostname: string };
  'network.restored': { hostname: string };
}
export type DoctorEventName = keyof DoctorEvents;
