import { type ChildProcess, spawn } from 'node:child_process';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { notInstalled, sshError } from './errors.js';
import { destination, type SshSettings, type SshTarget, sshArguments } from './options.js';
import { inShell } from './quote.js';

const READY = 'doctor-ssh-ready';
const STDERR_KEPT = 8_192;

/** The connection that all commands and tunnels to one machine share (OpenSSH's ControlMaster). */
export interface Master {
  readonly alive: boolean;
  /** Called once when the connection ends, asked for or not. */
  onEnd(listener: () => void): void;
  /** Ends it at once; resolves when the process is gone. */
  end(): Promise<void>;
}

/**
 * Connects, and resolves when a command has run over there. The far command reads what this process never writes, so that
 * the connection ends with this process, however that ends.
 * @throws DoctorError in one line: see `sshError`
 */
export async function connectMaster(
  target: SshTarget,
  settings: SshSettings,
  controlPath: string,
  signal?: AbortSignal,
): Promise<Master> {
  signal?.throwIfAborted();
  const args = ['-M', '-S', controlPath, '-o', 'ControlPersist=no', ...sshArguments(target, settings)];
  const command = inShell(`echo ${READY}; exec cat > /dev/null`);
  const child = spawn(settings.program, [...args, destination(target), command], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // ^C is Doctor's: it may still need the connection to put things back
    detached: true,
  });
  child.stdin.on('error', () => {});
  const closed = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    await ready(child, target, settings, signal);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    get alive() {
      return child.exitCode === null && child.signalCode === null;
    },
    onEnd: (listener) => void closed.then(listener),
    end() {
      child.kill('SIGTERM');
      return closed;
    },
  };
}

function ready(
  child: ChildProcess,
  target: SshTarget,
  settings: SshSettings,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    // ssh's own limit covers the TCP connection only, not a jump host, nor a login that hangs
    const limit = settings.connectTimeoutMs + 1_000;
    const timer = setTimeout(
      () => finish(sshError(target.name, target.address, `timed out after ${limit} ms`)),
      limit,
    );
    const aborted = () => finish(signal?.reason);
    signal?.addEventListener('abort', aborted, { once: true });
    const finish = (failure?: unknown) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      if (failure === undefined) resolve();
      else reject(failure instanceof Error ? failure : new DoctorError('ABORTED', String(failure)));
    };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-STDERR_KEPT);
      if (stdout.includes(READY)) finish();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      finish(
        error.code === 'ENOENT'
          ? notInstalled(settings.program)
          : DoctorError.from(error, 'BACKEND_ERROR', target.name),
      ),
    );
    child.on('close', () => finish(sshError(target.name, target.address, stderr)));
  });
}
