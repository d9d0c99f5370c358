import type { DoctorError, ErrorCode } from '../errors/index.js';
import { FormatError } from './formats.js';
import type { Option } from './options.js';
import { found, problem, suggestion } from './problem.js';
import type { ConfigTree } from './yaml-file.js';

/** Where a value came from. */
export type Provenance =
  | { kind: 'cli'; name: string }
  | { kind: 'env'; name: string }
  | { kind: 'file'; name: string; folder: string }
  | { kind: 'default' };

/** Where values come from: command line > environment > trees (the last one first) > default. */
export interface Sources {
  /** By key, e.g. `inspector.mode`; texts are converted. */
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file, and an object over it. */
  readonly trees: readonly ConfigTree[];
}

/** The value of an option and where it came from. */
export interface Setting {
  readonly option: Option;
  readonly value: unknown;
  readonly from: Provenance;
}

interface Raw {
  value: unknown;
  from: Provenance;
  where: string;
}

/** The value of `path` in a tree of objects; undefined when it is not there. */
export function valueAt(tree: unknown, path: readonly string[]): unknown {
  let node = tree;
  for (const key of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as Record<string, unknown>)[key];
  }
  return node;
}

const text = (option: Option, value: unknown) =>
  typeof value === 'string' && option.format.fromText ? option.format.fromText(value) : value;

function raw(option: Option, sources: Sources): Raw | undefined {
  if (Object.hasOwn(sources.overrides, option.key)) {
    const name = `--set ${option.key}`;
    return {
      value: text(option, sources.overrides[option.key]),
      from: { kind: 'cli', name },
      where: 'command line',
    };
  }
  const name = option.env.find((candidate) => (sources.env[candidate] ?? '') !== '');
  if (name !== undefined)
    return {
      value: text(option, sources.env[name]),
      from: { kind: 'env', name },
      where: `environment variable ${name}`,
    };
  for (const tree of sources.trees.toReversed()) {
    const value = valueAt(tree.values, option.path);
    if (value === undefined || value === null) continue;
    const from = { kind: 'file', name: tree.name, folder: tree.folder } as const;
    return { value, from, where: tree.where(option.path) };
  }
  return undefined;
}

/** Finds an option's value and checks it; a value that does not fit goes to `problems` and counts as the default. */
export function settle(
  option: Option,
  sources: Sources,
  problems: DoctorError[],
  code: ErrorCode = 'CONFIG_INVALID',
): Setting {
  const given = raw(option, sources);
  if (!given) return { option, value: option.default, from: { kind: 'default' } };
  try {
    return { option, value: option.format.parse(given.value), from: given.from };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { enum: allowed } = option.format.jsonSchema as { enum?: unknown[] };
    const near = allowed && !option.sensitive ? suggestion(given.value, allowed.map(String)) : '';
    problems.push(
      problem(
        code,
        given.where,
        option.key,
        `found ${found(given.value, option.sensitive)}, must be ${error.message}${near}`,
      ),
    );
    return { option, value: option.default, from: given.from };
  }
}
