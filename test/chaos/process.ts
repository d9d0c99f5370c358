import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

const MAIN = fileURLToPath(new URL('../../../core/dist/cli/main.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What a `doctor` process with `--json` says about one role. */
interface RunningRole {
  role: string;
  endpoint?: string;
}

/** A `doctor` process of its own, which has said that it runs. */
export interface DoctorProcess {
  child: ChildProcess;
  /** The JSON that it printed. */
  said: unknown;
  /** Where a role listens. */
  endpoint(role: string): string;
  /** What went to standard error until now. */
  errors(): string;
  /** Kills it with this signal and waits for its end. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts `doctor ARGS --json` and waits for what it prints. Killed at the end of the test. */
export async function startDoctor(
  t: ExecutionContext,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<DoctorProcess> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [MAIN, '--json', ...args], {
    cwd: ROOT,
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const line = await new Promise<string>((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const end = out.indexOf('\n');
      if (end >= 0) resolve(out.slice(0, end));
    });
    void ended.then(() => reject(new Error(`doctor ${args.join(' ')} ended:\n${errors}${out}`)));
  });
  const said = JSON.parse(line) as unknown;
  return {
    child,
    said,
    errors: () => errors,
    endpoint(role) {
      const found = (said as RunningRole[]).find((each) => each.role === role)?.endpoint;
      if (!found) throw new Error(`no endpoint of ${role} in ${line}`);
      return found;
    },
    async kill(signal) {
      child.kill(signal);
      await ended;
    },
  };
}
