import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const depcruise = join(root, 'node_modules/.bin/depcruise');
const rules = join(root, '.dependency-cruiser.json');

/** Names of the rules that the tree below `folder` breaks. */
async function violations(folder: string): Promise<string[]> {
  const args = ['--config', rules, '--output-type', 'json', 'core', 'plugins'];
  const { stdout } = await run(depcruise, args, { cwd: folder, maxBuffer: 64 << 20 }).catch(
    (failed: { stdout: string }) => failed,
  );
  const report = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return [...new Set(report.summary.violations.map((violation) => violation.rule.name))].toSorted();
}

/** Writes `file`, which imports `imported`. */
async function write(folder: string, file: string, imported?: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  const up = '../'.repeat(dirname(file).split('/').length);
  const lines = imported
    ? [`import * as x from '${up}${imported}';`, 'export const y = x;']
    : ['export const y = 1;'];
  await writeFile(join(folder, file), `${lines.join('\n')}\n`);
}

const breaches: [rule: string, from: string, to: string][] = [
  ['domain-imports-nothing-above', 'core/dist/domain/fault.js', 'core/dist/http/kit.js'],
  ['roles-import-domain-only', 'core/dist/roles/monitor.js', 'core/dist/store/store.js'],
  ['plugin-api-stays-below-the-host', 'core/dist/plugin-api/tokens.js', 'core/dist/host/doctor.js'],
  ['only-the-cli-imports-the-cli', 'core/dist/scenarios/engine.js', 'core/dist/cli/main.js'],
  ['services-stay-below-the-host', 'core/dist/http/kit.js', 'core/dist/host/doctor.js'],
  ['core-imports-no-plugin', 'core/dist/host/load.js', 'plugins/sample/dist/index.js'],
  ['plugins-import-no-other-plugin', 'plugins/sample/dist/client.js', 'plugins/other/dist/index.js'],
  ['plugins-use-the-plugin-api', 'plugins/sample/dist/index.js', 'core/dist/host/doctor.js'],
  [
    'plugin-tests-use-the-plugin-api-and-testing',
    'plugins/sample/dist/x.test.js',
    'core/dist/host/doctor.js',
  ],
  ['tsyringe-in-one-file', 'core/dist/host/doctor.js', 'node_modules/tsyringe/index.js'],
  ['no-cycles', 'core/dist/bus/a.js', 'core/dist/bus/b.js'],
];

test('the check catches a breach of every rule', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-layers-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const [, , to] of breaches) await write(folder, to);
  for (const [, from, to] of breaches)
    await write(folder, from.replace(/\.(test\.)?js$/, '-breach.$1js'), to);
  await write(folder, 'core/dist/bus/b.js', 'core/dist/bus/a-breach.js');
  t.deepEqual(await violations(folder), breaches.map(([rule]) => rule).toSorted());
});

test('every rule has a breach here', async (t) => {
  const { forbidden } = JSON.parse(await readFile(rules, 'utf8')) as { forbidden: { name: string }[] };
  t.deepEqual(breaches.map(([rule]) => rule).toSorted(), forbidden.map((rule) => rule.name).toSorted());
});

test('the tree keeps the rules', async (t) => {
  t.deepEqual(await violations(root), []);
});
