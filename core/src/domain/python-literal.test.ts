import test from 'ava';
import * as fc from 'fast-check';
import { DoctorError } from '../errors/index.js';
import { type PythonValue, parsePythonLiteral } from './python-literal.js';

for (const [text, value] of [
  ["['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION']", ['MIGRATE', 'LIVE_MIGRATE', 'OWN_ACTION']],
  ["[u'MIGRATE', u\"it's\"]", ['MIGRATE', "it's"]],
  [
    "{'openstack_version': 'Zed', 'n': None, 't': True, 'f': False}",
    { openstack_version: 'Zed', n: null, t: true, f: false },
  ],
  ["{u'a': {'b': [1, -2.5, 1e3, 7L]}, 3: ()}", { a: { b: [1, -2.5, 1000, 7] }, 3: [] }],
  ["('only',)", ['only']],
  ["('only')", 'only'],
  ['(1, 2)', [1, 2]],
  ['[]', []],
  [' { } ', {}],
  ['[1, 2, ]', [1, 2]],
  [String.raw`'a\\b\'c\"d\ne\tf\x41\u20ac\U0001f600\101\0'`, 'a\\b\'c"d\ne\tfA€😀A\0'],
  ["'ü €'", 'ü €'],
  ['None', null],
  ['-0.5', -0.5],
  ["{'__proto__': 1}", JSON.parse('{"__proto__": 1}')],
] as const)
  test(`reads ${text}`, (t) => {
    t.deepEqual(parsePythonLiteral(text), value);
  });

for (const [text, message] of [
  ["__import__('os').system('x')", /has "__import__\('os'\)\.sys" at 0 where a value is expected/],
  ['datetime.datetime(2030, 1, 1)', /where a value is expected/],
  ["['MIGRATE', 'LIVE_MI", /ends where the closing ' is expected: was it cut/],
  ["{'a': ", /ends where a value is expected/],
  ["{'a' 1}", /where ":" is expected/],
  ["['a' 'b']", /where "," or "\]" is expected/],
  ['[,]', /where a value is expected/],
  ["['a'] x", /where the end is expected/],
  ["b'bytes'", /where a value is expected/],
  [String.raw`'\N{DASH}'`, /escape that is not known/],
  [String.raw`'\x4'`, /2 hexadecimal digits/],
  ['{[1]: 2}', /key that is a list/],
  ['12345678901234567890', /too large/],
  ['1j', /end of a number/],
  ['nan', /where a value is expected/],
  ['', /ends where a value is expected/],
  ['['.repeat(100_000), /nested more than 100/],
] as const)
  test(`refuses ${text.slice(0, 40)}`, (t) => {
    const error = t.throws(() => parsePythonLiteral(text));
    t.true(DoctorError.is(error) && error.code === 'INPUT_INVALID');
    t.regex(error?.message ?? '', message);
  });

/** Python's repr. */
function repr(value: PythonValue, prefix: string): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return number(value);
  if (typeof value === 'string') return prefix + quoted(value);
  if (Array.isArray(value)) return `[${value.map((item) => repr(item, prefix)).join(', ')}]`;
  const entries = Object.entries(value).map(
    ([key, item]) => `${prefix}${quoted(key)}: ${repr(item, prefix)}`,
  );
  return `{${entries.join(', ')}}`;
}

/** A float shows that it is one. */
function number(value: number): string {
  const text = String(value);
  return Number.isSafeInteger(value) || /[.e]/.test(text) ? text : `${text}.0`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = [...text].map((character) => {
    if (character === '\\' || character === quote) return `\\${character}`;
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : character;
  });
  return quote + escaped.join('') + quote;
}

const values = fc.letrec<{ value: PythonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value')),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { noNullPrototype: true }),
  ),
})).value;

test('what Python writes is read back', (t) => {
  fc.assert(
    fc.property(values, fc.constantFrom('', 'u'), (value, prefix) => {
      t.deepEqual(parsePythonLiteral(repr(value, prefix)), value);
    }),
    { numRuns: 500 },
  );
});

test('any text is read or refused, never anything else', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'[]{}(),:\'"\\uUxNT0123.eL- \n'), maxLength: 60 }),
      (text) => {
        try {
          parsePythonLiteral(text);
        } catch (error) {
          t.true(DoctorError.is(error));
        }
      },
    ),
    { numRuns: 2_000 },
  );
  t.pass();
});
