import test from 'ava';
import { parse } from 'yaml';
import { doctor, site, start } from './cli.test.helper.js';

const WRONG: Record<string, { args: string[]; says: RegExp; env?: Record<string, string>; config?: string }> =
  {
    'an unknown command': { args: ['tset'], says: /unknown command 'tset'[^]*Did you mean test/ },
    'an unknown option': { args: ['config', 'show', '--jsn'], says: /unknown option '--jsn'/ },
    'no command': { args: [], says: /Usage: doctor/ },
    'a file that is not there': {
      args: ['config', 'show', '-c', 'nothing.yaml'],
      says: /^doctor: nothing\.yaml: there is no such file$/m,
    },
    'a folder for a file': { args: ['config', 'show', '-c', '.'], says: /is a folder, must be a YAML file/ },
    'a --set without value': {
      args: ['config', 'show', '--set', 'inspector'],
      says: /--set inspector: must be KEY=VALUE/,
    },
    'a --set of an unknown key': {
      args: ['run', 'inspector', '-s', 'inspector.passwort=x'],
      says: /command line: inspector\.passwort: unknown key; did you mean "password"/,
    },
    'a wrong log level': {
      args: ['run', 'inspector', '--log-level', 'loud'],
      says: /'loud' is invalid. Allowed choices are/,
    },
    'a wrong variable': {
      args: ['run', 'inspector'],
      env: { DOCTOR_INSPECTOR_HANG_STOP: 'perhaps' },
      says: /environment variable DOCTOR_INSPECTOR_HANG_STOP: .*found "perhaps", must be true or false/,
    },
    'an unknown type': {
      args: ['run', 'inspector'],
      env: { INSPECTOR_TYPE: 'fakr' },
      says: /environment variable INSPECTOR_TYPE: inspector\.type: found "fakr", must be one of .*; did you mean "fake"\?/,
    },
    'a broken file': {
      args: ['run', 'inspector'],
      config: 'inspector: {type: fake\n',
      says: /doctor\.yaml:\d+: is no YAML/,
    },
    'no role to run': { args: ['run'], says: /missing required argument 'role'/ },
    'an unknown role': {
      args: ['run', 'inspectr', 'monitr'],
      says: /there is no role "inspectr"; did you mean "inspector"[^]*there is no role "monitr"; did you mean "monitor"/,
    },
    'a role that does not start': {
      args: ['run', 'inspector', '--set', 'inspector.fail=port 80 is taken'],
      says: /^doctor: inspector fake: did not start: port 80 is taken$/m,
    },
    'an unknown config command': { args: ['config', 'shw'], says: /unknown command 'shw'/ },
    'an output that cannot be written': {
      args: ['config', 'schema', '-o', '/nothing/here.json'],
      says: /^doctor: \/nothing\/here\.json cannot be written \(ENOENT\)$/m,
    },
    'an unknown plugins command': { args: ['plugins', 'lst'], says: /unknown command 'lst'/ },
    'an installer without a cloud': {
      args: ['cloud', '--set', 'installer.type=bare'],
      says: /the installer "bare" has no cloud of its own/,
    },
    'an argument too many': { args: ['cloud', 'now'], says: /too many arguments/ },
    'an unknown scenario': {
      args: ['test', 'fault_managment'],
      says: /there is no scenario "fault_managment"/,
    },
    'an unknown TEST_CASE': {
      args: ['test'],
      env: { TEST_CASE: 'everything' },
      says: /TEST_CASE: test\.case: found "everything", must be one of/,
    },
  };

for (const [name, { args, says, env, config }] of Object.entries(WRONG))
  test(`${name}: told in plain lines, exit code 2`, async (t) => {
    const { code, err } = await doctor(site(config), args, env);
    t.is(code, 2, err);
    t.regex(err, says);
    t.notRegex(err, /\n\s+at |node:internal/, 'a stack trace');
  });

test('DOCTOR_DEBUG shows where an error came from', async (t) => {
  const { err } = await doctor(site(), ['run', 'inspector', '--set', 'inspector.fail=boom'], {
    DOCTOR_DEBUG: '1',
  });
  t.regex(err, /\n\s+at /);
});

test('run tells the endpoints, and SIGTERM ends it in order', async (t) => {
  const running = await start(site(), ['run', 'inspector']);
  await running.says(/inspector\s+fake\s+http:\/\/127\.0\.0\.1:4711\//);
  running.child.kill('SIGTERM');
  const { code, out } = await running.ended;
  t.is(code, 0);
  t.is(out, 'inspector    fake        http://127.0.0.1:4711/\n');
});

test('a flag per role selects its type, over the environment', async (t) => {
  const running = await start(site(''), ['run', 'inspector', '--inspector', 'fake'], {
    INSPECTOR_TYPE: 'nothing',
  });
  await running.says(/inspector +fake/);
  running.child.kill('SIGTERM');
  t.is((await running.ended).code, 0);
  const { code, err } = await doctor(site(), ['run', 'inspector', '--inspector', 'fakr']);
  t.is(code, 2);
  t.regex(err, /inspector\.type: found "fakr", .*did you mean "fake"/);
});

test('run --json --quiet says only what a program reads; Ctrl-C is 130', async (t) => {
  const running = await start(site(), ['run', 'inspector', '--json', '--quiet']);
  await running.says(/\n/);
  running.child.kill('SIGINT');
  const { code, out } = await running.ended;
  t.is(code, 130);
  t.deepEqual(JSON.parse(out), [{ role: 'inspector', type: 'fake', endpoint: 'http://127.0.0.1:4711/' }]);
});

test('a second signal ends at once what does not stop', async (t) => {
  const running = await start(site(), ['run', 'inspector', '--set', 'inspector.hang_stop=true']);
  await running.says(/running/);
  running.child.kill('SIGINT');
  await running.says(/stopping and cleaning up/);
  running.child.kill('SIGINT');
  t.is((await running.ended).code, 130);
});

test('what cannot be stopped in time is told', async (t) => {
  const running = await start(site(), [
    'run',
    'inspector',
    '--set',
    'inspector.hang_stop=true',
    '--set',
    'host.stop_timeout=50ms',
  ]);
  await running.says(/running/);
  running.child.kill('SIGTERM');
  const { code, err } = await running.ended;
  t.not(code, 0);
  t.regex(err, /doctor: inspector fake: did not stop within 50 ms/);
});

test('a promise that a plugin forgot takes nothing down', async (t) => {
  const running = await start(site(), ['run', 'inspector', '--set', 'inspector.reject_later=true']);
  await running.says(/doctor: unhandled: forgotten promise/);
  running.child.kill('SIGTERM');
  t.is((await running.ended).code, 0);
});

test('cloud prints what a shell and a clouds.yaml take', async (t) => {
  const running = await start(site('installer: {type: fake}\n'), ['cloud']);
  await running.says(/# hosts: 3/);
  running.child.kill('SIGTERM');
  const { code, out } = await running.ended;
  t.is(code, 0);
  t.true(out.includes(`export OS_PASSWORD='it'\\''s'`));
  t.true(out.includes('export OS_AUTH_URL=http://127.0.0.1:5000/v3'));
  const yaml = out.slice(out.indexOf('# clouds:'), out.indexOf('\n\n# hosts')).replaceAll(/^# /gm, '');
  t.like(parse(yaml), {
    clouds: {
      doctor: {
        auth: { username: 'admin', password: "it's", project_name: 'admin' },
        region_name: 'RegionOne',
      },
    },
  });
});

test('config show: origins, secrets masked, nothing selected besides', async (t) => {
  const folder = site('inspector: {type: fake, password: hunter2}\n');
  const args = ['config', 'show', 'inspector', 'monitor', '--set', 'monitor.type=fake'];
  const { out, err } = await doctor(folder, args, { DOCTOR_LOG_LEVEL: 'info' });
  t.false((out + err).includes('hunter2'));
  t.notRegex(out, /^notifier\./m);
  t.regex(out, /^inspector\.password +\*\*\* +doctor\.yaml$/m);
  t.regex(out, /^log\.level +info +environment DOCTOR_LOG_LEVEL$/m);
  t.regex(out, /^monitor\.type +fake +--set monitor\.type$/m);
});

test('plugins list and the schema have an installed plugin without any list being edited', async (t) => {
  const folder = site();
  const { out } = await doctor(folder, ['plugins', 'list', '--json']);
  const { plugins } = JSON.parse(out) as { plugins: { role: string; type: string; package: string }[] };
  t.true(plugins.some(({ role, type }) => role === 'inspector' && type === 'fake'));
  const schema = await doctor(folder, ['config', 'schema']);
  const { properties } = JSON.parse(schema.out) as {
    properties: Record<string, { properties: { type: { enum: string[] } } }>;
  };
  t.true(properties['inspector']?.properties.type.enum.includes('fake'));
  const reference = await doctor(folder, ['config', 'reference']);
  t.regex(reference.out, /### inspector: fake/);
});

test('help and version are no mistakes', async (t) => {
  const help = await doctor(site(), ['--help']);
  t.is(help.code, 0);
  t.regex(help.out, /Exit codes: 0 passed, 1 failed, 2 unusable input, 130 interrupted/);
  t.regex((await doctor(site(), ['--version'])).out, /^\d+\.\d+\.\d+\n$/);
});

test('config show of a monitor alone needs no inspector, and a mistyped variable is told', async (t) => {
  const folder = site('monitor: {type: fake}\n');
  const { code, out, err } = await doctor(folder, ['config', 'show', 'monitor'], {
    DOCTOR_MONITOR_PASWORD: 'x',
  });
  t.is(code, 0, err);
  t.regex(out, /monitor\.type +fake/);
  t.regex(
    err,
    /DOCTOR_MONITOR_PASWORD is ignored: no option has it; did you mean "DOCTOR_MONITOR_PASSWORD"\?/,
  );
});
