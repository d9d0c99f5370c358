import type { Atom, Value } from './ast.js';

const number = (value: Value) => Number(value);
const compare = (a: Value, b: Value) =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : a === b ? 0 : 1;

/** Tests: all arguments must be bound. */
const TESTS: Readonly<Record<string, (a: Value, b: Value) => boolean>> = {
  lt: (a, b) => compare(a, b) < 0,
  lteq: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  gteq: (a, b) => compare(a, b) >= 0,
  equal: (a, b) => a === b,
};

/** Functions: the last argument is the result. */
const FUNCTIONS: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  max: (a, b) => (compare(a, b) >= 0 ? a : b),
  plus: (a, b) => number(a) + number(b),
  minus: (a, b) => number(a) - number(b),
  mul: (a, b) => number(a) * number(b),
  concat: (a, b) => `${a}${b}`,
};

/** Whether a literal is one of the built-ins: `lt(x, y)` or `builtin:lt(x, y)`. */
export const isBuiltin = ({ theory, table, args }: Atom): boolean =>
  (theory === undefined || theory === 'builtin') &&
  ((table in TESTS && args.length === 2) || (table in FUNCTIONS && args.length === 3));

/** Whether the built-in holds, and for a function its result. `undefined` among the inputs: not bound. */
export function applyBuiltin(table: string, inputs: readonly (Value | undefined)[]): Value | boolean {
  const [a, b] = inputs;
  if (a === undefined || b === undefined) return false;
  const test = TESTS[table];
  return test ? test(a, b) : (FUNCTIONS[table]?.(a, b) ?? false);
}

export const isFunction = (table: string): boolean => table in FUNCTIONS;
