import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { type DoctorError, problemsOf } from '../errors/index.js';
import { loadConfiguration } from '../host/index.js';
import { optionPlugins } from './sections.test.helper.js';

const folder = fileURLToPath(new URL('../../src/config/testdata/bad/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

/** The first lines of each file say what it must be told: `# CODE :line: message`. */
const expected = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => /^# [A-Z_]+ /.test(line))
    .map((line) => line.slice(2));

function told(file: string, problems: readonly DoctorError[]): string[] {
  const name = relative(process.cwd(), file);
  return problems.map(({ code, message }) =>
    `${code} ${message}`
      .replace(`${code} ${name}:`, `${code} :`)
      .replace(join(dirname(file), 'not-there'), 'SECRET_FILE')
      .replace(join(dirname(file), 'no-such-plugin'), 'PLUGIN_FOLDER'),
  );
}

for (const name of files)
  test(`${basename(name, '.yaml')} is told, all of it, with its line`, async (t) => {
    const file = join(folder, name);
    const error = await t.throwsAsync(
      loadConfiguration({
        configFile: file,
        env: {},
        plugins: optionPlugins,
        discover: false,
        roles: ['monitor', 'inspector'],
      }),
    );
    const problems = problemsOf(error);
    t.deepEqual(told(file, problems).toSorted(), expected(file).toSorted());
    t.false(problems.some(({ message }) => message.includes('\n')));
  });

test('there is a broken file for every format', (t) => {
  t.true(files.length > 40);
});
