import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { systemClock } from '../../clock/system-clock.js';
import { DoctorError } from '../../errors/index.js';
import type { MatrixReport, MatrixRow } from '../../matrix/index.js';
import type { CliContext } from '../context.js';
import { EXIT } from '../exit.js';
import { paintWith } from '../paint.js';
import { doctorVersion } from '../version.js';

/** The clouds that are tried when none is named: those whose file is there. */
const CONFIGS = ['config/embedded.yaml', 'config/openstack.yaml'];
const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

interface MatrixOptions {
  only?: string[];
  jobs?: string;
  docs?: string;
  folder: string;
  timeout: string;
}

const collect = (value: string, before: string[] = []) => [...before, value];

/** `doctor matrix [CONFIG...]` */
export function register(program: Command, context: CliContext): void {
  program
    .command('matrix')
    .description('run the scenarios with every combination of the installed plugins, with one table')
    .argument('[config...]', `configuration files, one per cloud (default: ${CONFIGS.join(' ')})`)
    .option('--only <word>', 'only combinations with this scenario, cloud or type; may be repeated', collect)
    .option(
      '--jobs <n>',
      'combinations at once on the embedded cloud (default: 2, or the number of processors)',
    )
    .option('--timeout <seconds>', 'time within which a combination must end', '180')
    .option('--folder <folder>', 'where the reports go', 'reports')
    .option('--docs <file>', 'write the table as Markdown, too')
    .action((files: string[], options: MatrixOptions, command: Command) =>
      matrix(files, options, command, context),
    );
}

async function matrix(
  files: string[],
  options: MatrixOptions,
  command: Command,
  context: CliContext,
): Promise<void> {
  const { json, quiet, color } = context.globals(command);
  const paint = paintWith(color && context.terminal);
  const silent = json || quiet;
  if (!silent) context.out(paint.dim(`Doctor ${doctorVersion()}`));
  const [{ runMatrix, markdown, tables, textTable, countsOf }, { ReportFolder }, { newRunId }] =
    await Promise.all([
      import('../../matrix/index.js'),
      import('../../report/index.js'),
      import('../../host/index.js'),
    ]);
  const folder = new ReportFolder(options.folder, `${newRunId(systemClock)}-matrix`);
  const only = options.only ?? [];
  let done = 0;
  let all = 0;
  const report = await runMatrix({
    configFiles: files.length > 0 ? files : defaultConfigs(),
    command: [process.execPath, MAIN],
    folder,
    env: context.env,
    concurrency: number('--jobs', options.jobs) ?? Math.min(2, availableParallelism()),
    timeoutMs: (number('--timeout', options.timeout) ?? 180) * 1000,
    version: doctorVersion(),
    signal: context.signal,
    filter: ({ scenario, cloud, types }) =>
      only.every((word) => [scenario, cloud, ...Object.values(types)].includes(word)),
    planned: (combinations) => {
      all = combinations.filter(({ skip }) => skip === undefined).length;
      if (!silent) context.out(`${all} combinations to run, ${combinations.length - all} skipped`);
    },
    finished: (row) => {
      if (!silent && row.verdict !== 'skipped')
        context.out(`  ${++done}/${all} ${oneLine(row, paint.verdict)}`);
    },
  });
  if (options.docs !== undefined) writeFileSync(options.docs, markdown(report));
  if (json) context.out(JSON.stringify(report, null, 2));
  else {
    for (const table of tables(report.rows))
      context.out(`\n${textTable(table, ({ verdict }, line) => paint.verdict(verdict, line))}`);
    context.out(
      `\n${countsOf(report.rows)} · ${paint.bold(paint.verdict(report.verdict, report.verdict))} · ${relative('.', folder.file('matrix.html'))}`,
    );
  }
  context.exitCode(exitCode(report));
}

const exitCode = ({ verdict }: MatrixReport) => (verdict === 'passed' ? EXIT.passed : EXIT.failed);

function defaultConfigs(): (string | undefined)[] {
  const there = CONFIGS.filter((file) => existsSync(file));
  return there.length > 0 ? there : [undefined];
}

function number(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new DoctorError('INPUT_INVALID', `${flag} ${text}: must be a whole number above 0`);
}

const oneLine = (row: MatrixRow, paint: (verdict: MatrixRow['verdict'], text: string) => string) =>
  `${paint(row.verdict, row.verdict)} ${row.scenario} on ${row.cloud}: ${Object.values(row.types).join(' + ')}${
    row.verdict === 'failed' ? `: ${row.reason ?? ''}` : ''
  }`;
