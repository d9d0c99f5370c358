import { execFile } from 'node:child_process';

/** How long one command may take. */
const LIMIT_MS = 10_000;

/** Runs `ip` (iproute2) and gives its output; rejects with what it said. */
export function ip(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ip', args, { timeout: LIMIT_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`ip ${args.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }));
    });
  });
}

/** Whether this process may make network namespaces, as far as that can be told beforehand. */
export const mayUseNamespaces = (): boolean => process.platform === 'linux' && process.geteuid?.() === 0;

/** Throws when this process cannot make network namespaces, and says what to do instead. */
export function requireNamespaces(): void {
  if (mayUseNamespaces()) return;
  throw new Error(
    'network namespaces need Linux, root and the command `ip`; set installer.network to loopback',
  );
}
