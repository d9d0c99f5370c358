import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { problemsOf } from '../errors/index.js';
import { createDoctor } from './create-doctor.js';
import { silentLogger } from '../log/index.js';

/** A folder with a configuration and packages beside it. */
class Site {
  readonly folder = mkdtempSync(join(tmpdir(), 'doctor-site-'));
  readonly configFile = join(this.folder, 'doctor.yaml');

  install(name: string, module: string | undefined, json: object = {}, inside = 'node_modules'): this {
    const folder = join(this.folder, inside, name);
    mkdirSync(folder, { recursive: true });
    const metadata = { apiVersion: '^1.0.0', provides: { monitor: ['broken'] } };
    const full = {
      name,
      version: '1.2.3',
      type: 'module',
      keywords: ['nfv-doctor-plugin'],
      nfvDoctor: metadata,
      exports: './index.js',
    };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...full, ...json }));
    if (module !== undefined) writeFileSync(join(folder, 'index.js'), module);
    return this;
  }

  configure(text: string): this {
    writeFileSync(this.configFile, text);
    return this;
  }

  create = (roles: readonly ('monitor' | 'consumer')[] = ['monitor']) =>
    createDoctor({ configFile: this.configFile, env: {}, roles, log: silentLogger });
}

const MANIFEST = `manifest: {name: 'broken', version: '1.2.3', apiVersion: '^1.0.0'}`;
const ROLE = `{start: async () => {}, stop: async () => {}, health: () => ({status: 'up', detail: ''})}`;
const provider = (parts = '') =>
  `{role: 'monitor', type: 'broken', doc: 'x', create: () => (${ROLE}), ${parts}}`;
const plugin = (provides = provider(), manifest = MANIFEST) =>
  `export default {${manifest}, provides: [${provides}]};`;
const CONFIG = 'monitor: {type: broken}\n';
/** Only for what never comes: a loaded machine takes that long for anything. */
const IMPATIENT = `${CONFIG}host: {start_timeout: 300ms}\n`;

interface Case {
  module?: string;
  json?: object;
  code: string;
  message: RegExp;
  starts?: boolean;
}

const CASES: Record<string, Case> = {
  'throws while loading': {
    module: `throw new Error('no licence\\n  at x');`,
    code: 'PLUGIN_LOAD',
    message: /threw while it was loaded: no licence$/,
  },
  'throws something that is no error': {
    module: `throw 'gone';`,
    code: 'PLUGIN_LOAD',
    message: /loaded: gone$/,
  },
  'is no JavaScript': {
    module: 'export default {',
    code: 'PLUGIN_LOAD',
    message: /threw while it was loaded/,
  },
  'imports what is not there': {
    module: `import 'not-there-at-all';`,
    code: 'PLUGIN_LOAD',
    message: /not-there-at-all/,
  },
  'never finishes loading': {
    module: 'await new Promise(() => {}); export default 1;',
    code: 'PLUGIN_TIMEOUT',
    message: /did not load within 300 ms/,
  },
  'is not built': { code: 'PLUGIN_LOAD', message: /there is no .*index\.js; build the plugin/ },
  'has no default export': {
    module: 'export const x = 1;',
    code: 'PLUGIN_SHAPE',
    message: /has no default export/,
  },
  'has no manifest': {
    module: `export default {provides: [${provider()}]};`,
    code: 'PLUGIN_SHAPE',
    message: /manifest must have/,
  },
  'provides nothing': { module: plugin(''), code: 'PLUGIN_SHAPE', message: /at least one provider/ },
  'has an unknown role': {
    module: plugin(`{role: 'watcher', type: 'broken', doc: 'x', create() {}}`),
    code: 'PLUGIN_SHAPE',
    message: /provides\[0\] \(broken\): role must be one of .*; found watcher/,
  },
  'has no create': {
    module: plugin(`{role: 'monitor', type: 'broken', doc: 'x'}`),
    code: 'PLUGIN_SHAPE',
    message: /create must be a function/,
  },
  'has no doc': {
    module: plugin(`{role: 'monitor', type: 'broken', create() {}}`),
    code: 'PLUGIN_SHAPE',
    message: /doc must be/,
  },
  'has another type than it says': {
    module: plugin(`{role: 'monitor', type: 'other', doc: 'x', create() {}}`),
    code: 'PLUGIN_SHAPE',
    message: /says that it provides the monitor "broken", the module does not/,
  },
  'has a bad name': {
    module: plugin(provider(), `manifest: {name: 'Bröken!', version: '1', apiVersion: '^1.0.0'}`),
    code: 'PLUGIN_NAME',
    message: /manifest\.name "Bröken!"/,
  },
  'was built for the next major': {
    module: plugin(provider(), `manifest: {name: 'broken', version: '1', apiVersion: '^2.0.0'}`),
    code: 'PLUGIN_API_VERSION',
    message: /was built for plugin API \^2\.0\.0, this is 1\.0\.0/,
  },
  'was built for a later minor': {
    module: plugin(provider(), `manifest: {name: 'broken', version: '1', apiVersion: '^1.9.0'}`),
    code: 'PLUGIN_API_VERSION',
    message: /was built for plugin API \^1\.9\.0/,
  },
  'has no readable version': {
    module: plugin(provider(), `manifest: {name: 'broken', version: '1', apiVersion: 'newest'}`),
    code: 'PLUGIN_API_VERSION',
    message: /"newest" is no version/,
  },
  'asks for what there is not': {
    module: plugin(provider(`deps: {x: Symbol.for('doctor:teleporter')}`)),
    code: 'PLUGIN_DEPENDENCY',
    message: /deps\.x asks for "doctor:teleporter"/,
  },
  'asks for undefined': {
    module: plugin(provider('deps: {x: undefined}')),
    code: 'PLUGIN_DEPENDENCY',
    message: /deps\.x is no token/,
  },
  'has an option without format': {
    module: plugin(provider(`config: {a: {doc: 'x', default: 1}}`)),
    code: 'PLUGIN_CONFIG',
    message: /monitor broken: the schema of monitor\.a/,
  },
  'has an option of unknown format': {
    module: plugin(provider(`config: {a: {doc: 'x', format: 'colour', default: 1}}`)),
    code: 'PLUGIN_CONFIG',
    message: /unknown format \(colour\)/,
  },
  'has a default that does not fit': {
    module: plugin(provider(`config: {a: {doc: 'x', format: 'port', default: -1}}`)),
    code: 'PLUGIN_CONFIG',
    message: /default of monitor\.a does not fit/,
  },
  'has an option in camel case': {
    module: plugin(provider(`config: {aB: {doc: 'x', format: 'port', default: 1}}`)),
    code: 'PLUGIN_CONFIG',
    message: /aB is not snake_case/,
  },
  'takes the key type': {
    module: plugin(provider(`config: {type: {doc: 'x', format: String, default: ''}}`)),
    code: 'PLUGIN_CONFIG',
    message: /"type" is core's/,
  },
  'throws in create': {
    module: plugin(`{role: 'monitor', type: 'broken', doc: 'x', create() { throw new Error('no memory'); }}`),
    code: 'PLUGIN_CREATE',
    message: /could not be created: no memory/,
  },
  'creates no role': {
    module: plugin(`{role: 'monitor', type: 'broken', doc: 'x', create: () => ({start() {}})}`),
    code: 'PLUGIN_CREATE',
    message: /has no stop\(\), no health\(\)/,
  },
  'throws in start': {
    module: plugin(
      `{role: 'monitor', type: 'broken', doc: 'x', create: () => ({...${ROLE}, start: async () => { throw new Error('port gone'); }})}`,
    ),
    code: 'PLUGIN_START',
    message: /monitor broken: did not start: port gone/,
    starts: true,
  },
  'throws synchronously in start': {
    module: plugin(
      `{role: 'monitor', type: 'broken', doc: 'x', create: () => ({...${ROLE}, start() { throw null; }})}`,
    ),
    code: 'PLUGIN_START',
    message: /monitor broken: did not start: null/,
    starts: true,
  },
  'hangs in start': {
    module: plugin(
      `{role: 'monitor', type: 'broken', doc: 'x', create: () => ({...${ROLE}, start: () => new Promise(() => {})})}`,
    ),
    code: 'PLUGIN_TIMEOUT',
    message: /did not start within 300 ms/,
    starts: true,
  },
};

for (const [name, { module, json, code, message, starts }] of Object.entries(CASES))
  test(`a plugin that ${name}: one clear line`, async (t) => {
    const site = new Site()
      .install('doctor-plugin-broken', module, json)
      .configure(code === 'PLUGIN_TIMEOUT' ? IMPATIENT : CONFIG);
    const attempt = async () => {
      const doctor = await site.create();
      t.true(starts === true, 'was created');
      await doctor.start();
    };
    const error = await t.throwsAsync(attempt());
    const problems = problemsOf(error);
    t.is(problems.length, 1, error.message);
    t.is(problems[0]?.code, code as never);
    t.regex(error.message, message);
    t.false(error.message.includes('\n'), error.message);
    t.regex(error.message, /doctor-plugin-broken|monitor broken/);
  });

test('the code of a plugin for another API version is not even imported', async (t) => {
  const site = new Site().configure(CONFIG);
  const trace = join(site.folder, 'was-imported');
  site.install(
    'doctor-plugin-broken',
    `import {writeFileSync} from 'node:fs'; writeFileSync(${JSON.stringify(trace)}, ''); ${plugin()}`,
    {
      nfvDoctor: { apiVersion: '^7.0.0', provides: { monitor: ['broken'] } },
    },
  );
  const error = await t.throwsAsync(site.create());
  t.is(problemsOf(error)[0]?.code, 'PLUGIN_API_VERSION');
  t.false(existsSync(trace));
});

test('a plugin that is not selected costs nothing, however broken', async (t) => {
  const site = new Site()
    .install('doctor-plugin-broken', plugin())
    .install('doctor-plugin-worse', 'process.exit(7);', {
      nfvDoctor: { apiVersion: '^1.0.0', provides: { monitor: ['worse'] } },
    })
    .configure(CONFIG);
  const doctor = await site.create();
  await doctor.start();
  t.deepEqual(doctor.roles, ['monitor']);
  await doctor.stop();
});

test('a broken plugin of a role that does not run here stops nobody; its mistyped name does', async (t) => {
  const site = new Site()
    .install('doctor-plugin-broken', plugin())
    .install('doctor-plugin-worse', `throw new Error('broken');`, {
      nfvDoctor: { apiVersion: '^1.0.0', provides: { consumer: ['worse'] } },
    });
  await t.notThrowsAsync(site.configure(`${CONFIG}consumer: {type: worse, any: thing}`).create());
  const error = await t.throwsAsync(site.configure(`${CONFIG}consumer: {type: wrose}`).create());
  t.regex(error.message, /consumer\.type: found "wrose", must be one of .*; did you mean "worse"/);
});

test('two packages for one type: both are named; one that the configuration names wins', async (t) => {
  const site = new Site()
    .install('doctor-plugin-one', plugin())
    .install('doctor-plugin-two', plugin())
    .configure(CONFIG);
  const error = await t.throwsAsync(site.create());
  t.is(problemsOf(error)[0]?.code, 'PLUGIN_NAME');
  t.regex(error.message, /doctor-plugin-one and doctor-plugin-two/);
  const doctor = await site.configure(`${CONFIG}plugins: [doctor-plugin-two]\n`).create();
  t.is(doctor.config.selections.get('monitor')?.pack.name, 'doctor-plugin-two');
});

test('a plugin may be one file, or a folder outside node_modules', async (t) => {
  const site = new Site().configure(`${CONFIG}plugins: [./mine.mjs]\n`);
  writeFileSync(join(site.folder, 'mine.mjs'), plugin());
  await t.notThrowsAsync(site.create());
  const other = new Site()
    .install('mine', plugin(), {}, 'here')
    .configure(`${CONFIG}plugins: [./here/mine]\n`);
  await t.notThrowsAsync(other.create());
});

test('a named plugin that is not there, or whose package.json is broken, is told', async (t) => {
  const site = new Site()
    .install('bad', plugin(), {}, '.')
    .configure(`plugins: [./bad, nfv-nothing]\nmonitor: {type: broken}\n`);
  writeFileSync(join(site.folder, 'bad', 'package.json'), '{');
  const error = await t.throwsAsync(site.create());
  t.regex(error.message, /package\.json is no JSON/);
  t.regex(
    error.message,
    /plugins: nfv-nothing: no such package is installed; install it \(npm install nfv-nothing\)/,
  );
  t.regex(error.message, /monitor\.type: found "broken", must be one of/);
});

test('all failures are told at once', async (t) => {
  const site = new Site()
    .install('doctor-plugin-broken', `throw new Error('first');`)
    .install('doctor-plugin-second', 'export default 1;', {
      nfvDoctor: { apiVersion: '^1.0.0', provides: { consumer: ['second'] } },
    })
    .configure('monitor: {type: broken}\nconsumer: {type: second}\nlog: {level: loud}\nbogus: 1\n');
  const error = await t.throwsAsync(site.create(['monitor', 'consumer']));
  const codes = problemsOf(error).map(({ code }) => code);
  t.deepEqual(codes.toSorted(), ['CONFIG_INVALID', 'CONFIG_UNKNOWN_KEY', 'PLUGIN_LOAD', 'PLUGIN_SHAPE']);
});
