import type { Alarm, AlarmRequest, AlarmState } from '../domain/alarm.js';
import type { ProjectOwner } from '../domain/credentials.js';
import type { Role } from './role.js';

/**
 * Matches the message bus' events with the alarms that consumers registered, and notifies.
 * Alarms belong to a project; an alarm sees only events of its own project (trait `project_id` or `tenant_id`),
 * an administrator's alarm with `project_id: '*'`-less query sees what Aodh would show it.
 * Emits T06 (event to traits), T07 (alarms evaluated), T08 (fired).
 */
export interface Notifier extends Role {
  /** Base URL of the alarm API (Aodh's `/v2/alarms`). */
  readonly endpoint?: URL | undefined;
  /** A new alarm is effective when the call returns (where the backend can do it). `owner` absent: Doctor's own project. */
  createAlarm(request: AlarmRequest, owner?: ProjectOwner): Promise<Alarm>;
  /** `allProjects` (administrators): everybody's alarms; who subscribed to maintenance is known that way. Default: those of the owner's project. */
  listAlarms(owner?: ProjectOwner, options?: { allProjects?: boolean }): Promise<Alarm[]>;
  getAlarm(alarmId: string, owner?: ProjectOwner): Promise<Alarm>;
  updateAlarm(alarmId: string, change: Partial<AlarmRequest>, owner?: ProjectOwner): Promise<Alarm>;
  setAlarmState(alarmId: string, state: AlarmState, owner?: ProjectOwner): Promise<void>;
  /** Deleting an alarm that is not there is no error. */
  deleteAlarm(alarmId: string, owner?: ProjectOwner): Promise<void>;
}
