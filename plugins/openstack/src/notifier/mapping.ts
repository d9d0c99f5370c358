import type { Alarm } from '@nfv-doctor/core/plugin-api';

/** An alarm as Aodh shows it; other fields pass through an update. */
export type AodhAlarm = Alarm & Record<string, unknown>;

export function toAlarm(alarm: AodhAlarm): Alarm {
  return {
    alarm_id: alarm.alarm_id,
    name: alarm.name,
    description: alarm.description ?? '',
    type: 'event',
    enabled: alarm.enabled,
    severity: alarm.severity,
    state: alarm.state,
    state_timestamp: alarm.state_timestamp,
    timestamp: alarm.timestamp,
    repeat_actions: alarm.repeat_actions,
    alarm_actions: alarm.alarm_actions ?? [],
    ok_actions: alarm.ok_actions ?? [],
    insufficient_data_actions: alarm.insufficient_data_actions ?? [],
    project_id: alarm.project_id,
    user_id: alarm.user_id,
    event_rule: {
      event_type: alarm.event_rule?.event_type ?? '*',
      query: alarm.event_rule?.query ?? [],
    },
    ...(alarm.state_reason ? { state_reason: alarm.state_reason } : {}),
  };
}
