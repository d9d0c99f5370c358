import type { ConfigValues } from '@nfv-doctor/core/plugin-api';

/** Configuration section `notifier` with type `aodh`. */
export const aodhConfig = {
  endpoint: {
    doc: "Base URL of the alarm API; empty: the catalog's alarming service",
    format: 'url_or_empty',
    default: '',
  },
  alarm_cache_ttl: {
    doc: 'How long Aodh may not see a new alarm ([listener] event_alarm_cache_ttl in aodh.conf, 60 s by default there): a new alarm is said to be ready after it',
    format: 'duration',
    default: 0,
  },
  reset_timeout: {
    doc: 'how long Doctor tries to set an alarm back to ok when its instance is well again: Aodh never does',
    format: 'duration',
    default: 120_000,
  },
  delete_concurrency: {
    doc: 'Alarms deleted at once when Doctor stops',
    format: 'nat',
    default: 8,
  },
} as const;

export type AodhConfig = ConfigValues<typeof aodhConfig>;
