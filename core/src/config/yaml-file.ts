import { readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { combineErrors, DoctorError } from '../errors/index.js';
import { found } from './problem.js';

/** Configuration files are small; anything larger is something else. */
const MAX_BYTES = 1024 * 1024;

/** A configuration file, or an object that stands for one. */
export interface ConfigTree {
  /** As it is shown: relative to the working folder where that is shorter. */
  readonly name: string;
  /** Relative paths in it start here. */
  readonly folder: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Where a key stands: `config/embedded.yaml:12`. */
  where(path: readonly string[]): string;
}

/** Reads a YAML file. Throws DoctorError CONFIG_FILE, with one line per mistake and its line number. */
export function readConfigFile(file: string): ConfigTree {
  const path = resolve(file);
  const name = shown(path);
  return parseConfigText(readText(path, name), name, dirname(path));
}

/** Parses the text of a configuration file. */
export function parseConfigText(text: string, name: string, folder: string): ConfigTree {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const line = (offset: number) => `${name}:${lines.linePos(offset).line}`;
  const mistakes = [...document.errors, ...document.warnings].map(
    (mistake) =>
      new DoctorError('CONFIG_FILE', `${line(mistake.pos[0])}: ${plainWords(mistake.code, mistake.message)}`),
  );
  if (mistakes.length > 0) throw combineErrors(mistakes);
  const values = toValues(document, name);
  return { name, folder, values, where: (path) => locate(document, path, name, line) };
}

/** An object in the program, in the place of a file. */
export const configObject = (values: Readonly<Record<string, unknown>>, folder: string): ConfigTree => ({
  name: 'the given configuration',
  folder,
  values,
  where: () => '',
});

const shown = (path: string) => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
};

function readText(path: string, name: string): string {
  try {
    if (statSync(path).size > MAX_BYTES) throw new Error(`is larger than ${MAX_BYTES} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw new DoctorError('CONFIG_FILE', `${name}: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'is a folder, must be a YAML file';
  if (code === 'EACCES') return 'may not be read (permission denied)';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8 text';
  return `cannot be read: ${message}`;
}

const WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key stands here a second time',
  TAB_AS_INDENT: 'indented with a tab, must be indented with spaces',
  MULTIPLE_DOCS: 'a second YAML document begins here, must be one',
};
const plainWords = (code: string, message: string) =>
  WORDS[code] ?? `is no YAML: ${message.split('\n')[0]?.toLowerCase()}`;

function toValues(document: Document.Parsed, name: string): Record<string, unknown> {
  let values: unknown;
  try {
    values = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new DoctorError('CONFIG_FILE', `${name}: is no YAML: ${(error as Error).message}`);
  }
  if (values === null || values === undefined) return {};
  if (isMap(document.contents)) return values as Record<string, unknown>;
  throw new DoctorError('CONFIG_FILE', `${name}: found ${found(values)}, must be a mapping of sections`);
}

/** The line of the key (not of its value, which may begin further below). */
function locate(
  document: Document.Parsed,
  path: readonly string[],
  name: string,
  line: (offset: number) => string,
): string {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (!isMap(parent)) return name;
  const pair = parent.items.find(
    (item) => String(isScalar(item.key) ? item.key.value : item.key) === path.at(-1),
  );
  return pair && isNode(pair.key) && pair.key.range ? line(pair.key.range[0]) : name;
}
