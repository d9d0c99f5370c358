import type { ApplicationRecord, InstanceAction } from '@nfv-doctor/core/plugin-api';
import type { Constraints, InstanceConstraints, Interruptions, ResolvedGroup } from './model.js';
import type { Situation } from './judge.js';

export const INTERRUPTIONS: Interruptions = { MIGRATE: 30_000, LIVE_MIGRATE: 500, OWN_ACTION: 0 };

export const instance = (more: Partial<InstanceConstraints> = {}): InstanceConstraints => ({
  leadTimeMs: 0,
  maxInterruptionMs: Number.POSITIVE_INFINITY,
  migrationTypes: ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'],
  ...more,
});
export const group = (members: string[], more: Partial<ResolvedGroup> = {}): ResolvedGroup => ({
  name: 'g',
  maxImpactedMembers: Number.POSITIVE_INFINITY,
  recoveryTimeMs: 0,
  antiAffinity: false,
  members,
  ...more,
});
export const constraints = (
  instances: Record<string, InstanceConstraints>,
  ...groups: ResolvedGroup[]
): Constraints => ({ instances: new Map(Object.entries(instances)), groups });

/** At 1,000,000; the question has just come, and its answer is due in a minute. */
export const situation = (asked: string[], more: Partial<Situation> = {}): Situation => ({
  now: 1_000_000,
  receivedAt: 1_000_000,
  deadline: 1_060_000,
  asked,
  allowed: ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION'] as InstanceAction[],
  impacted: new Set(),
  lastActionAt: new Map(),
  remakeable: new Set(asked),
  toolPaces: false,
  ...more,
});

/** Instances by their names; the first ones are redundant. */
export const members = (redundant: string[], scalable: string[]) =>
  ({
    redundant,
    scalable,
    blueprints: Object.fromEntries(
      [...redundant, ...scalable].map((id) => [id, { name: `app-${id}` }]),
    ) as unknown as ApplicationRecord['blueprints'],
  }) as Pick<ApplicationRecord, 'redundant' | 'scalable' | 'blueprints'>;
