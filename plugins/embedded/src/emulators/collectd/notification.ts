import type { CloudClock } from '../../cloud/clock.js';
import { nanoTime } from '../watchers/posting.js';
import type { WatchedHost } from '../watchers/watched-hosts.js';

/** Name of the host that the collectd runs on which watches the others. */
export const OBSERVER = 'monitor-1';

/** What collectd 5.12 posts when its threshold on `ping_droprate` (FailureMax 0.5) is passed, and when it is no longer. */
export function pingNotification(clock: CloudClock, { address }: WatchedHost, isUp: boolean) {
  const value = isUp ? 0 : 1;
  const words = isUp
    ? `All data sources are within range again. Current value of "value" is ${value.toFixed(6)}.`
    : `Data source "value" is currently ${value.toFixed(6)}. That is above the failure threshold of 0.500000.`;
  return [
    {
      labels: {
        alertname: 'collectd_ping_droprate',
        instance: OBSERVER,
        ping: address,
        severity: isUp ? 'OKAY' : 'FAILURE',
        service: 'collectd',
      },
      annotations: {
        summary: `Host ${OBSERVER}, plugin ping type ping_droprate (instance ${address}): ${words}`,
        DataSource: 'value',
        CurrentValue: String(value),
        WarningMin: 'nan',
        WarningMax: 'nan',
        FailureMin: 'nan',
        FailureMax: '0.5',
      },
      startsAt: nanoTime(clock),
    },
  ];
}
