import type { ProjectOwner } from '../domain/credentials.js';
import type { Role } from './role.js';

/** An application of one project that takes part in maintenance. */
export interface ManagedApplication {
  owner: ProjectOwner;
  /** Instances of an active-standby pair (a server group with anti-affinity); the first is active. */
  redundant: string[];
  /** The others: may be scaled in and out. */
  scalable: string[];
  /** The service address: points at the active instance. */
  floatingIpId?: string;
}

/** The VNFM's side of maintenance: subscribes to `maintenance.scheduled`, answers every state, scales, switches over. */
export interface AppManager extends Role {
  /** Where maintenance alarms are posted to. */
  readonly endpoint: URL;
  /** Subscribes for the application's project and manages it from now on. */
  manage(application: ManagedApplication): Promise<void>;
  /** The application as it is now (after scaling, recreation, switch-over). */
  application(projectId: string): ManagedApplication | undefined;
  /** Unsubscribes. */
  release(): Promise<void>;
}
