import { relative } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../../clock/system-clock.js';
import type { Configuration, Doctor } from '../../host/index.js';
import { createLogger, type Logger } from '../../log/index.js';
import type { RoleName } from '../../roles/index.js';
import type { ReportFolder } from '../../scenarios/index.js';
import { type CliContext, doctorOptions, selectionFlags } from '../context.js';
import { EXIT } from '../exit.js';
import { paintWith } from '../paint.js';
import { Progress } from '../progress.js';
import { doctorVersion } from '../version.js';

/** `doctor test [SCENARIO...]` */
export function register(program: Command, context: CliContext): void {
  selectionFlags(program.command('test'))
    .description('run scenarios against the cloud, with a report: fault_management, maintenance or all')
    .argument('[scenario...]', 'default: test.case of the configuration (TEST_CASE)')
    .action((names: string[], _options: unknown, command: Command) => test(names, command, context));
}

async function test(words: string[], command: Command, context: CliContext): Promise<void> {
  const { json, quiet, color } = context.globals(command);
  const silent = json || quiet;
  const colors = color && context.terminal;
  const paint = paintWith(colors);
  // the first line is there before anything is loaded
  if (!silent) context.out(paint.dim(`Doctor ${doctorVersion()}`));
  const [host, scenarios] = await Promise.all([
    import('../../host/index.js'),
    import('../../scenarios/index.js'),
  ]);
  const config = await host.loadConfiguration({ ...doctorOptions(command, context), roles: [] });
  const names = await scenarioNames(words, config);
  const runId = host.newRunId(systemClock);
  const folder = new scenarios.ReportFolder(config.section<{ folder: string }>('report').folder, runId);
  const log = createLog(config, folder);
  let progress: Progress | undefined;
  const outcome = await scenarios
    .runScenarios({
      names,
      version: doctorVersion(),
      signal: context.signal,
      folder,
      open(roles, scenario) {
        const typeOf = (role: RoleName) => config.section<{ type?: string } | undefined>(role)?.type;
        const overrides = { ...scenario.config?.(typeOf), ...context.globals(command).overrides };
        return context.createDoctor(command, { roles, runId, log, overrides });
      },
      watch(doctor, scenario) {
        if (silent) return;
        progress ??= createProgress(context, doctor, colors);
        const titles = new Map(scenario.steps.map((step) => [step.name, step.title]));
        progress.follow(doctor.events, scenario.title, titles);
      },
      finished: (result) => progress?.finished(result),
    })
    .finally(() => progress?.close());
  const result = scenarios.resultOf(outcome.report);
  if (json) context.out(JSON.stringify(result, null, 2));
  else {
    if (quiet)
      for (const { name, verdict, reason } of result.scenarios)
        context.out(`${name}: ${paint.verdict(verdict, verdict)}${reason === null ? '' : `: ${reason}`}`);
    else
      context.out(
        `${paint.bold(paint.verdict(result.verdict, result.verdict))} · report in ${shortPath(folder.path)}/report.html`,
      );
  }
  if (outcome.interrupted) context.exitCode(EXIT.interrupted);
  else context.exitCode(result.verdict === 'passed' ? EXIT.passed : EXIT.failed);
}

function createProgress(context: CliContext, doctor: Doctor, color: boolean): Progress {
  return new Progress({
    write: context.write,
    terminal: context.terminal,
    columns: context.columns,
    color,
    timeline: doctor.config.section<{ type: string }>('profiler').type !== 'none',
  });
}

const shortPath = (path: string) => {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
};

/** Beside the report, unless the configuration names a file: log lines would tear the progress apart. */
function createLog(config: Configuration, folder: ReportFolder): Logger {
  const { level, file } = config.section<{ level: string; file: string }>('log');
  return createLogger({ level, file: file || folder.file('doctor.log') });
}

async function scenarioNames(words: readonly string[], config: Configuration): Promise<string[]> {
  const { DEFAULT_SCENARIOS, findScenario } = await import('../../scenarios/index.js');
  const wanted = words.length > 0 ? words : [config.section<{ case: string }>('test').case];
  const names = wanted.flatMap((word) => (word === 'all' ? DEFAULT_SCENARIOS : [word]));
  for (const name of names) findScenario(name);
  return [...new Set(names)];
}
