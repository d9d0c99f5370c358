import test from 'ava';
import { combineErrors, problemsOf } from './aggregate.js';
import { ERROR_CODES } from './codes.js';
import { DoctorError } from './doctor-error.js';

const one = new DoctorError('CONFIG_INVALID', 'a: found 1, must be a text');
const two = new DoctorError('PLUGIN_LOAD', 'plugin b: threw');

test('several failures are one error with a line each, and come apart again', (t) => {
  const both = combineErrors([one, two]);
  t.is(both.code, 'CONFIG_INVALID');
  t.is(both.message, `${one.message}\n${two.message}`);
  t.deepEqual(problemsOf(both), [one, two]);
  t.deepEqual(problemsOf(combineErrors([both, two])), [one, two]);
});

test('a failure that is told twice is told once', (t) => {
  const again = combineErrors([one, new DoctorError(one.code, one.message)]);
  t.is(again.message, one.message);
  t.is(problemsOf(again).length, 1);
});

test('whatever was thrown is a problem', (t) => {
  t.deepEqual(
    problemsOf('gone').map(({ code, message }) => [code, message]),
    [['INTERNAL', 'gone']],
  );
  t.is(problemsOf(new Error('no'))[0]?.message, 'no');
});

test('a DoctorError of another copy of this package is one', (t) => {
  const foreign = Object.assign(new Error('x'), { name: 'DoctorError', code: 'TIMEOUT' });
  t.true(DoctorError.is(foreign));
  t.false(DoctorError.is(new Error('x')));
});

test('every code says what it means', (t) => {
  for (const [code, { doc, kind }] of Object.entries(ERROR_CODES)) {
    t.regex(code, /^[A-Z]+(_[A-Z]+)*$/);
    t.true(doc.endsWith('.') && doc.length > 10, code);
    t.is(new DoctorError(code as 'INTERNAL', 'x').kind, kind);
  }
});
