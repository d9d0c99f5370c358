import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type ConfigurationInput, loadConfiguration } from '../host/index.js';
import { describeConfig, maskedValues } from './describe.js';
import { configReference } from './reference.js';
import { optionPlugins } from './sections.test.helper.js';

const SECRET = 'correct-horse-battery-staple';
const load = (input: ConfigurationInput) =>
  loadConfiguration({
    env: {},
    plugins: optionPlugins,
    discover: false,
    roles: ['monitor', 'inspector'],
    ...input,
  });
const secretFile = (text: string) => {
  const path = join(mkdtempSync(join(tmpdir(), 'doctor-secret-')), 'token');
  writeFileSync(path, text);
  return path;
};
const token = (config: Awaited<ReturnType<typeof load>>) =>
  config.section<{ token: string }>('inspector').token;

test('a secret reaches its plugin and nobody else', async (t) => {
  const config = await load({
    env: { INSPECTOR_TOKEN: SECRET },
    config: { inspector: { names: { password: SECRET, nested: [{ Token: SECRET }] } } },
  });
  t.is(token(config), SECRET);
  const reference = configReference([
    {
      name: 'inspector',
      doc: '',
      options: config.settings
        .map(({ option, value }) => ({ ...option, default: value }))
        .filter(({ sensitive }) => sensitive),
    },
  ]);
  for (const shown of [describeConfig(config), maskedValues(config), reference]) {
    const text = JSON.stringify(shown);
    t.false(text.includes(SECRET), text);
  }
  t.is(describeConfig(config).find(({ key }) => key === 'inspector.token')?.value, '***');
});

test('a wrong value next to a secret does not show the secret', async (t) => {
  const error = await t.throwsAsync(
    load({
      config: {
        inspector: { token: [SECRET], names: [SECRET] },
        monitor: { interval: { password: SECRET } },
      },
    }),
  );
  t.false(error.message.includes(SECRET), error.message);
  t.false(JSON.stringify(error).includes(SECRET));
});

test('a secret may stand in a file of its own', async (t) => {
  const config = await load({ config: { inspector: { token_file: secretFile(`${SECRET}\n`) } } });
  t.is(token(config), SECRET);
  t.false('token_file' in config.section<object>('inspector'));
  t.deepEqual(
    describeConfig(config)
      .filter(({ key }) => key.startsWith('inspector.token'))
      .map(({ key }) => key),
    ['inspector.token', 'inspector.token_file'],
  );
});

test('of a secret and a file the stronger source counts', async (t) => {
  const path = secretFile('from-file');
  const stronger = await load({
    config: { inspector: { token: 'weak' } },
    env: { DOCTOR_INSPECTOR_TOKEN_FILE: path },
  });
  t.is(token(stronger), 'from-file');
  const weaker = await load({
    config: { inspector: { token_file: path } },
    overrides: { 'inspector.token': 'strong' },
  });
  t.is(token(weaker), 'strong');
});
