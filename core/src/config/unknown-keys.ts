import type { DoctorError } from '../errors/index.js';
import { ROLE_NAMES } from '../roles/index.js';
import type { Option } from './options.js';
import { found, problem, suggestion } from './problem.js';
import type { Sources } from './sources.js';
import type { ConfigTree } from './yaml-file.js';

/** More allowed keys than this are not listed in a message. */
const LISTED = 20;

/** Options and groups by their place: what may stand where. */
interface Place {
  children: Map<string, Place>;
  option?: Option;
}

function places(options: readonly Option[]): Place {
  const root: Place = { children: new Map() };
  for (const option of options) {
    let place = root;
    for (const key of option.path) {
      let next = place.children.get(key);
      if (!next) place.children.set(key, (next = { children: new Map() }));
      place = next;
    }
    place.option = option;
  }
  return root;
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const allowedKeys = (keys: readonly string[]) =>
  keys.length > LISTED ? '' : `; allowed: ${keys.toSorted().join(', ')}`;

function unknown(where: string, path: readonly string[], place: Place): DoctorError {
  const section = path.length === 1;
  // the sections of roles that do not run here are not loaded, but they exist
  const keys = [...new Set([...place.children.keys(), ...(section ? ROLE_NAMES : [])])];
  const text = `unknown ${section ? 'section' : 'key'}${suggestion(path.at(-1), keys)}${allowedKeys(keys)}`;
  return problem('CONFIG_UNKNOWN_KEY', where, path.join('.'), text);
}

function walk(
  tree: ConfigTree,
  values: Record<string, unknown>,
  place: Place,
  path: readonly string[],
  problems: DoctorError[],
): void {
  for (const [key, value] of Object.entries(values)) {
    const here = [...path, key];
    const child = place.children.get(key);
    if (!child) problems.push(unknown(tree.where(here), here, place));
    else if (child.option || value === null || value === undefined) continue;
    else if (isMapping(value)) walk(tree, value, child, here, problems);
    else
      problems.push(
        problem(
          'CONFIG_INVALID',
          tree.where(here),
          here.join('.'),
          `found ${found(value)}, must be a mapping of keys${sectionHint(here, child, value)}`,
        ),
      );
  }
}

const sectionHint = (path: readonly string[], place: Place, value: unknown) =>
  place.children.has('type') && typeof value === 'string'
    ? `, as in "${path.join('.')}: {type: ${value}}"`
    : '';

/**
 * Every key of the files and of the command line that no schema knows.
 * @param opaque sections whose schema could not be found: what is in them is not judged
 */
export function unknownKeys(
  sources: Sources,
  options: readonly Option[],
  opaque: ReadonlySet<string> = new Set(),
): DoctorError[] {
  const problems: DoctorError[] = [];
  const root = places(options);
  const judged = (path: readonly string[]) => !opaque.has(path[0] ?? '');
  for (const tree of sources.trees) {
    const values = Object.entries(tree.values).filter(([section]) => judged([section]));
    walk(tree, Object.fromEntries(values), root, [], problems);
  }
  for (const key of Object.keys(sources.overrides)) {
    const path = key.split('.');
    if (!judged(path)) continue;
    let place: Place | undefined = root;
    for (let depth = 0; depth < path.length && place; depth++) {
      const next: Place | undefined = place.children.get(path[depth] ?? '');
      if (!next) problems.push(unknown('command line', path.slice(0, depth + 1), place));
      else if (depth === path.length - 1 && !next.option)
        problems.push(
          problem(
            'CONFIG_UNKNOWN_KEY',
            'command line',
            key,
            `is a group of keys${allowedKeys([...next.children.keys()])}`,
          ),
        );
      place = next;
    }
  }
  return problems;
}
