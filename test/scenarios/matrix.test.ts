import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = join(ROOT, 'core/dist/cli/main.js');

interface Matrix {
  verdict: string;
  rows: {
    types: Record<string, string>;
    verdict: string;
    reason: string | null;
    notificationTimeMs?: number;
    report?: string;
  }[];
}

async function matrix(folder: string, ...args: string[]): Promise<{ code: number; matrix: Matrix }> {
  const reports = join(folder, 'reports');
  const { code, stdout } = await run(
    process.execPath,
    [MAIN, 'matrix', '--json', '--folder', reports, ...args],
    { cwd: ROOT },
  ).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (failed: { code: number; stdout: string }) => failed,
  );
  return { code, matrix: JSON.parse(stdout) as Matrix };
}

const temporary = (t: { teardown(fn: () => void): void }) => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-matrix-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

test('one combination of three foreign backends runs with what their plugins say they need', async (t) => {
  const folder = temporary(t);
  const only = ['congress', 'collectd', 'aodh'].flatMap((word) => ['--only', word]);
  const { code, matrix: found } = await matrix(folder, 'config/embedded.yaml', ...only);
  t.is(code, 0, JSON.stringify(found.rows));
  t.is(found.rows.length, 1);
  const [row] = found.rows;
  t.like(row, { verdict: 'passed', types: { inspector: 'congress', monitor: 'collectd', notifier: 'aodh' } });
  t.true((row?.notificationTimeMs ?? 0) > 0);
  const latest = join(folder, 'reports/latest');
  t.regex(readFileSync(join(latest, row?.report ?? ''), 'utf8'), /Doctor report/);
  t.deepEqual(JSON.parse(readFileSync(join(latest, 'matrix.json'), 'utf8')), found as never);
  t.regex(readFileSync(join(latest, 'junit.xml'), 'utf8'), /tests="1" failures="0"/);
});

test('an installed plugin joins without being listed anywhere; a combination that fails fails the matrix', async (t) => {
  const folder = temporary(t);
  const plugin = join(folder, 'node_modules/doctor-plugin-other');
  mkdirSync(plugin, { recursive: true });
  writeFileSync(join(plugin, 'index.js'), "throw new Error('not today');\n");
  writeFileSync(
    join(plugin, 'package.json'),
    JSON.stringify({
      name: 'doctor-plugin-other',
      version: '1.0.0',
      type: 'module',
      keywords: ['nfv-doctor-plugin'],
      nfvDoctor: {
        apiVersion: '^1.0.0',
        provides: { monitor: ['lookout', 'broken'] },
        matrix: { 'monitor:lookout': { embedded: { skip: 'needs a hill' } } },
      },
      exports: './index.js',
    }),
  );
  const config = join(folder, 'doctor.yaml');
  writeFileSync(config, readFileSync(join(ROOT, 'config/embedded.yaml')));
  const lookout = await matrix(folder, config, '--only', 'lookout');
  t.is(lookout.code, 1, 'nothing was run');
  t.deepEqual(
    [...new Set(lookout.matrix.rows.map(({ reason }) => reason))],
    ['monitor lookout: needs a hill'],
  );
  const broken = await matrix(folder, config, '--only', 'broken', '--only', 'congress', '--only', 'aodh');
  t.is(broken.code, 1);
  t.is(broken.matrix.verdict, 'failed');
  t.regex(broken.matrix.rows[0]?.reason ?? '', /doctor-plugin-other.*not today/);
});
