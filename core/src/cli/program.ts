import { Command, Option } from 'commander';
import * as cloud from './commands/cloud.js';
import * as maintenance from './commands/maintenance.js';
import * as matrix from './commands/matrix.js';
import * as config from './commands/config.js';
import * as plugins from './commands/plugins.js';
import * as run from './commands/run.js';
import * as test from './commands/test.js';
import type { CliContext } from './context.js';
import { doctorVersion } from './version.js';

/** A command's file: it says what it is called and takes; what it needs it imports when it runs. */
export interface CommandModule {
  register(program: Command, context: CliContext): void;
}

/** One file per command under commands/, in the order of the help. */
const COMMANDS: readonly CommandModule[] = [test, matrix, run, maintenance, cloud, plugins, config];

const collect = (value: string, before: string[]) => [...before, value];

/** The `doctor` command with all its sub-commands. */
export function createProgram(context: CliContext): Command {
  const program = new Command('doctor')
    .description('Fault management and planned maintenance of NFV clouds')
    .version(doctorVersion())
    .option('-c, --config <file>', 'configuration file (default: config/embedded.yaml, or DOCTOR_CONFIG)')
    .option('-s, --set <key=value>', 'one value of the configuration; may be repeated', collect, [])
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', 'print the result only')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .addOption(
      new Option('--log-level <level>', 'least severity that is logged').choices([
        'fatal',
        'error',
        'warn',
        'info',
        'debug',
        'trace',
        'silent',
      ]),
    )
    .showSuggestionAfterError()
    .addHelpText('after', '\nExit codes: 0 passed, 1 failed, 2 unusable input, 130 interrupted.');
  for (const command of COMMANDS) command.register(program, context);
  return program;
}
