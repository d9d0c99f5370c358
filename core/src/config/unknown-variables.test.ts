import test from 'ava';
import { flattenSchema } from './options.js';
import { unknownVariables } from './unknown-variables.js';

const options = flattenSchema(
  {
    interval: { doc: 'time', format: 'duration', default: 1 },
    token: { doc: 'secret', format: String, default: '', sensitive: true },
  },
  ['monitor'],
);

test('a mistyped variable is told with the nearest one, a right one is not', (t) => {
  const env = {
    DOCTOR_MONITOR_INTERVALL: '5ms',
    DOCTOR_MONITOR_INTERVAL: '5ms',
    DOCTOR_MONITOR_TOKEN_FILE: '/x',
    DOCTOR_CONFIG: 'x.yaml',
    DOCTOR_EMPTY: '',
    OTHER_MONITOR: '1',
  };
  t.deepEqual(unknownVariables(env, options), [
    'environment variable DOCTOR_MONITOR_INTERVALL is ignored: no option has it; did you mean "DOCTOR_MONITOR_INTERVAL"?',
  ]);
});

test('what belongs to a role that is not loaded is not judged', (t) => {
  const env = { DOCTOR_INSPECTOR_ANYTHING: '1', DOCTOR_NOBODY: '1' };
  t.deepEqual(unknownVariables(env, options), [
    'environment variable DOCTOR_NOBODY is ignored: no option has it',
  ]);
});
