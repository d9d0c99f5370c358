import type { EventBus } from '../bus/index.js';
import type { Clock } from '../domain/clock.js';
import type { Logger } from '../log/index.js';
import type { RunInfo, Token } from '../plugin-api/tokens.js';
import type { Health, RoleName, Roles } from '../roles/index.js';
import type { Configuration } from './configuration.js';

/** A Doctor: its configuration, its roles and their life. */
export interface Doctor {
  readonly config: Configuration;
  readonly run: RunInfo;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventBus;
  /** The roles in the order of their start. */
  readonly roles: readonly RoleName[];
  /** Type of the plugin in each role. */
  readonly plugins: Readonly<Partial<Record<RoleName, string>>>;
  /** Whether the role runs here. */
  has(role: RoleName): boolean;
  /** @throws DoctorError NOT_FOUND when the role does not run here */
  role<Name extends RoleName>(name: Name): Roles[Name];
  /** What stands under a token. @throws DoctorError NOT_FOUND */
  get<T>(token: Token<T>): T;
  /**
   * Starts the roles in the order of their dependencies, each within `host.start_timeout`.
   * When one fails all are stopped again. @throws DoctorError
   */
  start(signal?: AbortSignal): Promise<void>;
  /** Stops in reverse, each within `host.stop_timeout`; idempotent. @throws DoctorError with all that could not be taken back */
  stop(): Promise<void>;
  /** Each role's own word; a role that throws or does not answer is down. */
  health(): Promise<Record<string, Health>>;
}
