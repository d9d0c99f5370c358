import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The example as somebody else has it: a package outside the workspaces that knows only @nfv-doctor/core. */
async function packageOutside(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-author-'));
  const pack = join(folder, 'knock-monitor');
  await cp(join(root, 'test/example/knock-monitor'), pack, { recursive: true });
  await mkdir(join(pack, 'node_modules/@nfv-doctor'), { recursive: true });
  await mkdir(join(pack, 'node_modules/@types'), { recursive: true });
  await symlink(join(root, 'core'), join(pack, 'node_modules/@nfv-doctor/core'));
  await symlink(join(root, 'node_modules/@types/node'), join(pack, 'node_modules/@types/node'));
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    types: ['node'],
    outDir: 'dist',
  };
  await writeFile(join(pack, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['index.ts'] }));
  await run(join(root, 'node_modules/.bin/tsc'), ['-p', pack]);
  return folder;
}

test("a monitor of one's own, in under 50 lines, is selected in a configuration file and detects a fault", async (t) => {
  const folder = await packageOutside();
  t.teardown(() => rm(folder, { recursive: true }));
  const lines = (await readFile(join(folder, 'knock-monitor/index.ts'), 'utf8')).trimEnd().split('\n').length;
  t.true(lines < 50, `${lines} lines`);

  const config = join(folder, 'doctor.yaml');
  await writeFile(config, 'plugins: [./knock-monitor]\nmonitor:\n  type: knock\n  interval: 100ms\n');
  const doctor = join(root, 'core/dist/cli/main.js');
  const reports = join(folder, 'reports');
  const { stdout } = await run(
    process.execPath,
    [doctor, 'test', 'fault_management', '--config', config, '--set', `report.folder=${reports}`],
    { cwd: root },
  ).catch((failed: { stdout: string; stderr: string }) => ({ stdout: failed.stdout + failed.stderr }));
  t.regex(stdout, /^passed/m);

  const result = JSON.parse(await readFile(join(reports, 'latest/result.json'), 'utf8')) as {
    scenarios: { plugins: { monitor: string }; detectionTimeMs: number }[];
  };
  t.is(result.scenarios[0]?.plugins.monitor, 'knock');
  t.true((result.scenarios[0]?.detectionTimeMs ?? 0) > 0);
});
