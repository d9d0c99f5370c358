/** Options that every app manager has. Durations are ms once loaded. */
export const appManagerConfig = {
  host: { doc: 'address to listen on for alarms', format: String, default: '127.0.0.1' },
  port: { doc: 'port for alarms; 0: a free one', format: 'port', default: 0, env: 'DOCTOR_APP_MANAGER_PORT' },
  advertised_url: {
    doc: 'base URL under which the notifier reaches the app manager; empty: the address listened on',
    format: 'url_or_empty',
    default: '',
  },
  min_scalable: {
    doc: 'scalable instances that always stay; an application that would have to release more refuses to scale in',
    format: 'int',
    default: 0,
  },
  scale_in_step: {
    doc: 'instances released when the admin tool does not say how much room is missing (Fenix)',
    format: 'nat',
    default: 2,
  },
  refuse_states: {
    doc: 'states that are answered with NACK, for tests of an admin tool (doctor words)',
    format: 'strings',
    default: [] as string[],
  },
  silent_states: {
    doc: 'states that are not answered, for tests of an admin tool (doctor words)',
    format: 'strings',
    default: [] as string[],
  },
  instance_timeout: {
    doc: 'time within which an instance must be made or gone',
    format: 'duration',
    default: 120_000,
  },
  answer_timeout: {
    doc: 'time for which the admin tool is tried when it cannot be reached',
    format: 'duration',
    default: 60_000,
  },
  poll_interval: {
    doc: 'time between two looks at the cloud while waiting',
    format: 'duration',
    default: 200,
  },
} as const;

/** The values that the base of an app manager reads. */
export interface AppManagerConfig {
  readonly host: string;
  readonly port: number;
  readonly advertised_url: string;
  readonly instance_timeout: number;
  readonly answer_timeout: number;
  readonly poll_interval: number;
}
