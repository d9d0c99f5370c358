import type { ConfigValues } from '@nfv-doctor/core/plugin-api';

/** Section `inspector` of type `congress`. */
export const congressConfig = {
  policy: { doc: 'policy that gets the rules', format: String, default: 'classification' },
  data_source: {
    doc: 'data source of driver doctor that gets the events; created when it is missing',
    format: String,
    default: 'doctor',
  },
  nova_data_source: { doc: 'data source of driver nova', format: String, default: 'nova' },
  revert: {
    doc: 'when a host is up again, takes back the force-down and the error states that its fault brought about; Congress itself leaves them',
    format: Boolean,
    default: true,
  },
  refresh: {
    doc: 'asks Congress to poll Nova when instances change, instead of waiting for its poll_time: an instance that it has not polled is not put into error',
    format: Boolean,
    default: true,
  },
  refresh_interval: {
    doc: 'shortest time between two such polls',
    format: 'duration',
    default: 500,
  },
  settle_timeout: {
    doc: 'how long Congress may take to act on an event',
    format: 'duration',
    default: 30_000,
  },
  look_timeout: {
    doc: 'how long a look at the host may hold up an event: what was in order before is known by it, and only that is taken back',
    format: 'duration',
    default: 1_000,
  },
};
export type CongressConfig = ConfigValues<typeof congressConfig>;
