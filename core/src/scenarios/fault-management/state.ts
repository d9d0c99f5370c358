import type { Instance } from '../../domain/instance.js';
import { type FaultProfile, Profiler } from '../../profiler/index.js';
import type { NetworkCut } from '../../roles/index.js';
import type { PreparedState } from '../common/index.js';
import type { StepContext } from '../engine/types.js';

/** What the steps of the fault management scenario share. */
export interface FaultManagementState extends PreparedState {
  serverGroupId?: string;
  /** As the administrator sees them, before the fault. */
  instances: Instance[];
  /** The host that carries all of them and will fail. */
  hostname?: string;
  /** Hosts that the monitor was told to watch. */
  watched: string[];
  profiler?: Profiler;
  cut?: NetworkCut;
  /** Whether every owner was. */
  notified?: boolean;
}

export type FaultContext = StepContext<FaultManagementState>;

/** The fault's checkpoints so far. */
export function profileOf({ state }: Pick<FaultContext, 'state'>): FaultProfile | undefined {
  const { profiler, hostname, instances } = state;
  if (!profiler || hostname === undefined) return undefined;
  return profiler.profile(
    hostname,
    instances.map(({ id }) => id),
  );
}
