import { randomBytes } from 'node:crypto';
import { systemClock } from '../clock/system-clock.js';
import type { Clock } from '../domain/clock.js';
import { combineErrors, DoctorError } from '../errors/index.js';
import { createLogger, type Logger } from '../log/index.js';
import { optionalOf, type RunInfo, roleToken } from '../plugin-api/tokens.js';
import type { Role, RoleName } from '../roles/index.js';
import { type Configuration, type ConfigurationInput, loadConfiguration } from './configuration.js';
import type { Doctor } from './doctor.js';
import { healthOf } from './health.js';
import { type LiveRole, startRoles, stopRoles, withStopProblems } from './life-cycle.js';
import { oneLine } from './load-plugin.js';
import type { Selection } from './select.js';
import { type HostServices, provideHostServices } from './services.js';

export interface CreateDoctorOptions extends ConfigurationInput {
  clock?: Clock;
  /** Default: as section `log` says. */
  log?: Logger;
  /** Default: made of the time and a random part. */
  runId?: string;
}

/**
 * Reads the configuration, loads the plugins it selects and creates their roles. Nothing is started yet.
 * @throws DoctorError with all failures at once (`problemsOf`); nothing is left behind then
 */
export async function createDoctor(options: CreateDoctorOptions = {}): Promise<Doctor> {
  const config = await loadConfiguration(options);
  const clock = options.clock ?? systemClock;
  const log = options.log ?? createLogger(logOptions(config));
  const run: RunInfo = {
    runId: options.runId ?? newRunId(clock),
    seed: config.section<{ seed?: number }>('test').seed ?? 1,
    configFolder: config.folder,
  };
  const host = await provideHostServices({ config, clock, log, run });
  const live = await createRoles(config, host, log);
  return assemble({ config, clock, log, run, host, live });
}

function logOptions(config: Configuration) {
  const { level, file } = config.section<{ level: string; file: string }>('log');
  return { level, ...(file === '' ? {} : { file }) };
}

/** `20261123T183000-3f2a`: sorts by time. */
export const newRunId = (clock: Clock): string =>
  `${new Date(clock.now()).toISOString().replace(/[-:]|\.\d+Z/g, '')}-${randomBytes(2).toString('hex')}`;

/** Creates the roles in the order of their dependencies; what depends on a failed one is not tried. */
async function createRoles(config: Configuration, host: HostServices, log: Logger): Promise<LiveRole[]> {
  const live: LiveRole[] = [];
  const problems: DoctorError[] = [];
  const failed = new Set<RoleName>();
  for (const name of config.order) {
    const selection = config.selections.get(name);
    if (!selection) continue;
    if (selection.needs.roles.some((needed) => failed.has(needed))) failed.add(name);
    else
      try {
        live.push(createRole(selection, config, host, log));
      } catch (error) {
        failed.add(name);
        problems.push(createFailure(selection, error));
      }
  }
  if (problems.length === 0) return live;
  const left = await stopAndClose(live, config, host, log);
  throw combineErrors([...problems, ...left]);
}

function createRole(
  { role: name, provider }: Selection,
  config: Configuration,
  host: HostServices,
  log: Logger,
): LiveRole {
  const deferred: LiveRole['deferred'] = [];
  const deps: Record<string, unknown> = {};
  for (const [key, token] of Object.entries((provider.deps ?? {}) as Record<string, symbol>))
    deps[key] = host.services.get(optionalOf(token) ?? token);
  const context = Object.freeze({
    config: config.section(name),
    role: name,
    type: provider.type,
    log: log.child({ role: name, type: provider.type }),
    defer: (cleanUp: () => void | Promise<void>) => void deferred.push(cleanUp),
  });
  let role: unknown;
  try {
    role = provider.create(context, deps);
    checkRole(role);
  } catch (error) {
    // what it registered before it failed has to be taken back
    host.closers.push(...deferred.map((close) => ({ name: `${name} ${provider.type}`, close })));
    throw error;
  }
  host.services.provide(roleToken(name), role);
  return { name, type: provider.type, role, deferred };
}

function checkRole(role: unknown): asserts role is Role {
  const methods = ['start', 'stop', 'health'] as const;
  const missing = methods.filter((method) => typeof (role as Role | undefined)?.[method] !== 'function');
  if (missing.length > 0) throw new TypeError(`what create returned has no ${missing.join('(), no ')}()`);
}

function createFailure({ role, pack, provider }: Selection, error: unknown): DoctorError {
  const text = `plugin ${pack.name}: ${role} ${provider.type}: `;
  if (DoctorError.is(error))
    return new DoctorError(error.code, text + error.message, { cause: error, details: error.details });
  return new DoctorError('PLUGIN_CREATE', `${text}could not be created: ${oneLine(error)}`, { cause: error });
}

const timeouts = (config: Configuration) => {
  const { start_timeout, stop_timeout } = config.section<{ start_timeout: number; stop_timeout: number }>(
    'host',
  );
  return { startTimeoutMs: start_timeout, stopTimeoutMs: stop_timeout };
};

/** Stops what runs, then closes the host's own things. */
async function stopAndClose(
  started: LiveRole[],
  config: Configuration,
  host: HostServices,
  log: Logger,
): Promise<DoctorError[]> {
  const problems = await stopRoles(started, { log, ...timeouts(config) });
  for (let closer = host.closers.pop(); closer; closer = host.closers.pop())
    try {
      await closer.close();
    } catch (error) {
      problems.push(DoctorError.from(error, 'INTERNAL', `${closer.name} could not be closed`));
    }
  return problems;
}

interface Parts {
  config: Configuration;
  clock: Clock;
  log: Logger;
  run: RunInfo;
  host: HostServices;
  live: LiveRole[];
}

const missing = (what: string) => new DoctorError('NOT_FOUND', `${what} does not run in this process`);

function assemble({ config, clock, log, run, host, live }: Parts): Doctor {
  const started: LiveRole[] = [];
  const stopping = new AbortController();
  let stopped: Promise<void> | undefined;
  const find = <T>(token: symbol, what: string): T => {
    const value = host.services.get<T>(token);
    if (value === undefined) throw missing(what);
    return value;
  };
  const stopAll = async () => {
    stopping.abort(new DoctorError('ABORTED', 'Doctor stops'));
    // a role that was created but never started may hold clean-ups as well
    const idle = live.filter((role) => !started.includes(role) && role.deferred.length > 0);
    started.unshift(...idle);
    return stopAndClose(started, config, host, log);
  };
  const stop = async () => {
    const problems = await stopAll();
    if (problems.length > 0) throw combineErrors(problems);
  };
  return {
    config,
    run,
    clock,
    log,
    events: host.events,
    roles: live.map(({ name }) => name),
    plugins: Object.fromEntries(live.map(({ name, type }) => [name, type])),
    has: (role) => host.services.has(roleToken(role)),
    role: (name) => find(roleToken(name), `the ${name}`),
    get: (token) => find(token, Symbol.keyFor(token) ?? 'what was asked for'),
    async start(signal) {
      const ends = signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal;
      try {
        await startRoles(live, { log, ...timeouts(config) }, started, ends);
        await Promise.all(host.warmUps.map((warmUp) => warmUp()));
      } catch (error) {
        stopped ??= Promise.resolve();
        throw withStopProblems(error, await stopAll());
      }
    },
    stop: () => (stopped ??= stop()),
    health: () => healthOf(live),
  };
}
