import type { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { DoctorError } from '../../errors/index.js';
import { type CliContext, doctorOptions, roleNames } from '../context.js';

/** `doctor config show|schema|reference` */
export function register(program: Command, context: CliContext): void {
  const config = program.command('config').description('look at the configuration');
  config
    .command('show')
    .description('the effective configuration: every value and where it came from, secrets masked')
    .argument('[role...]', 'only what these roles need; default: all roles')
    .action((roles: string[], _options: unknown, command: Command) => show(roles, command, context));
  config
    .command('schema')
    .description('JSON Schema of configuration files, for editors')
    .option('-o, --output <file>', 'write to this file')
    .action((_options: unknown, command: Command) => schema(command, context));
  config
    .command('reference')
    .description('Markdown page about every option of core and of the installed plugins')
    .option('-o, --output <file>', 'write to this file')
    .action((_options: unknown, command: Command) => reference(command, context));
}

async function show(words: readonly string[], command: Command, context: CliContext): Promise<void> {
  const roles = words.length > 0 ? { roles: roleNames(words) } : {};
  const [{ loadConfiguration }, { describeConfig }] = await Promise.all([
    import('../../host/index.js'),
    import('../../config/index.js'),
  ]);
  const config = await loadConfiguration({ ...doctorOptions(command, context), ...roles, onlyLook: true });
  for (const warning of config.warnings) context.note(`doctor: ${warning}`);
  const rows = describeConfig(config);
  if (context.globals(command).json) return context.out(JSON.stringify(rows, null, 2));
  const values = rows.map(({ value }) =>
    typeof value === 'string' && value !== '' ? value : JSON.stringify(value),
  );
  const keyWidth = Math.max(...rows.map(({ key }) => key.length));
  const valueWidth = Math.min(48, Math.max(...values.map((value) => value.length)));
  for (const [index, { key, from }] of rows.entries())
    context.out(`${key.padEnd(keyWidth)}  ${(values[index] ?? '').padEnd(valueWidth)}  ${from}`);
}

async function sections(command: Command, context: CliContext) {
  const { configSections, loadInstalled, namedPlugins } = await import('../../host/index.js');
  const { named, folder } = namedPlugins(doctorOptions(command, context));
  const installed = await loadInstalled(named, folder);
  for (const { message } of installed.problems) context.note(`left out: ${message}`);
  return configSections(installed);
}

async function schema(command: Command, context: CliContext): Promise<void> {
  const { configJsonSchema } = await import('../../config/index.js');
  await deliver(
    JSON.stringify(configJsonSchema(await sections(command, context)), null, 2),
    command,
    context,
  );
}

async function reference(command: Command, context: CliContext): Promise<void> {
  const { configReference } = await import('../../config/index.js');
  await deliver(configReference(await sections(command, context)).trimEnd(), command, context);
}

async function deliver(text: string, command: Command, context: CliContext): Promise<void> {
  const { output } = command.opts<{ output?: string }>();
  if (output === undefined) return context.out(text);
  try {
    await writeFile(output, `${text}\n`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DoctorError('FILE_UNWRITABLE', `${output} cannot be written (${code ?? String(error)})`, {
      cause: error,
    });
  }
  context.note(`wrote ${output}`);
}
