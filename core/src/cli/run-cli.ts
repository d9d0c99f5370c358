import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { DoctorError } from '../errors/index.js';
import { type CliContext, doctorOptions, globalOptions } from './context.js';
import { EXIT, errorLines, exitCodeOf } from './exit.js';
import { createProgram } from './program.js';

/** The part of `process` that the command line uses. */
type Process = Pick<NodeJS.Process, 'argv' | 'env' | 'stdout' | 'stderr' | 'on' | 'exit'>;

/** Runs `doctor` and ends the process with its exit code. */
export async function runCli(process: Process): Promise<void> {
  const interruption = watchSignals(process);
  const debug = (process.env['DOCTOR_DEBUG'] ?? '') !== '';
  let code: number = EXIT.passed;
  const warned = new Set<string>();
  const warn = (text: string) => {
    if (!warned.has(text)) context.note(`doctor: ${text}`);
    warned.add(text);
  };
  const context: CliContext = {
    env: process.env,
    signal: interruption.signal,
    interruptedBy: interruption.by,
    terminal: Boolean(process.stdout.isTTY),
    columns: process.stdout.columns || 80,
    write: (text) => void process.stdout.write(text),
    out: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void (quiet(process.argv) || process.stderr.write(`${text}\n`)),
    globals: (command) => globalOptions(command, process.env),
    async createDoctor(command, options = {}) {
      const { createDoctor } = await import('../host/index.js');
      const doctor = await createDoctor({ ...doctorOptions(command, context), ...options });
      for (const warning of doctor.config.warnings) warn(warning);
      return doctor;
    },
    exitCode: (wanted) => {
      code = wanted;
    },
  };
  guardProcess(process, debug, interruption.readerGone);
  try {
    await quietly(createProgram(context)).parseAsync(process.argv);
  } catch (error) {
    code = report(error, process, debug);
  }
  await flush(process);
  process.exit(code);
}

const quiet = (argv: readonly string[]) => argv.includes('--quiet') || argv.includes('-q');

/** Makes commander throw instead of ending the process, in all sub-commands. */
function quietly(program: Command): Command {
  const visit = (command: Command): void => {
    command.exitOverride();
    for (const child of command.commands) visit(child);
  };
  visit(program);
  return program;
}

function report(error: unknown, process: Process, debug: boolean): number {
  if (error instanceof CommanderError) return commanderExit(error);
  for (const line of errorLines(error, debug)) process.stderr.write(`doctor: ${line}\n`);
  return exitCodeOf(error);
}

/** commander has printed its message itself; asking for help is no mistake. */
const commanderExit = (error: CommanderError) =>
  ['commander.helpDisplayed', 'commander.version', 'commander.help'].includes(error.code) &&
  error.exitCode === 0
    ? EXIT.passed
    : EXIT.unusable;

/** First signal: stop in order. Second: at once. */
function watchSignals(process: Process): {
  signal: AbortSignal;
  by: () => NodeJS.Signals | undefined;
  /** Nobody reads the output any more (`doctor test | head`): stops in order, too. */
  readerGone: () => void;
} {
  const controller = new AbortController();
  let by: NodeJS.Signals | undefined;
  const interrupt = (name: NodeJS.Signals) => {
    if (by) process.exit(EXIT.interrupted);
    by = name;
    process.stderr.write(`doctor: ${name}: stopping and cleaning up (again: at once)\n`);
    controller.abort(new DoctorError('ABORTED', `interrupted by ${name}`));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    by: () => by,
    readerGone: () => controller.abort(new DoctorError('ABORTED', 'the reader of the output has gone')),
  };
}

/** A plugin's forgotten promise is told and takes nothing down; an exception outside of any call ends the process, in one line. */
function guardProcess(process: Process, debug: boolean, readerGone: () => void): void {
  process.on('unhandledRejection', (reason) => {
    for (const line of errorLines(reason, debug)) process.stderr.write(`doctor: unhandled: ${line}\n`);
  });
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return readerGone();
    for (const line of errorLines(error, debug)) process.stderr.write(`doctor: unexpected: ${line}\n`);
    process.exit(EXIT.failed);
  });
}

const flush = ({ stdout, stderr }: Process) =>
  Promise.all(
    [stdout, stderr].map((stream) => new Promise<void>((resolve) => void stream.write('', () => resolve()))),
  );
