import { combineErrors, DoctorError } from '../errors/index.js';
import type { Logger } from '../log/index.js';
import type { Role, RoleName } from '../roles/index.js';
import { oneLine } from './load-plugin.js';
import { withTimeout } from './with-timeout.js';

/** A role object with what has to be cleaned up after it. */
export interface LiveRole {
  readonly name: RoleName;
  readonly type: string;
  readonly role: Role;
  /** Clean-ups that the plugin registered, in order of registration. */
  readonly deferred: (() => void | Promise<void>)[];
}

export interface LifeCycleOptions {
  log: Logger;
  startTimeoutMs: number;
  stopTimeoutMs: number;
}

/**
 * Starts the roles one after the other. When one fails, it and those already started are stopped again, in reverse.
 * @throws DoctorError PLUGIN_START, PLUGIN_TIMEOUT or the role's own, with what could not be stopped
 */
export async function startRoles(
  roles: readonly LiveRole[],
  options: LifeCycleOptions,
  started: LiveRole[],
  signal: AbortSignal,
): Promise<void> {
  for (const live of roles) {
    signal.throwIfAborted();
    // a role that failed half-way is stopped too
    started.push(live);
    options.log.debug({ event: 'role.starting', role: live.name, type: live.type }, 'starting');
    await startRole(live, options, signal);
  }
}

async function startRole(live: LiveRole, options: LifeCycleOptions, signal: AbortSignal): Promise<void> {
  const { startTimeoutMs: limit } = options;
  const giveUp = new AbortController();
  const late = () =>
    new DoctorError(
      'PLUGIN_TIMEOUT',
      `${live.name} ${live.type}: did not start within ${limit} ms (host.start_timeout)`,
    );
  try {
    const run = Promise.resolve().then(() => live.role.start(AbortSignal.any([signal, giveUp.signal])));
    await withTimeout(run, limit, late, signal);
  } catch (error) {
    giveUp.abort(error);
    if (signal.aborted) throw signal.reason;
    throw asDoctorError(error, 'PLUGIN_START', live, 'did not start');
  }
}

/** Stops in reverse, each within its time; nothing keeps the others from being stopped. @returns what went wrong */
export async function stopRoles(started: LiveRole[], options: LifeCycleOptions): Promise<DoctorError[]> {
  const problems: DoctorError[] = [];
  for (let live = started.pop(); live; live = started.pop()) {
    const { role, name, type, deferred } = live;
    options.log.debug({ event: 'role.stopping', role: name, type }, 'stopping');
    const steps: ((signal: AbortSignal) => void | Promise<void>)[] = [(signal) => role.stop(signal)];
    for (const cleanUp of deferred.splice(0).toReversed()) steps.push(cleanUp);
    for (const step of steps) {
      const problem = await stopStep(live, step, options.stopTimeoutMs);
      if (problem) problems.push(problem);
    }
  }
  return problems;
}

async function stopStep(
  live: LiveRole,
  step: (signal: AbortSignal) => void | Promise<void>,
  limit: number,
): Promise<DoctorError | undefined> {
  const giveUp = new AbortController();
  const late = () =>
    new DoctorError(
      'PLUGIN_TIMEOUT',
      `${live.name} ${live.type}: did not stop within ${limit} ms (host.stop_timeout)`,
    );
  try {
    await withTimeout(
      Promise.resolve().then(() => step(giveUp.signal)),
      limit,
      late,
    );
    return undefined;
  } catch (error) {
    giveUp.abort(error);
    return asDoctorError(error, 'PLUGIN_STOP', live, 'did not stop cleanly');
  }
}

function asDoctorError(
  error: unknown,
  code: 'PLUGIN_START' | 'PLUGIN_STOP',
  live: LiveRole,
  what: string,
): DoctorError {
  const name = `${live.name} ${live.type}`;
  if (!DoctorError.is(error))
    return new DoctorError(code, `${name}: ${what}: ${oneLine(error)}`, { cause: error });
  if (error.message.startsWith(name)) return error;
  return new DoctorError(error.code, `${name}: ${error.message}`, {
    details: error.details,
    cause: error,
    retryable: error.retryable,
  });
}

/** `error` with what went wrong while cleaning up after it. */
export function withStopProblems(error: unknown, problems: readonly DoctorError[]): unknown {
  if (problems.length === 0) return error;
  return combineErrors([DoctorError.from(error), ...problems]);
}
