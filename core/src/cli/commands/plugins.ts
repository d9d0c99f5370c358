import type { Command } from 'commander';
import { DEFAULT_TYPES } from '../../config/core-schema.js';
import { ROLE_NAMES } from '../../roles/index.js';
import { type CliContext, doctorOptions } from '../context.js';
import { EXIT } from '../exit.js';
import type { Finding } from '../plugin-check/finding.js';

/** `doctor plugins list|new|check` */
export function register(program: Command, context: CliContext): void {
  const plugins = program.command('plugins').description('plugins: what there is, and help for authors');
  plugins
    .command('list')
    .description('the installed plugins: what each provides, and which cannot be used')
    .action((_options: unknown, command: Command) => list(command, context));
  plugins
    .command('new')
    .description('write a plugin package that builds, lints and passes its tests')
    .argument('<name>', 'type of the plugin, e.g. link-watch')
    .requiredOption('-r, --role <role>', 'role that it plays, e.g. monitor or inspector')
    .option('-f, --folder <folder>', 'where to write it (default: doctor-plugin-NAME)')
    .action((name: string, _options: unknown, command: Command) => create(name, command, context));
  plugins
    .command('check')
    .description('look at a plugin package and say in plain words what is missing')
    .argument('[folder]', 'folder of the package', '.')
    .option('--no-start', 'do not start its roles (their backend is not here)')
    .option('--no-tests', 'do not run its own tests')
    .action((folder: string, _options: unknown, command: Command) => check(folder, command, context));
}

async function create(name: string, command: Command, context: CliContext): Promise<void> {
  const { newPlugin } = await import('../scaffold/new-plugin.js');
  const { role, folder = `doctor-plugin-${name}` } = command.opts<{ role: string; folder?: string }>();
  const files = newPlugin(name, role, folder);
  if (context.globals(command).json) return context.out(JSON.stringify({ folder, files }));
  for (const file of files) context.out(`${folder}/${file}`);
  context.note(`next: cd ${folder} && npm install && npm test && doctor plugins check .`);
}

async function check(folder: string, command: Command, context: CliContext): Promise<void> {
  const { checkPlugin } = await import('../plugin-check/check-plugin.js');
  const { start, tests } = command.opts<{ start: boolean; tests: boolean }>();
  const { json } = context.globals(command);
  const findings: Finding[] = [];
  const marks = { ok: 'ok     ', wrong: 'wrong  ', advice: 'advice ' } as const;
  const good = await checkPlugin(folder, {
    input: doctorOptions(command, context),
    start,
    tests,
    signal: context.signal,
    found: (finding) => {
      findings.push(finding);
      if (!json) context.out(marks[finding.verdict] + finding.text);
    },
  });
  if (json) context.out(JSON.stringify({ verdict: good ? 'passed' : 'failed', findings }, null, 2));
  context.exitCode(good ? EXIT.passed : EXIT.failed);
}

interface Row {
  role: string;
  type: string;
  package: string;
  version: string;
  doc: string;
  default: boolean;
}

async function list(command: Command, context: CliContext): Promise<void> {
  const { loadInstalled, namedPlugins } = await import('../../host/index.js');
  const { named, folder } = namedPlugins(doctorOptions(command, context));
  const { providers, problems } = await loadInstalled(named, folder);
  const rows = providers
    .map(
      ({ pack, provider }): Row => ({
        role: provider.role,
        type: provider.type,
        package: pack.name,
        version: pack.version,
        doc: provider.doc,
        default: DEFAULT_TYPES[provider.role as keyof typeof DEFAULT_TYPES] === provider.type,
      }),
    )
    .toSorted((a, b) => order(a.role) - order(b.role) || a.type.localeCompare(b.type));
  if (context.globals(command).json)
    context.out(
      JSON.stringify(
        { plugins: rows, unusable: problems.map(({ code, message }) => ({ code, message })) },
        null,
        2,
      ),
    );
  else {
    for (const row of rows)
      context.out(
        `${row.role.padEnd(13)}${row.type.padEnd(12)}${row.default ? '*' : ' '} ${row.package}@${row.version}  ${row.doc}`,
      );
    context.note('* used when the configuration says nothing else');
    for (const { message } of problems) context.note(`unusable: ${message}`);
  }
  if (problems.length > 0) context.exitCode(EXIT.unusable);
}

const order = (role: string) => (ROLE_NAMES as readonly string[]).indexOf(role);
