import type { EventBus } from '../bus/index.js';
import type { Clock } from '../domain/clock.js';
import type { FaultEvent } from '../domain/fault.js';
import type { HttpKit } from '../http/types.js';
import type { Logger } from '../log/index.js';
import type { RoleName, Roles } from '../roles/index.js';
import type { Store } from '../store/types.js';

declare const provided: unique symbol;

/** Key of something the host provides; the phantom type says what it is. `Symbol.for`, so that a second copy of this package fits. */
export type Token<T> = symbol & { readonly [provided]?: T };

const token = <T>(name: string): Token<T> => Symbol.for(`doctor:${name}`) as Token<T>;

const OPTIONAL = 'doctor:optional:';

/**
 * A dependency that may be absent: a role that no one else asked for is `undefined` then, and not started for it.
 * `deps: { notifier: optional(core.notifier) }`
 */
export const optional = <T>(wanted: Token<T>): Token<T | undefined> =>
  Symbol.for(`${OPTIONAL}${Symbol.keyFor(wanted)}`) as Token<T | undefined>;

/** The token behind an `optional` one; undefined when it is not optional. */
export function optionalOf(wanted: symbol): symbol | undefined {
  const key = Symbol.keyFor(wanted);
  return key?.startsWith(OPTIONAL) ? Symbol.for(key.slice(OPTIONAL.length)) : undefined;
}

/** How a Monitor hands its events to the Inspector, wherever that runs. */
export interface FaultReporter {
  /** Retries until the inspector took the event, it is superseded, or `signal` is aborted. */
  report(event: FaultEvent, signal?: AbortSignal): Promise<void>;
}

/** Facts about this process and run. */
export interface RunInfo {
  runId: string;
  /** Seed of all randomness. */
  seed: number;
  /** Folder of the configuration file: relative paths start there. */
  configFolder: string;
}

/** Tokens of what the host provides. Roles are under their configuration section's name, in camel case. */
export const core = {
  clock: token<Clock>('clock'),
  log: token<Logger>('log'),
  events: token<EventBus>('events'),
  http: token<HttpKit>('http'),
  store: token<Store>('store'),
  run: token<RunInfo>('run'),
  faultReporter: token<FaultReporter>('fault-reporter'),
  installer: token<Roles['installer']>('role:installer'),
  messageBus: token<Roles['message_bus']>('role:message_bus'),
  cloudSession: token<Roles['cloud']>('role:cloud'),
  controller: token<Roles['controller']>('role:controller'),
  notifier: token<Roles['notifier']>('role:notifier'),
  inspector: token<Roles['inspector']>('role:inspector'),
  monitor: token<Roles['monitor']>('role:monitor'),
  consumer: token<Roles['consumer']>('role:consumer'),
  appManager: token<Roles['app_manager']>('role:app_manager'),
  adminTool: token<Roles['admin_tool']>('role:admin_tool'),
} as const;

/** The token of a role, by its name. */
export const roleToken = <Name extends RoleName>(role: Name): Token<Roles[Name]> =>
  token<Roles[Name]>(`role:${role}`);
