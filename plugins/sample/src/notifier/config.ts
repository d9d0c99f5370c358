import type { ConfigValues } from '@nfv-doctor/core/plugin-api';

/** Section `notifier` of type `sample`. */
export const notifierConfig = {
  host: { doc: 'address that the alarm API listens on', format: String, default: '127.0.0.1' },
  port: { doc: 'port of the alarm API (Aodh has 8042); 0: a free one', format: 'port', default: 0 },
  auth: {
    doc: 'who may use the API. none: everybody who reaches it (loopback only), project_id of the body counts; token: who brings notifier.token; keystone: who brings a valid token of the cloud, whose project owns the alarm',
    format: ['none', 'token', 'keystone'],
    default: 'none',
  },
  token: { doc: 'token of the API with auth token', format: String, default: '', sensitive: true },
  hmac_secret: {
    doc: 'secret that webhooks are signed with (header X-Doctor-Signature: t=<seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">); empty: unsigned',
    format: String,
    default: '',
    sensitive: true,
  },
  delivery_timeout: { doc: 'how long one attempt to deliver may take', format: 'duration', default: 5000 },
  delivery_budget: {
    doc: 'how long an alarm is tried to be delivered before it is put aside as undelivered',
    format: 'duration',
    default: 900_000,
  },
  retry_pause: {
    doc: 'pause before the second attempt; it doubles with each, up to retry_pause_limit, and is spread at random',
    format: 'duration',
    default: 200,
  },
  retry_pause_limit: { doc: 'longest pause between two attempts', format: 'duration', default: 30_000 },
  concurrency: {
    doc: 'most deliveries under way to one consumer (scheme, host and port); alarms of one id go one after another',
    format: 'count',
    default: 128,
  },
  retention: {
    doc: 'how long delivered and undelivered notifications are kept to be listed and replayed',
    format: 'duration',
    default: 86_400_000,
  },
  hold_until_state_changed: {
    doc: "keep back alarms that Doctor's own shortcut notification raised until the cloud has changed the instance's state, so that a consumer that acts at once is not too early",
    format: Boolean,
    default: false,
  },
  hold_timeout: {
    doc: 'with hold_until_state_changed: an alarm is delivered after this time whatever the cloud did',
    format: 'duration',
    default: 5000,
  },
};
export type NotifierConfig = ConfigValues<typeof notifierConfig>;
