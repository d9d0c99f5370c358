import { randomUUID } from 'node:crypto';
import type { Alarm, AlarmNotification, AlarmRequest, AlarmState } from '../domain/alarm.js';
import type { ProjectOwner } from '../domain/credentials.js';
import { DoctorError } from '../errors/index.js';
import type { Notifier } from '../roles/notifier.js';
import type { Health } from '../roles/role.js';

/** A notifier for tests: keeps alarms in memory; `fire` posts to their actions what Aodh would. */
export class FakeNotifier implements Notifier {
  readonly alarms = new Map<string, Alarm & { owner: ProjectOwner | undefined }>();
  /** Called before each alarm is created or deleted; throw to be a notifier that does. */
  before: (call: 'create' | 'delete', name: string) => void = () => {};

  async createAlarm(request: AlarmRequest, owner?: ProjectOwner): Promise<Alarm> {
    this.before('create', request.name);
    const now = new Date().toISOString();
    const alarm = {
      alarm_id: randomUUID(),
      name: request.name,
      description: request.description ?? '',
      type: 'event' as const,
      enabled: request.enabled ?? true,
      severity: request.severity ?? 'low',
      state: (request.state ?? 'insufficient data') as AlarmState,
      state_timestamp: now,
      timestamp: now,
      repeat_actions: request.repeat_actions ?? false,
      alarm_actions: request.alarm_actions ?? [],
      ok_actions: request.ok_actions ?? [],
      insufficient_data_actions: request.insufficient_data_actions ?? [],
      project_id: owner?.projectId ?? 'admin',
      user_id: owner?.userId ?? 'admin',
      event_rule: { event_type: request.event_rule.event_type ?? '*', query: request.event_rule.query ?? [] },
      owner,
    };
    this.alarms.set(alarm.alarm_id, alarm);
    return alarm;
  }
  async listAlarms(owner?: ProjectOwner): Promise<Alarm[]> {
    return [...this.alarms.values()].filter((alarm) => !owner || alarm.project_id === owner.projectId);
  }
  async getAlarm(alarmId: string): Promise<Alarm> {
    const alarm = this.alarms.get(alarmId);
    if (!alarm) throw new DoctorError('NOT_FOUND', `alarm ${alarmId} does not exist`);
    return alarm;
  }
  async updateAlarm(alarmId: string, change: Partial<AlarmRequest>): Promise<Alarm> {
    return Object.assign(await this.getAlarm(alarmId), change) as Alarm;
  }
  async setAlarmState(alarmId: string, state: AlarmState): Promise<void> {
    (await this.getAlarm(alarmId)).state = state;
  }
  async deleteAlarm(alarmId: string): Promise<void> {
    this.before('delete', this.alarms.get(alarmId)?.name ?? '');
    this.alarms.delete(alarmId);
  }

  /** The alarm whose query asks for this instance. */
  alarmOf(instanceId: string): Alarm {
    const found = [...this.alarms.values()].find(({ event_rule: { query } }) =>
      query.some(({ value }) => value === instanceId),
    );
    if (!found) throw new DoctorError('NOT_FOUND', `no alarm asks for instance ${instanceId}`);
    return found;
  }
  /** What Aodh posts when the instance goes to error. */
  notification(instanceId: string, change: Partial<AlarmNotification> = {}): AlarmNotification {
    const alarm = this.alarmOf(instanceId);
    return {
      alarm_id: alarm.alarm_id,
      alarm_name: alarm.name,
      severity: alarm.severity,
      previous: 'insufficient data',
      current: 'alarm',
      reason: 'Event hits the query.',
      reason_data: {
        type: 'event',
        event: {
          event_type: 'compute.instance.update',
          message_id: `message-${instanceId}`,
          traits: [
            ['project_id', 1, alarm.project_id],
            ['instance_id', 1, instanceId],
            ['state', 1, 'error'],
          ],
        },
      },
      ...change,
    };
  }
  /** Posts the notification to the alarm's action, as Aodh does. */
  fire(instanceId: string, headers: Record<string, string> = {}): Promise<Response> {
    const [url] = this.alarmOf(instanceId).alarm_actions;
    return fetch(String(url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(this.notification(instanceId)),
    });
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  health(): Health {
    return { status: 'up', detail: '' };
  }
}
