import { createHash } from 'node:crypto';
import type { CloudClock } from '../../cloud/clock.js';
import type { WatchedHost } from '../watchers/watched-hosts.js';

export const RECEIVER = 'doctor';

/** An alert as Prometheus makes it of `probe_success == 0` of the blackbox exporter. */
export const alertOf = ({ hostname, address, port }: WatchedHost) => ({
  labels: {
    alertname: 'HostDown',
    hostname,
    instance: `${address}:${port}`,
    job: 'blackbox',
    severity: 'critical',
  },
  annotations: { summary: `${hostname} does not answer probes` },
});

const NEVER = '0001-01-01T00:00:00Z';

/** Alertmanager's webhook, version 4, for one alert that is grouped by its name and host. */
export function webhook(
  clock: CloudClock,
  host: WatchedHost,
  isUp: boolean,
  startsAt: number,
  externalURL: string,
) {
  const { labels, annotations } = alertOf(host);
  const status = isUp ? 'resolved' : 'firing';
  const groupLabels = { alertname: labels.alertname, hostname: labels.hostname };
  return {
    receiver: RECEIVER,
    status,
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt: new Date(startsAt).toISOString(),
        endsAt: isUp ? new Date(clock.now()).toISOString() : NEVER,
        generatorURL: '',
        fingerprint: createHash('sha256').update(JSON.stringify(labels)).digest('hex').slice(0, 16),
      },
    ],
    groupLabels,
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL,
    version: '4',
    groupKey: `{}:{alertname="${labels.alertname}", hostname="${labels.hostname}"}`,
    truncatedAlerts: 0,
  };
}
