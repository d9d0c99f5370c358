import test from 'ava';
import { pythonRepr } from './python-repr.js';

const cases: [unknown, string][] = [
  [[], '[]'],
  [['MIGRATE', 'OWN_ACTION'], "['MIGRATE', 'OWN_ACTION']"],
  [{ a: null, b: true, c: false, d: 1.5 }, "{'a': None, 'b': True, 'c': False, 'd': 1.5}"],
  ["it's", `"it's"`],
  [`it's "x"`, `'it\\'s "x"'`],
  ['a\nb\\c\x01', "'a\\nb\\\\c\\x01'"],
  [{ 'k e': ['x', { y: [] }] }, "{'k e': ['x', {'y': []}]}"],
];
for (const [value, expected] of cases) test(`repr ${expected}`, (t) => t.is(pythonRepr(value), expected));
