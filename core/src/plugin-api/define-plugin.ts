import type { Logger } from '../log/index.js';
import type { RoleName, Roles } from '../roles/index.js';
import type { Token } from './tokens.js';

/**
 * One option of a configuration section: a convict schema leaf.
 * Formats: String, Number, Boolean, Array, Object, an array of allowed values, or a name of core's formats:
 * `duration` (ms from "100ms", "3 min"), `bytes`, `port`, `url`, `url_or_empty`, `ip`, `path`, `int`, `nat`, `ratio`, `strings`.
 */
export interface ConfigOption<T = unknown> {
  /** What it does, with its unit. */
  doc: string;
  format: unknown;
  default: T;
  /** Environment variable; default `DOCTOR_<SECTION>_<KEY>`. */
  env?: string;
  /** Secret: masked wherever it is shown; `<key>_file` names a file that holds it. */
  sensitive?: boolean;
}
export interface ConfigSchema {
  [key: string]: ConfigOption | ConfigSchema;
}
/** The values of a schema. */
export type ConfigValues<S extends ConfigSchema> = {
  readonly [K in keyof S]: S[K] extends ConfigOption<infer T>
    ? Widen<T>
    : S[K] extends ConfigSchema
      ? ConfigValues<S[K]>
      : never;
};
type Widen<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T;

export type Dependencies = Record<string, Token<unknown>>;
export type Resolved<D extends Dependencies> = { [K in keyof D]: D[K] extends Token<infer T> ? T : never };

/** What a role's factory gets beside its dependencies. */
export interface RoleContext<Config = unknown> {
  readonly config: Config;
  readonly role: RoleName;
  readonly type: string;
  /** Has `role` and `type` in every line. */
  readonly log: Logger;
  /** Registers a clean-up, run after the role's `stop`, last one first. */
  defer(cleanUp: () => void | Promise<void>): void;
}

/** One role implementation: `role` and `type` select it (`inspector: { type: congress }`). */
export interface Provider<
  Name extends RoleName = RoleName,
  S extends ConfigSchema = ConfigSchema,
  D extends Dependencies = Dependencies,
> {
  role: Name;
  type: string;
  /** One line for `doctor plugins list`. */
  doc: string;
  config?: S;
  deps?: D;
  /** Must not do I/O: that is for `start`. */
  create(ctx: RoleContext<ConfigValues<S>>, deps: Resolved<D>): Roles[Name];
}

export interface PluginManifest {
  /** e.g. `congress`. */
  name: string;
  version: string;
  /** Range of plugin API versions it was built for, e.g. `^1.0.0`. */
  apiVersion: string;
}

export interface Plugin {
  manifest: PluginManifest;
  // biome-ignore lint/suspicious/noExplicitAny: providers of different roles stand in one list
  provides: readonly Provider<any, any, any>[];
}

/** Marks a provider so that its config and dependencies are inferred. */
export function provide<Name extends RoleName, S extends ConfigSchema, D extends Dependencies>(
  provider: Provider<Name, S, D>,
): Provider<Name, S, D> {
  return provider;
}

/** What a plugin package exports as default. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
