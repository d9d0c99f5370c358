import type { AlarmNotification, AlarmRequest, Instance } from '@nfv-doctor/core/plugin-api';

/** The alarm that tells when this instance goes to ERROR. */
export function instanceAlarm(instance: Instance, severity: string, actionUrl: string): AlarmRequest {
  return {
    name: `doctor-${instance.id}`,
    description: `instance ${instance.name} went to error`,
    type: 'event',
    severity: severity as NonNullable<AlarmRequest['severity']>,
    repeat_actions: false,
    alarm_actions: [actionUrl],
    event_rule: {
      event_type: 'compute.instance.update',
      query: [
        { field: 'traits.instance_id', type: 'string', op: 'eq', value: instance.id },
        { field: 'traits.state', type: 'string', op: 'eq', value: 'error' },
      ],
    },
  };
}

/** Value of a trait of the event that fired the alarm. */
export function trait(notification: AlarmNotification, name: string): string | undefined {
  const found = notification.reason_data.event.traits.find(([key]) => key === name);
  return found === undefined ? undefined : String(found[2]);
}

/** The same for every delivery of one transition of one alarm. */
export function transitionKey(notification: AlarmNotification): string {
  const { alarm_id: alarm, previous, current, reason_data: data } = notification;
  return [alarm, previous, current, data.event.message_id ?? data.event.generated ?? ''].join(' ');
}
