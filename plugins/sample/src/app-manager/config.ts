import { appManagerConfig as common, type ConfigValues } from '@nfv-doctor/core/plugin-api';

const ACTIONS = ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'] as const;

/** Options of the app manager `sample`. Durations are ms once loaded. */
export const appManagerConfig = {
  ...common,
  redundant_action: {
    doc: 'what is chosen for members of the active-standby pair, where it is allowed',
    format: ACTIONS,
    default: 'MIGRATE',
  },
  scalable_action: {
    doc: 'what is chosen for the other instances, where it is allowed',
    format: ACTIONS,
    default: 'MIGRATE',
  },
  instance_actions: {
    doc: 'what is chosen for single instances, by name; goes before the two above',
    format: Object,
    default: {} as Record<string, string>,
  },
} as const;
export type AppManagerConfig = ConfigValues<typeof appManagerConfig>;
