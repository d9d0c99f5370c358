import type { ProjectOwner } from '../../domain/credentials.js';
import type { Host } from '../../domain/host.js';
import type { Instance } from '../../domain/instance.js';
import type { FloatingIp, NetworkCut } from '../../roles/index.js';
import type { PreparedState } from '../common/index.js';
import type { StepContext } from '../engine/types.js';
import type { Verdict } from './checker/index.js';
import type { Recorder } from './recorder.js';

/** How a variant of the scenario differs from the plain one. */
export interface MaintenanceVariant {
  /** How the session has to end; a pattern its reason must match. */
  outcome: 'MAINTENANCE_DONE' | 'MAINTENANCE_FAILED';
  reason?: RegExp;
  /** Instances that fill a host of the smallest size. */
  slotsPerHost: number;
  /** Instances of a second project, which does not subscribe. */
  strangers: number;
  /** A host dies when the first one has been maintained. */
  hostDies: boolean;
}

/** What the steps of the maintenance scenario share. */
export interface MaintenanceState extends PreparedState {
  variant: MaintenanceVariant;
  /** The hosts that are maintained, as they were before. */
  hosts: Host[];
  /** Instances that fill them. */
  capacity: number;
  serverGroupId?: string;
  /** The application's instances before the session, as the administrator sees them; the redundant ones first. */
  instances: Instance[];
  stranger?: ProjectOwner;
  strangerNetwork?: { networkId: string; subnetId?: string };
  externalNetworkId?: string;
  routerId?: string;
  routerAttached?: boolean;
  floatingIp?: FloatingIp;
  managed?: boolean;
  recorder?: Recorder;
  sessionId?: string;
  /** Monotonic ms of the session's begin. */
  sessionStartedAt?: number;
  sessionMs?: number;
  ended?: { state: string; reason?: string };
  watched: string[];
  cut?: NetworkCut;
  verdict?: Verdict;
}

export type MaintenanceContext = StepContext<MaintenanceState>;
