import type { InstanceAction } from '@nfv-doctor/core/plugin-api';
import type { InstanceConstraints, Interruptions } from './model.js';

/** The ways in which an instance may be moved without a longer interruption than it bears, best first. */
export const fitting = (
  { migrationTypes, maxInterruptionMs }: Pick<InstanceConstraints, 'migrationTypes' | 'maxInterruptionMs'>,
  interruptions: Interruptions,
): InstanceAction[] => migrationTypes.filter((type) => interruptions[type] <= maxInterruptionMs);
