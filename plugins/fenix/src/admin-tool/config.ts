import type { ConfigValues } from '@nfv-doctor/core/plugin-api';

/** Section `admin_tool` of type `fenix`. */
export const fenixConfig = {
  workflow: { doc: 'workflow of sessions whose request names none', format: String, default: 'default' },
  poll_interval: {
    doc: 'between two looks at a session; each request costs Fenix two connections to RabbitMQ for good, and the message bus tells most changes anyway',
    format: 'duration',
    default: 10_000,
  },
  end_poll_interval: {
    doc: 'the same after the last question, whose end no notification tells',
    format: 'duration',
    default: 1_000,
  },
  minimum_lead: {
    doc: 'how far ahead maintenance_at has to be',
    format: 'duration',
    default: 0,
  },
  put_hosts_back: {
    doc: 'after a failed or aborted session, enables the hosts that were enabled before it; Fenix leaves them disabled, and refuses every session then',
    format: Boolean,
    default: true,
  },
  delete_on_stop: {
    doc: 'deletes the sessions made here; a running one is aborted',
    format: Boolean,
    default: true,
  },
};
export type FenixConfig = ConfigValues<typeof fenixConfig>;
