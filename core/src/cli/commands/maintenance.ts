import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { maintenanceState } from '../../domain/maintenance-words.js';
import { DoctorError } from '../../errors/index.js';
import type { CliContext } from '../context.js';
import { EXIT } from '../exit.js';
import { planText, sessionsTable, sessionText } from '../maintenance/format.js';
import { type MaintenanceApi, openMaintenanceApi } from '../maintenance/api.js';

interface RequestOptions {
  at?: string;
  host?: string[];
  parallel?: string;
  action?: string[];
  workflow?: string;
  metadata?: string;
  file?: string;
}

const collect = (value: string, before: string[] = []) => [...before, value];

/** `doctor maintenance ...` */
export function register(program: Command, context: CliContext): void {
  const group = program
    .command('maintenance')
    .description('plan, start, watch and abort maintenance sessions of a running admin tool')
    .option('--url <url>', 'where the admin tool runs (DOCTOR_ADMIN_TOOL_URL; default: as configured)')
    .option(
      '--token <token>',
      'Keystone token of an administrator (OS_TOKEN; default: by the configured credentials)',
    );
  const sub = (name: string, description: string, run: Run) => define(group, context, name, description, run);

  sub('list', 'all sessions', async (api, { out, json }) => {
    const sessions = await api.sessions();
    out(json ? JSON.stringify(sessions, null, 2) : sessionsTable(sessions));
  });
  sub(
    'show <session>',
    'one session: hosts, projects, answers, reason',
    async (api, { out, json, words }) => {
      const session = await api.session(words[0] ?? '');
      out(json ? JSON.stringify(session, null, 2) : sessionText(session));
      if (maintenanceState(session.state) === 'MAINTENANCE_FAILED') return EXIT.failed;
    },
  );
  sub(
    'abort <session>',
    'abort a session that runs, put its hosts back, and forget it',
    async (api, { out, words, json }) => {
      const [session = ''] = words;
      await api.remove(session);
      out(json ? JSON.stringify({ aborted: session }) : `session ${session} is gone, its hosts are put back`);
    },
  );
  withRequest(
    sub('start', 'start a session', async (api, { out, json, options }) => {
      const { sessionId } = await api.create(await requestOf(options as RequestOptions));
      out(json ? JSON.stringify({ session_id: sessionId }) : sessionId);
    }),
  );
  withRequest(
    sub(
      'plan',
      'what a session would do: order of hosts, moves, where capacity is short; nothing is touched',
      async (api, { out, json, options }) => {
        const plan = await api.plan(await requestOf(options as RequestOptions));
        out(json ? JSON.stringify(plan, null, 2) : planText(plan));
        if (plan.shortages.length > 0) return EXIT.failed;
      },
    ),
  );
}

interface Asked {
  out(text: string): void;
  json: boolean;
  words: string[];
  options: unknown;
}
type Run = (api: MaintenanceApi, asked: Asked) => Promise<number | void>;

function define(group: Command, context: CliContext, name: string, description: string, run: Run): Command {
  return group
    .command(name)
    .description(description)
    .action(async (...args: unknown[]) => {
      const command = args.at(-1) as Command;
      const words = args.slice(0, -2).filter((arg): arg is string => typeof arg === 'string');
      const api = await openMaintenanceApi(command, context);
      try {
        const out = (text: string) => context.out(text);
        const { json } = context.globals(command);
        const code = await run(api, { out, json, words, options: command.opts() });
        if (typeof code === 'number') context.exitCode(code);
      } finally {
        await api.close();
      }
    });
}

const withRequest = (command: Command): Command =>
  command
    .option('--at <time>', 'UTC, YYYY-MM-DD HH:MM:SS; or from now: "10 min"', '1 min')
    .option('--host <name>', 'a host to maintain; may be repeated; default: all', collect)
    .option('--parallel <number>', 'hosts maintained side by side')
    .option('--action <name>', 'an action plug-in to run; may be repeated', collect)
    .option('--workflow <name>', 'workflow', 'default')
    .option('--metadata <json>', 'told to the projects')
    .option('--file <file>', 'the whole request as JSON; the options go before it');

const UNITS: Record<string, number> = { s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/** `10 min` from now, or the moment as it is given. */
function moment(text: string): string {
  const [, amount, unit] = /^(\d+)\s*(s|sec|m|min|h)$/.exec(text.trim()) ?? [];
  if (amount === undefined || unit === undefined) return text;
  return new Date(Date.now() + Number(amount) * (UNITS[unit] ?? 0)).toISOString();
}

function parseJson(text: string, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw new DoctorError('INPUT_INVALID', `${where} must be a JSON object`);
}

async function readRequest(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DoctorError('INPUT_INVALID', `--file: ${reason}`, { cause: error });
  }
}

async function requestOf({ at, host, parallel, action, workflow, metadata, file }: RequestOptions) {
  const base = file === undefined ? {} : parseJson(await readRequest(file), file);
  if (parallel !== undefined && !/^[1-9]\d*$/.test(parallel))
    throw new DoctorError('INPUT_INVALID', `--parallel must be a positive number, found ${parallel}`);
  return {
    ...base,
    maintenance_at: moment((base['maintenance_at'] as string | undefined) ?? at ?? '1 min'),
    workflow: (base['workflow'] as string | undefined) ?? workflow ?? 'default',
    ...(host ? { hosts: host } : {}),
    ...(parallel === undefined ? {} : { max_parallel_hosts: Number(parallel) }),
    ...(action ? { actions: action } : {}),
    ...(metadata === undefined ? {} : { metadata: parseJson(metadata, '--metadata') }),
  };
}
