import { spawn } from 'node:child_process';
import {
  type Clock,
  type DeployedHost,
  DoctorError,
  type Logger,
  type NetworkCut,
} from '@nfv-doctor/core/plugin-api';

/** Shell commands that cut and restore a host's network; they get DOCTOR_HOST, DOCTOR_ADDRESS and DOCTOR_DURATION_S. */
export interface CutCommands {
  cut: string;
  /** May be run when nothing is cut. */
  restore: string;
  /** ms that one of them may take. */
  timeoutMs: number;
}

interface Outcome {
  stdout: string;
  startedAt: number;
  endedAt: number;
}

/**
 * Cuts a host's network with a command of the operator's. Before it, a process of its own is started that restores
 * the network after the duration, so that it comes back even when Doctor dies.
 */
export async function cutByCommand(
  host: DeployedHost,
  durationMs: number,
  commands: CutCommands,
  { clock, log }: { clock: Clock; log: Logger },
  signal?: AbortSignal,
): Promise<NetworkCut> {
  const env = environment(host, durationMs);
  const watchdog = startWatchdog(commands.restore, durationMs, env);
  let restoring: Promise<void> | undefined;
  const restore = () => {
    restoring ??= run(commands.restore, env, commands.timeoutMs, clock).then(() => stopWatchdog(watchdog));
    // a failed one may be tried again
    restoring.catch(() => {
      restoring = undefined;
    });
    return restoring;
  };
  try {
    const outcome = await run(commands.cut, env, commands.timeoutMs, clock, signal);
    const { cutAt, toleranceMs } = momentOf(outcome, clock);
    log.info({ event: 'installer.network_cut', hostname: host.hostname, durationMs }, 'network cut');
    return { hostname: host.hostname, cutAt, toleranceMs, restore };
  } catch (error) {
    await restore().catch((failed: Error) =>
      log.error({ event: 'installer.restore_failed', err: failed }, failed.message),
    );
    throw error;
  }
}

function environment(host: DeployedHost, durationMs: number): Record<string, string> {
  return {
    DOCTOR_HOST: host.hostname,
    DOCTOR_ADDRESS: host.addresses[0]?.address ?? '',
    DOCTOR_DURATION_S: String(Math.ceil(durationMs / 1000)),
  };
}

/** In a session of its own: it outlives this process. */
function startWatchdog(restore: string, durationMs: number, env: Record<string, string>) {
  const watchdog = spawn('/bin/sh', ['-c', `sleep ${(durationMs / 1000).toFixed(3)}; ${restore}`], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
  watchdog.on('error', () => {});
  watchdog.unref();
  return watchdog;
}

function stopWatchdog({ pid }: { pid?: number | undefined }): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it has done its work already
  }
}

/** `{"at_ms": <Unix time, ms>}` on the command's standard output tells the moment; else it was while the command ran. */
function momentOf(
  { stdout, startedAt, endedAt }: Outcome,
  clock: Clock,
): { cutAt: number; toleranceMs: number } {
  const told = /"at_ms"\s*:\s*(\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  if (told === undefined) return { cutAt: startedAt, toleranceMs: endedAt - startedAt };
  const cutAt = clock.monotonic() - (clock.now() - Number(told));
  // Date.now() has whole milliseconds
  return { cutAt: Math.min(Math.max(cutAt, startedAt), endedAt), toleranceMs: 1 };
}

function run(
  command: string,
  env: Record<string, string>,
  timeoutMs: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Outcome> {
  const startedAt = clock.monotonic();
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn('/bin/sh', ['-c', command], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-500);
    });
    child.on('error', (error) => reject(failed(command, env, error.message)));
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve({ stdout, startedAt, endedAt: clock.monotonic() });
      else
        reject(
          failed(
            command,
            env,
            killedBy
              ? `stopped after ${timeoutMs} ms`
              : `exit code ${code}: ${stderr.trim().split('\n').at(-1) ?? ''}`,
          ),
        );
    });
  });
}

const failed = (command: string, env: Record<string, string>, what: string) =>
  new DoctorError('BACKEND_ERROR', `"${command}" for host ${env.DOCTOR_HOST}: ${what}`);
