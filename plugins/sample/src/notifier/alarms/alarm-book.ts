import { randomUUID } from 'node:crypto';
import { type AlarmRequest, type AlarmState, type Clock, DoctorError } from '@nfv-doctor/core/plugin-api';
import { pythonTime } from '../time.js';
import { AlarmIndex } from './alarm-index.js';
import { checkActions } from './check-actions.js';
import { type CompiledAlarm, compileAlarm, type StoredAlarm } from './compiled-alarm.js';

/** Who asks. */
export interface Caller {
  projectId: string;
  userId: string;
  /** Sees and changes the alarms of every project. */
  admin: boolean;
}

/** Every alarm, in memory: the store has what is needed to fill it again. */
export class AlarmBook {
  readonly index = new AlarmIndex();
  readonly #alarms = new Map<string, CompiledAlarm>();

  constructor(readonly clock: Clock) {}

  get size(): number {
    return this.#alarms.size;
  }

  /** A new alarm, not yet effective. @throws DoctorError INPUT_INVALID */
  make(request: AlarmRequest, caller: Caller): CompiledAlarm {
    const now = pythonTime(this.clock.now());
    const eventType = request.event_rule.event_type || '*';
    const alarm: StoredAlarm = {
      alarm_id: randomUUID(),
      ...settings(request, eventType),
      state: request.state ?? 'insufficient data',
      state_timestamp: now,
      state_reason: 'Not evaluated yet',
      timestamp: now,
      evaluate_timestamp: now,
      project_id: ownerOf(request.project_id, caller),
      user_id: request.user_id && caller.admin ? request.user_id : caller.userId,
    };
    return compile(alarm);
  }

  /** The alarm with the request's settings; members that are absent get their defaults, as with Aodh's PUT. */
  remake({ alarm }: CompiledAlarm, request: AlarmRequest, caller: Caller): CompiledAlarm {
    const now = pythonTime(this.clock.now());
    const state = request.state ?? alarm.state;
    const changed = state !== alarm.state;
    return compile({
      ...alarm,
      ...settings(request, request.event_rule.event_type || '*'),
      project_id: request.project_id === undefined ? alarm.project_id : ownerOf(request.project_id, caller),
      timestamp: now,
      state,
      state_timestamp: changed ? now : alarm.state_timestamp,
      state_reason: changed ? 'Manually set via API' : alarm.state_reason,
    });
  }

  /** Effective from now on; in place of one with the same id. */
  put(compiled: CompiledAlarm): void {
    this.remove(compiled.alarm.alarm_id);
    this.#alarms.set(compiled.alarm.alarm_id, compiled);
    this.index.add(compiled);
  }

  remove(alarmId: string): void {
    const known = this.#alarms.get(alarmId);
    if (!known) return;
    this.#alarms.delete(alarmId);
    this.index.delete(known);
  }

  load(alarm: StoredAlarm): void {
    this.put(compileAlarm(alarm));
  }

  /** @throws DoctorError NOT_FOUND, also for an alarm of another project */
  get(alarmId: string, caller: Caller): CompiledAlarm {
    const found = this.#alarms.get(alarmId);
    if (found && mayUse(found.alarm, caller)) return found;
    throw new DoctorError('NOT_FOUND', `Alarm ${alarmId} not found`, { details: { alarm_id: alarmId } });
  }

  list(caller: Caller): StoredAlarm[] {
    const all = [...this.#alarms.values()].map(({ alarm }) => alarm);
    return caller.admin ? all : all.filter((alarm) => mayUse(alarm, caller));
  }

  setState(compiled: CompiledAlarm, state: AlarmState): void {
    const { alarm } = compiled;
    alarm.state = state;
    alarm.state_timestamp = pythonTime(this.clock.now());
    alarm.state_reason = 'Manually set via API';
    if (state !== 'alarm') compiled.alarmed.clear();
  }
}

const mayUse = (alarm: StoredAlarm, caller: Caller) => caller.admin || alarm.project_id === caller.projectId;

function ownerOf(wanted: string | undefined, caller: Caller): string {
  if (!wanted || wanted === caller.projectId) return caller.projectId;
  if (caller.admin) return wanted;
  throw new DoctorError('FORBIDDEN', `not allowed to make alarms of project ${wanted}`, {
    details: { field: 'project_id' },
  });
}

function settings(request: AlarmRequest, eventType: string) {
  return {
    name: request.name,
    description: request.description || `Alarm when ${eventType} event occurred.`,
    type: 'event' as const,
    enabled: request.enabled ?? true,
    severity: request.severity ?? 'low',
    repeat_actions: request.repeat_actions ?? false,
    alarm_actions: checkActions('alarm_actions', request.alarm_actions),
    ok_actions: checkActions('ok_actions', request.ok_actions),
    insufficient_data_actions: checkActions('insufficient_data_actions', request.insufficient_data_actions),
    time_constraints: [],
    event_rule: {
      event_type: eventType,
      // Aodh shows every member, whatever was left out
      query: (request.event_rule.query ?? []).map((query) => ({
        field: query.field,
        op: query.op ?? 'eq',
        type: query.type ?? '',
        value: String(query.value),
      })) as StoredAlarm['event_rule']['query'],
    },
  };
}

const compile = (alarm: StoredAlarm) => compileAlarm(alarm);
