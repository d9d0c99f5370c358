import type { MaintenancePlan, MaintenanceRequest, MaintenanceSession } from '../domain/maintenance.js';
import type { Role } from './role.js';

/** Runs maintenance sessions (the sample's own workflow, or Fenix). */
export interface AdminTool extends Role {
  /** Base URL of the REST API, e.g. for `POST <endpoint>/maintenance`. */
  readonly endpoint?: URL | undefined;
  /** What was seen to be wrong with the deadlines in the tool's messages; undefined: they can be relied on. */
  readonly deadlineFault?: string | undefined;
  /** Throws DoctorError `MAINTENANCE_REFUSED` with all the reasons; nothing is touched then. */
  create(request: MaintenanceRequest): Promise<{ sessionId: string }>;
  session(sessionId: string): Promise<MaintenanceSession>;
  sessions(): Promise<MaintenanceSession[]>;
  /** Aborts a session that runs (hosts are put back) and forgets it. */
  remove(sessionId: string): Promise<void>;
  /** What a session would do; undefined when the tool cannot tell. */
  plan?(request: MaintenanceRequest): Promise<MaintenancePlan>;
}
