import type { ConfigValues } from '@nfv-doctor/core/plugin-api';

const text = (doc: string) => ({ doc, format: String, default: '' });
const secret = (doc: string) => ({ ...text(doc), sensitive: true });

/** Configuration section `cloud`. An empty text means "not given": clouds.yaml and OS_* variables fill the gap. */
export const cloudConfig = {
  cloud: text('Name of the cloud in clouds.yaml; default: OS_CLOUD'),
  auth_url: text("Keystone's URL, with or without /v3"),
  username: text('User name'),
  user_id: text('User id, instead of name and domain'),
  password: secret('Password'),
  user_domain_name: text('Domain of the user'),
  user_domain_id: text('Domain id of the user'),
  project_name: text('Project to be scoped to'),
  project_id: text('Project id, instead of name and domain'),
  project_domain_name: text('Domain of the project'),
  project_domain_id: text('Domain id of the project'),
  system_scope: text('`all` for a system scope instead of a project'),
  application_credential_id: text('Application credential id'),
  application_credential_name: text('Application credential name; needs the user'),
  application_credential_secret: secret('Application credential secret'),
  region_name: text('Region whose endpoints are used; default: the first one in the catalog'),
  interface: {
    doc: 'Kind of endpoint: public, internal or admin; empty: public',
    format: ['', 'public', 'internal', 'admin'],
    default: '',
  },
  cacert: text('PEM file of the certificate authority'),
  insecure: { doc: 'Do not verify TLS certificates', format: Boolean, default: false },
  endpoint_overrides: {
    doc: "Endpoint by service type instead of the catalog's, e.g. {alarming: http://aodh:8042}",
    format: Object,
    default: {} as Record<string, string>,
  },
  max_connections: {
    doc: 'Connections, and so requests at once, to each service',
    format: 'count',
    default: 32,
  },
  connect_timeout: { doc: 'Time to connect in', format: 'duration', default: 5_000 },
  timeout: { doc: 'Time for an answer to begin, and then to end, in', format: 'duration', default: 30_000 },
  retries: {
    doc: 'How often an idempotent request is sent again after a failure of the network or 429, 502, 503, 504',
    format: 'nat',
    default: 4,
  },
  retry_delay: {
    doc: 'First pause before sending again; grows with jitter',
    format: 'duration',
    default: 100,
  },
  retry_max_delay: {
    doc: 'Longest pause, also of those that a service asks for with Retry-After; a longer one fails at once',
    format: 'duration',
    default: 30_000,
  },
  token_renew_before: {
    doc: 'How long before its end a token is renewed (at most a tenth of its life)',
    format: 'duration',
    default: 300_000,
  },
  validation_cache: {
    doc: "How long Keystone's word about somebody else's token is believed",
    format: 'duration',
    default: 5_000,
  },
} as const;

export type CloudConfig = ConfigValues<typeof cloudConfig>;
