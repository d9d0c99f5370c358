import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { suggestion } from '../config/problem.js';
import { DoctorError } from '../errors/index.js';
import type { CreateDoctorOptions, Doctor } from '../host/index.js';
import { ROLE_NAMES, type RoleName } from '../roles/index.js';

/** The configuration that is used when none is named and it is there. */
export const DEFAULT_CONFIG = 'config/embedded.yaml';

/** Options that every command has. */
export interface GlobalOptions {
  /** YAML file; undefined: built-in defaults. */
  configFile: string | undefined;
  /** Of `--set` and of named flags, by key. */
  overrides: Record<string, unknown>;
  json: boolean;
  quiet: boolean;
  color: boolean;
}

/** What commands work with; they never touch `process` themselves. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Which signal that was. */
  interruptedBy(): NodeJS.Signals | undefined;
  /** What the user asked for, on standard output. */
  out(text: string): void;
  /** The same, as it is: without a line end. */
  write(text: string): void;
  /** Remarks, on standard error; nothing with `--quiet`. */
  note(text: string): void;
  /** Whether standard output is a terminal. */
  readonly terminal: boolean;
  /** Columns of the terminal; 80 where it is none. */
  readonly columns: number;
  globals(command: Command): GlobalOptions;
  /** Reads the configuration and creates the roles; imports the host only now. */
  createDoctor(command: Command, options?: Partial<CreateDoctorOptions>): Promise<Doctor>;
  /** Ends the command with this exit code when it returns. */
  exitCode(code: number): void;
}

interface RawOptions {
  config?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
  color?: boolean;
  logLevel?: string;
}

/** Flags of commands that start roles: `--monitor TYPE` and the like. */
export function selectionFlags(command: Command): Command {
  for (const role of ROLE_NAMES)
    command.option(`--${role.replaceAll('_', '-')} <type>`, `the same as --set ${role}.type=<type>`);
  return command;
}

const flagOf = (role: RoleName) => role.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** The global options as the command line and the environment give them. */
export function globalOptions(command: Command, env: CliContext['env']): GlobalOptions {
  const raw = command.optsWithGlobals<RawOptions>();
  const configFile =
    raw.config ?? env['DOCTOR_CONFIG'] ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
  const overrides: Record<string, unknown> = {};
  for (const pair of raw.set ?? []) {
    const [key, value] = splitPair(pair);
    overrides[key] = value;
  }
  for (const role of ROLE_NAMES) {
    const type = (raw as Record<string, unknown>)[flagOf(role)];
    if (typeof type === 'string') overrides[`${role}.type`] = type;
  }
  if (raw.logLevel !== undefined) overrides['log.level'] = raw.logLevel;
  return {
    configFile: configFile === '' ? undefined : configFile,
    overrides,
    json: raw.json === true,
    quiet: raw.quiet === true,
    color: raw.color !== false && (env['NO_COLOR'] ?? '') === '',
  };
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at > 0) return [pair.slice(0, at).trim(), pair.slice(at + 1)];
  throw new DoctorError(
    'INPUT_INVALID',
    `--set ${pair}: must be KEY=VALUE, as in --set inspector.type=sample`,
  );
}

/** What `createDoctor` takes from the command line. */
export function doctorOptions(command: Command, context: CliContext): CreateDoctorOptions {
  const { configFile, overrides } = context.globals(command);
  return { configFile, overrides, env: context.env };
}

/** The words of the command line as names of roles. */
export function roleNames(words: readonly string[]): RoleName[] {
  const wrong = words.filter((word) => !(ROLE_NAMES as readonly string[]).includes(word));
  if (wrong.length === 0) return [...new Set(words)] as RoleName[];
  const lines = wrong.map(
    (word) => `there is no role "${word}"${suggestion(word, ROLE_NAMES)}; roles: ${ROLE_NAMES.join(', ')}`,
  );
  throw new DoctorError('INPUT_INVALID', lines.join('\n'));
}
