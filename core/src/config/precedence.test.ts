import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type ConfigurationInput, loadConfiguration } from '../host/index.js';
import { describeConfig } from './describe.js';
import { optionPlugins } from './sections.test.helper.js';

const load = (input: ConfigurationInput) =>
  loadConfiguration({
    env: {},
    plugins: optionPlugins,
    discover: false,
    roles: ['monitor', 'inspector'],
    ...input,
  });
const folder = () => mkdtempSync(join(tmpdir(), 'doctor-config-'));
const file = (text: string, inside = folder()) => {
  const path = join(inside, 'doctor.yaml');
  writeFileSync(path, text);
  return path;
};

test('command line over environment over file over default, each with its origin', async (t) => {
  const configFile = file('monitor: {interval: 1s}\ninspector: {port: 1, workers: 1, factor: 1}\n');
  const config = await load({
    configFile,
    env: { DOCTOR_INSPECTOR_PORT: '2', DOCTOR_INSPECTOR_WORKERS: '2' },
    overrides: { 'inspector.workers': '3' },
  });
  t.like(config.section('inspector'), { workers: 3, port: 2, factor: 1, neutron: false });
  const from = Object.fromEntries(describeConfig(config).map((row) => [row.key, row.from]));
  t.is(from['inspector.workers'], '--set inspector.workers');
  t.is(from['inspector.port'], 'environment DOCTOR_INSPECTOR_PORT');
  t.true(from['inspector.factor']?.endsWith('doctor.yaml'));
  t.is(from['inspector.neutron'], 'default');
});

test('an object in the program stands over the file and under the environment', async (t) => {
  const config = await load({
    configFile: file('inspector: {port: 1, workers: 1}'),
    config: { inspector: { port: 2, workers: 2 } },
    env: { DOCTOR_INSPECTOR_WORKERS: '3' },
  });
  t.like(config.section('inspector'), { port: 2, workers: 3 });
});

test('texts of the environment become what the format says', async (t) => {
  const env = {
    DOCTOR_MONITOR_INTERVAL: '1h 30min',
    DOCTOR_MONITOR_PLANES: 'a, b',
    DOCTOR_MONITOR_SHARE: '.25',
    DOCTOR_MONITOR_DAMPING_COUNT: '7',
    DOCTOR_INSPECTOR_NEUTRON: 'yes',
    DOCTOR_INSPECTOR_NAMES: '{"a": "b"}',
    DOCTOR_INSPECTOR_RULES: '[{"a": 1}]',
  };
  const config = await load({ env });
  t.like(config.section('monitor'), {
    interval: 5_400_000,
    planes: ['a', 'b'],
    share: 0.25,
    damping: { hold: 1000, count: 7 },
  });
  t.like(config.section('inspector'), { neutron: true, names: { a: 'b' }, rules: [{ a: 1 }] });
});

for (const [name, text] of Object.entries({
  DOCTOR_INSPECTOR_PORT: '80abc',
  DOCTOR_INSPECTOR_NEUTRON: 'maybe',
  VM_COUNT: '-1',
}))
  test(`a wrong ${name} is told with the name of the variable`, async (t) => {
    const error = await t.throwsAsync(load({ env: { [name]: text } }));
    t.true(error.message.startsWith(`environment variable ${name}: `), error.message);
    t.true(
      error.message.includes(`found ${text.startsWith('-') ? text : JSON.stringify(text)}`),
      error.message,
    );
  });

test('a wrong key or value of the command line is told', async (t) => {
  const error = await t.throwsAsync(
    load({
      overrides: { 'inspector.prot': '1', 'monitor.interval': 'x', 'monitor.damping': '1', bogus: '1' },
    }),
  );
  for (const part of [
    'command line: inspector.prot: unknown key; did you mean "port"?',
    'command line: monitor.interval: found "x"',
    'command line: monitor.damping: is a group of keys; allowed: count, hold',
    'command line: bogus: unknown section',
  ])
    t.true(error.message.includes(part), `${part} is missing in\n${error.message}`);
});

test('the classic variables select', async (t) => {
  const env = {
    MONITOR_TYPE: 'collectd',
    TEST_CASE: 'fault_management',
    VM_COUNT: '5',
    PROFILER_TYPE: 'none',
  };
  const config = await load({ env });
  t.is(config.section<{ type: string }>('monitor').type, 'collectd');
  t.like(config.section('test'), { case: 'fault_management', vm_count: 5 });
  t.like(config.section('profiler'), { type: 'none' });
});

test('an empty variable counts as not set', async (t) => {
  const config = await load({ env: { MONITOR_TYPE: '', DOCTOR_INSPECTOR_PORT: '' } });
  t.is(config.section<{ type: string }>('monitor').type, 'sample');
});

test('an empty file and empty sections are the defaults', async (t) => {
  const empty = await load({ configFile: file('') });
  const blank = await load({ configFile: file('monitor:\ninspector:\n  port:\n') });
  t.deepEqual(empty.values, blank.values);
  t.is(empty.section<{ interval: number }>('monitor').interval, 100);
});

test('relative paths start at the folder of the file, on the command line at the working folder', async (t) => {
  const inside = folder();
  const configFile = file('inspector: {state_folder: state}', inside);
  const inFile = await load({ configFile });
  t.is(inFile.section<{ state_folder: string }>('inspector').state_folder, join(inside, 'state'));
  const given = await load({ configFile, overrides: { 'inspector.state_folder': 'state' } });
  t.is(given.section<{ state_folder: string }>('inspector').state_folder, join(process.cwd(), 'state'));
});

test('the configuration is frozen to its depth', async (t) => {
  const config = await load({});
  const monitor = config.section<{ planes: string[]; damping: { count: number } }>('monitor');
  t.throws(() => monitor.planes.push('x'), { instanceOf: TypeError });
  t.throws(() => Object.assign(monitor.damping, { count: 0 }), { instanceOf: TypeError });
});

test('sections of roles that do not run are judged too', async (t) => {
  const error = await t.throwsAsync(
    load({ roles: ['inspector'], configFile: file('monitor: {intervall: 1s}') }),
  );
  t.regex(error.message, /monitor\.intervall: unknown key; did you mean "interval"/);
});

test('options in a file are for the type that the file selects, not for one selected over it', async (t) => {
  const configFile = file('monitor: {type: sample, interval: 1s, planes: [a]}\n');
  const other = await load({ configFile, env: { MONITOR_TYPE: 'collectd' } });
  t.deepEqual(other.section<object>('monitor'), { type: 'collectd', body: 1024 });
  const object = await load({ configFile, config: { monitor: { type: 'collectd', body: '2 kB' } } });
  t.like(object.section<object>('monitor'), { type: 'collectd', body: 2000 });
  const same = await load({ configFile, env: { MONITOR_TYPE: 'sample' } });
  t.like(same.section<object>('monitor'), { interval: 1000, planes: ['a'] });
});
