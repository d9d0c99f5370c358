import type { Metrics } from '@nfv-doctor/core/plugin-api';

/** The notifier's figures; all labels start at 0, so that a rate is known from the first event on. */
export function notifierMetrics(metrics: Metrics) {
  const events = metrics.counter({ name: 'doctor_notifier_events_total', help: 'Notifications evaluated' });
  const fired = metrics.counter({
    name: 'doctor_notifier_fired_total',
    help: 'Alarms that fired, by the state they went to',
    labelNames: ['state'],
  });
  const deliveries = metrics.counter({
    name: 'doctor_notifier_deliveries_total',
    help: 'Notifications delivered, or given up',
    labelNames: ['result'],
  });
  for (const state of ['alarm', 'ok']) fired.inc({ state }, 0);
  for (const result of ['delivered', 'undelivered']) deliveries.inc({ result }, 0);
  return { events, fired, deliveries };
}
