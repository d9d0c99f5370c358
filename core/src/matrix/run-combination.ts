import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import type { Result } from '../report/index.js';
import type { Combination, MatrixRow } from './types.js';

export interface RunCombinationOptions {
  /** The program and its first arguments: `node .../main.js`. */
  command: readonly [string, ...string[]];
  /** Where its report goes. */
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
  /** It must have ended by then, ms. */
  timeoutMs: number;
  signal: AbortSignal;
}

/** Runs it as `doctor test` in a process of its own: what one leaves behind, or does to its process, harms no other. */
export async function runCombination(
  combination: Combination,
  options: RunCombinationOptions,
): Promise<MatrixRow> {
  const { scenario, cloud, types } = combination;
  const row = { scenario, cloud, types };
  const started = performance.now();
  const reports = join(options.folder, combination.id);
  const ended = await runProcess([...options.command, ...(await args(combination, reports))], options);
  const totalMs = Math.round(performance.now() - started);
  const result = resultOf(ended.out);
  const outcome = result?.scenarios[0];
  if (!result || !outcome) return { ...row, verdict: 'failed', reason: lastWords(ended), totalMs };
  const failed = outcome.checks.filter(({ verdict }) => verdict === 'failed');
  const why = outcome.reason ?? failed.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
  return {
    ...row,
    verdict: outcome.verdict,
    reason: outcome.verdict === 'passed' ? null : why || lastWords(ended),
    ...figures(outcome),
    totalMs,
    report: relative(options.folder, join(reports, result.runId, 'report.html')),
  };
}

function figures(outcome: Result['scenarios'][number]): Partial<MatrixRow> {
  const { notificationTimeMs, detectionTimeMs, serviceDowntimeMs } = outcome;
  return {
    ...(notificationTimeMs === undefined ? {} : { notificationTimeMs }),
    ...(detectionTimeMs === undefined ? {} : { detectionTimeMs }),
    ...(serviceDowntimeMs === undefined ? {} : { serviceDowntimeMs }),
  };
}

async function args(
  { scenario, configFile, types, config }: Combination,
  reports: string,
): Promise<string[]> {
  const selected = Object.entries(types).map(([role, type]) => [`${role}.type`, type] as const);
  const values = Object.entries(await withPorts(config)).map(([key, value]) => [key, text(value)] as const);
  const all = [...selected, ...values, ['report.folder', reports] as const];
  return [
    'test',
    scenario,
    '--json',
    ...(configFile === undefined ? [] : ['--config', configFile]),
    ...all.flatMap(([key, value]) => ['--set', `${key}=${value}`]),
  ];
}

const text = (value: unknown): string =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')
    ? value.join(',')
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

async function withPorts(config: Combination['config']): Promise<Record<string, unknown>> {
  const json = JSON.stringify(config);
  if (!json.includes('{port}')) return config;
  return JSON.parse(json.replaceAll('{port}', String(await freePort()))) as Record<string, unknown>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address ? address.port : 0;
}

interface Ended {
  out: string;
  err: string;
  how: string;
}

/** Ctrl-C and the time-out stop it in order; what it takes back on a real cloud, migrations among it, takes a while. */
const GRACE_MS = 120_000;

function runProcess(command: readonly string[], options: RunCombinationOptions): Promise<Ended> {
  const [program = '', ...rest] = command;
  const ends = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  return new Promise((resolve) => {
    const child = spawn(program, rest, {
      env: { ...options.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    let kill: NodeJS.Timeout | undefined;
    const stop = () => {
      child.kill('SIGTERM');
      kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    };
    if (ends.aborted) stop();
    else ends.addEventListener('abort', stop, { once: true });
    const finish = (how: string) => {
      clearTimeout(kill);
      ends.removeEventListener('abort', stop);
      const late = ends.aborted && !options.signal.aborted;
      resolve({ out, err, how: late ? `it did not end within ${options.timeoutMs / 1000} s` : how });
    };
    child.once('error', (error) => finish(error.message));
    child.once('close', (code, signal) => finish(`it ended with ${signal ?? `exit code ${code}`}`));
  });
}

function resultOf(out: string): Result | undefined {
  try {
    return JSON.parse(out) as Result;
  } catch {
    return undefined;
  }
}

const lastWords = ({ err, how }: Ended) => {
  const lines = err
    .split('\n')
    .map((line) => line.replace(/^doctor: /, '').trim())
    .filter((line) => line !== '');
  return lines.length > 0 ? lines.slice(-3).join('; ') : how;
};
