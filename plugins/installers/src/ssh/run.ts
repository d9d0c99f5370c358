import { spawn } from 'node:child_process';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { notInstalled } from './errors.js';

export interface RunOptions {
  /** Standard input; default: none. */
  input?: string | Uint8Array;
  /** ms until the command is stopped. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Bytes of output kept; more is an error. */
  maxBytes?: number;
}

export interface RunResult {
  code: number;
  stdout: Buffer;
  stderr: string;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const STDERR_KEPT = 8_192;

/**
 * Runs a local program, with an end in every case.
 * @param what for messages, e.g. `controller-0: cat /etc/nova/nova.conf`
 * @throws DoctorError CONFIG_INVALID when it is not installed, TIMEOUT, BACKEND_PROTOCOL when it writes too much; the signal's reason
 */
export function run(
  program: string,
  args: readonly string[],
  what: string,
  options: RunOptions,
): Promise<RunResult> {
  const { input, timeoutMs, signal, maxBytes = DEFAULT_MAX_BYTES } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const kept: Buffer[] = [];
    let bytes = 0;
    let stderr = '';
    let failure: unknown;
    const stop = (reason: unknown) => {
      failure ??= reason;
      child.kill('SIGKILL');
      // its own children may hold the pipes open
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(
      () =>
        stop(
          new DoctorError('TIMEOUT', `${what}: stopped after ${timeoutMs} ms without an end`, {
            retryable: true,
          }),
        ),
      timeoutMs,
    );
    const aborted = () => stop(signal?.reason);
    signal?.addEventListener('abort', aborted, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes)
        stop(new DoctorError('BACKEND_PROTOCOL', `${what}: wrote more than ${maxBytes} bytes`));
      else kept.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
    });
    // a command may end without reading what it was given
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      failure ??=
        error.code === 'ENOENT' ? notInstalled(program) : DoctorError.from(error, 'BACKEND_ERROR', what);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- a signal's reason is whatever the caller gave
      if (failure !== undefined) reject(failure);
      else resolve({ code: code ?? 255, stdout: Buffer.concat(kept), stderr });
    });
  });
}
