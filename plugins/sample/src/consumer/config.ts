import type { ConfigSchema, ConfigValues } from '@nfv-doctor/core/plugin-api';

/** Section `consumer` with `type: sample`. */
export const consumerConfig = {
  host: { doc: 'address to listen on', format: String, default: '127.0.0.1' },
  port: { doc: 'port of POST /failure; 0: a free one', format: 'port', default: 0 },
  advertised_url: {
    doc: 'base URL at which the notifier reaches the consumer, where that is not the address it listens on',
    format: 'url_or_empty',
    default: '',
  },
  token: {
    doc: 'token that alarms must bring (header Authorization or X-Auth-Token, or ?token= in the URL, which is what alarm actions get); needed beyond loopback',
    format: String,
    default: '',
    sensitive: true,
  },
  hmac_secret: {
    doc: 'secret that alarms must be signed with (header X-Doctor-Signature); empty: unsigned ones are taken',
    format: String,
    default: '',
    sensitive: true,
  },
  recover: {
    doc: 'on an alarm, recreate the instance on another host and move its floating IP there',
    format: Boolean,
    default: true,
  },
  recover_concurrency: { doc: 'instances that are recreated at once', format: 'count', default: 4 },
  recover_attempts: {
    doc: 'how often an instance is recreated when a replacement fails or lands on a host that is down',
    format: 'count',
    default: 3,
  },
  recover_timeout: {
    doc: 'time within which a replacement must be active',
    format: 'duration',
    default: 180_000,
  },
  poll_interval: {
    doc: 'time between two looks at the replacements that boot',
    format: 'duration',
    default: 200,
  },
  alarm_concurrency: {
    doc: 'alarms that are created or deleted at once',
    format: 'count',
    default: 16,
  },
  severity: {
    doc: 'severity of the alarms',
    format: ['low', 'moderate', 'critical'],
    default: 'critical',
  },
} satisfies ConfigSchema;
export type ConsumerConfig = ConfigValues<typeof consumerConfig>;
