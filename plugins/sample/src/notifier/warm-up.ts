import type { Clock } from '@nfv-doctor/core/plugin-api';
import { compileAlarm, evaluate, type StoredAlarm } from './alarms/compiled-alarm.js';
import type { NotifierConfig } from './config.js';
import { Webhook } from './delivery/webhook.js';
import { alarmBody, deliveryId, eventText, reasonOf } from './engine/alarm-body.js';
import { toTraitEvent } from './traits/convert.js';

const ROUNDS = 200;
const REQUESTS = 30;

const alarm = compileAlarm({
  alarm_id: 'warm-up',
  event_rule: {
    event_type: 'compute.instance.update',
    query: [
      { field: 'traits.instance_id', op: 'eq', type: 'string', value: 'warm-up' },
      { field: 'traits.state', op: 'eq', type: 'string', value: 'error' },
    ],
  },
} as unknown as StoredAlarm);

function evaluateOnce(round: number): string {
  const event = toTraitEvent({
    messageId: `warm-up-${round}`,
    publisherId: 'doctor.warm-up',
    eventType: 'compute.instance.update',
    priority: 'INFO',
    timestamp: '2030-01-01 00:00:00.000000',
    payload: {
      tenant_id: 'p',
      instance_id: 'warm-up',
      state: 'error',
      memory_mb: round,
      launched_at: '2030-01-01T00:00:00',
    },
  });
  if (evaluate(alarm, event) !== 'hit') return '';
  deliveryId('warm-up', event.messageId, 'alarm', 'http://127.0.0.1/');
  return alarmBody(
    alarm,
    { current: 'alarm', previous: 'ok', reason: reasonOf(alarm, event, 'alarm') },
    eventText(event),
  );
}

/**
 * Goes the way of an alarm a few times, up to a request to the notifier's own API, which refuses it: the first alarm of a process
 * would else pay with tens of milliseconds for what is loaded and compiled on its way.
 */
export async function warmUp(endpoint: URL, config: NotifierConfig, clock: Clock): Promise<void> {
  let body = '';
  for (let round = 0; round < ROUNDS; round++) body = evaluateOnce(round);
  const webhook = new Webhook(endpoint.origin, config, clock);
  const delivery = {
    id: 'warm-up',
    alarmId: 'warm-up',
    url: new URL('/v1/warm-up', endpoint).href,
    attempts: 1,
    createdAt: 0,
  };
  for (let request = 0; request < REQUESTS; request++) await webhook.post(delivery, body);
  await webhook.close();
}
