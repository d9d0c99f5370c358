import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import test from 'ava';
import { parse } from 'yaml';
import { loadConfiguration } from '../host/index.js';
import { sectionOptions } from '../host/configuration.js';
import { configJsonSchema, type SectionSchema } from './json-schema.js';
import { configReference } from './reference.js';
import { flattenSchema } from './options.js';
import { CORE_SCHEMA } from './core-schema.js';
import { optionPlugins } from './sections.test.helper.js';

const folder = fileURLToPath(new URL('../../src/config/testdata/bad/', import.meta.url));

const role = (name: 'monitor' | 'inspector'): SectionSchema => {
  const providers = optionPlugins
    .flatMap(({ provides }) => provides)
    .filter((provider) => provider.role === name);
  const types = providers.map(({ type }) => type);
  return {
    name,
    doc: '',
    defaultType: 'sample',
    types: providers.map((provider) => ({
      type: provider.type,
      doc: provider.doc,
      package: 'options',
      options: sectionOptions(name, provider, types),
    })),
  };
};
const sections: SectionSchema[] = [
  ...Object.entries(CORE_SCHEMA).map(([name, schema]) => ({
    name,
    doc: '',
    options: flattenSchema(schema, [name]),
  })),
  role('monitor'),
  role('inspector'),
];
const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(
  configJsonSchema(sections),
);

// what an editor cannot know: files, units inside texts
const BEYOND = new Set([
  'duration-word',
  'duration-unit',
  'bytes',
  'url',
  'address',
  'missing-plugin',
  'secret-file-missing',
  'secret-twice',
]);

for (const name of readdirSync(folder).map((file) => file.replace('.yaml', ''))) {
  const text = readFileSync(`${folder}${name}.yaml`, 'utf8');
  if (text.startsWith('# CONFIG_FILE') || BEYOND.has(name) || name === 'prototype') continue;
  test(`an editor marks ${name}`, (t) => t.false(validate(parse(text))));
}

test('what Doctor accepts, an editor accepts', async (t) => {
  const config = {
    monitor: { type: 'collectd', body: '1 MiB' },
    inspector: { port: 1, rules: [{ a: 1 }], names: null },
    log: { level: 'info' },
  };
  await t.notThrowsAsync(
    loadConfiguration({ config, env: {}, plugins: optionPlugins, discover: false, roles: ['monitor'] }),
  );
  t.true(validate(config), JSON.stringify(validate.errors));
});

test('the reference has every option with its variables', (t) => {
  const page = configReference(sections);
  for (const { options = [], types = [] } of sections)
    for (const option of [...options, ...types.flatMap((type) => type.options)]) {
      if (option.holds !== undefined) continue;
      t.true(page.includes(`\`${option.key}\``), option.key);
      for (const name of option.env) t.true(page.includes(`\`${name}\``), name);
    }
});
