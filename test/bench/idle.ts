import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type BenchRow, row } from './rows.js';

const MAIN = fileURLToPath(new URL('../../../core/dist/cli/main.js', import.meta.url));
const SERVICE = ['run', 'monitor', 'inspector', 'notifier'];
const LIMIT_MS = 60_000;
const ROUNDS = 5;
/** What a service is left alone for before its memory is read; ms. */
const SETTLING_MS = 3000;

const doctor = (args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });

/** Time until standard output has matched, ms. */
async function until(child: ChildProcess, pattern: RegExp): Promise<number> {
  const started = performance.now();
  let out = '';
  for await (const chunk of child.stdout ?? []) {
    out += String(chunk);
    if (pattern.test(out)) return performance.now() - started;
  }
  throw new Error(`doctor ended without ${pattern}:\n${out}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** Resident memory, MB (VmRSS). */
async function residentMb(pid = 0): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Start-up of the scenario and of a service, and what a service that has nothing to do takes. */
export async function benchIdle(): Promise<BenchRow[]> {
  const firstLine: number[] = [];
  const firstStep: number[] = [];
  const ready: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const line = doctor(['test', 'fault_management']);
    firstLine.push(await until(line, /Doctor/));
    await end(line);
    const step = doctor(['test', 'fault_management']);
    firstStep.push(await until(step, /✔/));
    await end(step);
    const service = doctor(SERVICE);
    ready.push(await until(service, /notifier +sample +http/));
    await sleep(SETTLING_MS);
    memory.push(await residentMb(service.pid));
    await end(service);
  }
  return [
    row('start: first line of progress', 'ms', firstLine, { goal: 2000 }),
    row('start: first step done', 'ms', firstStep),
    row('service: ready', 'ms', ready),
    row('service of monitor, inspector and notifier, idle', 'MB', memory, { goal: 150 }),
  ];
}
