import test from 'ava';
import { pythonJson, pythonRepr } from './python.js';

test('values as Python writes them', (t) => {
  t.is(
    pythonRepr({ a: [1, 'x', null, true], b: { c: 1.5 } }),
    "{'a': [1, 'x', None, True], 'b': {'c': 1.5}}",
  );
  t.is(pythonRepr("it's"), `"it's"`);
  t.is(pythonRepr(`it's "so"\n`), `'it\\'s "so"\\n'`);
});

for (const [text, message] of [
  ['', 'Expecting value: line 1 column 1 (char 0)'],
  ['nope', 'Expecting value: line 1 column 1 (char 0)'],
  ['{', 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'],
  ['{not json', 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'],
  ['{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"],
  ['[1\n2]', "Expecting ',' delimiter: line 2 column 1 (char 3)"],
  ['[1] x', 'Extra data: line 1 column 5 (char 4)'],
  ['["a', 'Unterminated string starting at: line 1 column 2 (char 1)'],
] as const)
  test(`no JSON: ${JSON.stringify(text)}`, (t) => {
    t.is(t.throws(() => pythonJson(text))?.message, message);
  });

test('JSON', (t) => t.deepEqual(pythonJson(' {"a": [1, "b"]} '), { a: [1, 'b'] }));
