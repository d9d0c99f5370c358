import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, STATE_DIR } from './bed.js';

export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs the `doctor` command in the checkout, as somebody at a terminal would.
 * @param interruptAt text on stdout at which Ctrl-C is pressed
 */
export function doctor(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  interruptAt?: RegExp,
): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'core/dist/cli/main.js'), ...args], {
      cwd: ROOT,
      env: {
        ...withoutOptions(process.env),
        OS_CLIENT_CONFIG_FILE: join(STATE_DIR, 'clouds.yaml'),
        OS_CLOUD: 'doctor',
        STATE_DIR,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 180_000,
    });
    let stdout = '';
    let stderr = '';
    let interrupted = false;
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += String(chunk);
      if (interrupted || !interruptAt?.test(stdout)) return;
      interrupted = true;
      child.kill('SIGINT');
    });
    child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** What the tester has set for Doctor, or for another cloud, is not the test's. */
const withoutOptions = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(DOCTOR|OS)_/.test(name)));

/** Options that a checkout's configuration needs for this test bed. */
export const BED_OPTIONS = ['--set', `installer.hosts_file=${join(STATE_DIR, 'hosts.json')}`];
