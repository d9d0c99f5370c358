import { createHash } from 'node:crypto';
import type { CompiledAlarm } from '../alarms/compiled-alarm.js';
import type { TraitEvent } from '../traits/convert.js';

export interface Transition {
  current: 'alarm' | 'ok';
  previous: string;
  reason: string;
}

/** Aodh's words for why. */
export function reasonOf(compiled: CompiledAlarm, event: TraitEvent, current: 'alarm' | 'ok'): string {
  const verb = current === 'alarm' ? 'hits' : 'no longer hits';
  return `Event <id=${event.messageId},event_type=${event.eventType}> ${verb} the query <query=${compiled.queryText}>.`;
}

/** The event's part of the body: the same for all alarms that one event fires. */
export const eventText = (event: TraitEvent): string =>
  JSON.stringify({
    message_id: event.messageId,
    event_type: event.eventType,
    generated: event.generated,
    traits: event.traits,
    raw: {},
    // Aodh's members are all there; Ceilometer's signature is its own, ours is in a header
    message_signature: '',
  });

/** The body that Aodh posts to an alarm's action. @param event as `eventText` gives it */
export function alarmBody(
  { alarm }: CompiledAlarm,
  { previous, current, reason }: Transition,
  event: string,
): string {
  const head = JSON.stringify({
    alarm_name: alarm.name,
    alarm_id: alarm.alarm_id,
    severity: alarm.severity,
    previous,
    current,
    reason,
  });
  return `${head.slice(0, -1)},"reason_data":{"type":"event","event":${event}}}`;
}

/** The same for the same alarm, event, state and action, whoever asks and when: a consumer sees what it has already had. */
export const deliveryId = (alarmId: string, messageId: string, current: string, url: string): string =>
  createHash('sha256').update(`${alarmId}\n${messageId}\n${current}\n${url}`).digest('hex').slice(0, 40);
