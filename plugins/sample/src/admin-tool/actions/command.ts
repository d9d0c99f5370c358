import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { type ActionDefinition, durationMs } from './definition.js';
import { ONCE_SCRIPT, STOP_SCRIPT } from './once-script.js';
import type { ActionContext, ActionInput, ActionPlugin } from './types.js';

type CommandDefinition = Extract<ActionDefinition, { kind: 'command' }>;

const LOOK_MS = 100;
/** A shell on the other side must answer within this time. */
const SHELL_TIMEOUT_MS = 30_000;
/** On hosts that commands are sent to. */
const REMOTE_FOLDER = '/var/tmp/doctor-actions';

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Runs a command here, or on the host over SSH, exactly once for each key. */
export function commandAction(definition: CommandDefinition, context: ActionContext): ActionPlugin {
  const timeoutMs = durationMs(definition.timeout, 30 * 60_000);
  return {
    phase: definition.phase ?? 'host',
    safeToEnableAfterFailure: definition.safe_to_enable_after_failure ?? false,
    expectedMs: 0,
    run: (input, signal) => runCommand(definition, timeoutMs, context, input, signal),
  };
}

async function runCommand(
  definition: CommandDefinition,
  timeoutMs: number,
  { clock, folder }: ActionContext,
  input: ActionInput,
  signal: AbortSignal,
): Promise<void> {
  const name = createHash('sha256').update(input.key).digest('hex').slice(0, 32);
  const place = join(definition.ssh ? REMOTE_FOLDER : folder, name);
  const body = `${environment(input)}\n${definition.command}\n`;
  const deadline = clock.monotonic() + timeoutMs;
  const stop = () => shell(definition, input, STOP_SCRIPT, place, '');
  for (;;) {
    if (signal.aborted) {
      await stop();
      throw signal.reason as Error;
    }
    const [status = '', ...output] = (await shell(definition, input, ONCE_SCRIPT, place, body)).split('\n');
    if (status === 'ended 0') return;
    if (status.startsWith('ended') || status === 'gone')
      throw new DoctorError('BACKEND_ERROR', problem(status, output.join('\n').trim()));
    if (status !== 'running')
      throw new DoctorError('BACKEND_ERROR', `the command could not be started: ${status.slice(0, 200)}`);
    if (clock.monotonic() >= deadline) {
      await stop();
      throw new DoctorError('TIMEOUT', `the command did not end within ${timeoutMs} ms`);
    }
    await clock.sleep(LOOK_MS, signal).catch(() => {});
  }
}

const problem = (status: string, output: string) =>
  status === 'gone'
    ? 'the command ended without a status (was it killed, or the machine restarted?)'
    : `the command ended with status ${status.slice(6)}${output ? `: ${output.slice(-500)}` : ''}`;

function environment({ host = '', sessionId, phase, key }: ActionInput): string {
  const variables = {
    DOCTOR_HOST: host,
    DOCTOR_SESSION: sessionId,
    DOCTOR_PHASE: phase,
    DOCTOR_ACTION_KEY: key,
  };
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quote(value)}`)
    .join('\n');
}

/** Runs a script here or there with one argument and standard input; resolves with its output. */
function shell(
  { ssh }: CommandDefinition,
  { host = '' }: ActionInput,
  script: string,
  argument: string,
  input: string,
): Promise<string> {
  const local = ['-c', script, 'sh', argument];
  const [program, args] = ssh
    ? sshCommand(ssh, host, `sh -c ${quote(script)} sh ${quote(argument)}`)
    : ['/bin/sh', local];
  return new Promise((resolve, reject) => {
    // a group of its own: a signal for Doctor does not end the host's work
    const child = spawn(program, args, {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: SHELL_TIMEOUT_MS,
    });
    let [out, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.stdin.on('error', () => {});
    child.on('error', (error) =>
      reject(
        new DoctorError('BACKEND_UNREACHABLE', `${program} cannot be run: ${error.message}`, {
          cause: error,
        }),
      ),
    );
    child.on('close', (code) => {
      if (code === 0) return resolve(out);
      const where = ssh ? `SSH to ${host}` : 'the shell';
      reject(
        new DoctorError(
          'BACKEND_UNREACHABLE',
          `${where} ended with status ${code}: ${errors.trim().slice(-300)}`,
          {
            retryable: ssh !== undefined,
          },
        ),
      );
    });
    child.stdin.end(input);
  });
}

function sshCommand(
  { user, address = '{host}', port, key_file, known_hosts_file }: NonNullable<CommandDefinition['ssh']>,
  host: string,
  command: string,
): [string, string[]] {
  const target = address.replaceAll('{host}', host);
  const options = [
    '-o',
    'BatchMode=yes',
    '-o',
    'ConnectTimeout=10',
    ...(known_hosts_file ? ['-o', `UserKnownHostsFile=${known_hosts_file}`] : []),
    ...(key_file ? ['-i', key_file] : []),
    ...(port ? ['-p', String(port)] : []),
  ];
  return ['ssh', [...options, '--', user ? `${user}@${target}` : target, command]];
}
