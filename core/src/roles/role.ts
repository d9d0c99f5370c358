/** Whether a part works, and what is wrong when it does not. */
export interface Health {
  status: 'up' | 'degraded' | 'down';
  /** One line for the operator; empty when up. */
  detail: string;
}

/** What every role object has. The host calls `start` in dependency order and `stop` in reverse, also after a failed start. */
export interface Role {
  /** Resolves when the role does its job. Throws DoctorError when it cannot; must give up when `signal` is aborted. */
  start(signal: AbortSignal): Promise<void>;
  /** Takes back all that `start` and later calls made, and says (throws) what it could not. Idempotent. */
  stop(signal: AbortSignal): Promise<void>;
  health(): Promise<Health> | Health;
}
