import { appManagerConfig, type ConfigValues } from '@nfv-doctor/core/plugin-api';

/** Options of the app manager `vnfm`. Durations are ms once loaded. */
export const vnfmConfig = {
  ...appManagerConfig,
  instances: {
    doc: 'what instances bear, a list: {name (with * and ?), part: redundant|scalable, group, lead_time, max_interruption_time, migration_types}; the first entry that matches an instance counts, all keys are optional',
    format: Array,
    default: [] as unknown[],
  },
  groups: {
    doc: 'what groups of instances bear, by name: {max_impacted_members, recovery_time, anti_affinity}',
    format: Object,
    default: {} as Record<string, unknown>,
  },
  migration_types: {
    doc: 'how instances may be moved whose entry does not say, best first: MIGRATE, LIVE_MIGRATE, OWN_ACTION',
    format: 'strings',
    default: ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'],
  },
  migrate_interruption: {
    doc: 'how long a cold migration interrupts an instance, compared with its max_interruption_time',
    format: 'duration',
    default: 30_000,
  },
  live_migrate_interruption: {
    doc: 'how long a live migration interrupts an instance',
    format: 'duration',
    default: 500,
  },
  own_action_interruption: {
    doc: 'how long it takes from the end of an instance to the service of the one made in its place (it is made before)',
    format: 'duration',
    default: 0,
  },
  constraints_api: {
    doc: "auto: constraints are handed to the admin tool (Fenix' workflow vnf, or the sample's) where it takes them; off: they are kept to by the answers alone",
    format: ['auto', 'off'],
    default: 'auto',
  },
  answer_margin: {
    doc: 'time before the deadline at which a question that could not be agreed to so far is answered with NACK',
    format: 'duration',
    default: 1_500,
  },
  assumed_reply_time: {
    doc: 'time for an answer when the message tells none, or one in the past (Fenix)',
    format: 'duration',
    default: 15_000,
  },
} as const;
export type VnfmConfig = ConfigValues<typeof vnfmConfig>;
