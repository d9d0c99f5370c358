import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
/** A command that takes longer than this hangs. */
const LIMIT_MS = 30_000;

/** A plugin whose roles do as the configuration says. */
const PLUGIN = `
const option = (format, value, more = {}) => ({ doc: 'for tests', format, default: value, ...more });
const role = (role, extra = () => ({})) => ({
  role, type: 'fake', doc: 'fake ' + role,
  config: {
    fail: option(String, ''), hang_stop: option(Boolean, false), reject_later: option(Boolean, false),
    password: option(String, '', { sensitive: true }),
  },
  create: (ctx) => ({
    async start() {
      if (ctx.config.fail) throw new Error(ctx.config.fail);
      this.timer = setInterval(() => {}, 1000);
      if (ctx.config.reject_later) setTimeout(() => Promise.reject(new Error('forgotten promise')), 10);
    },
    async stop() {
      if (ctx.config.hang_stop) await new Promise(() => {});
      clearInterval(this.timer);
    },
    health: () => ({ status: 'up', detail: '' }),
    ...extra(ctx),
  }),
});
const credentials = { authUrl: 'http://127.0.0.1:5000/v3', username: 'admin', password: "it's", projectName: 'admin',
  userDomainName: 'Default', projectDomainName: 'Default', regionName: 'RegionOne' };
export default {
  manifest: { name: 'fake', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [
    role('inspector', () => ({ endpoint: new URL('http://127.0.0.1:4711/') })),
    role('monitor'),
    role('installer', () => ({ credentials: async () => credentials, describeAccess: async () => ({ hosts: '3' }) })),
    { ...role('installer', () => ({ credentials: async () => undefined })), type: 'bare' },
  ],
};
`;

/** A folder with a configuration of fake roles. */
export function site(config = 'inspector: {type: fake}\n'): string {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-cli-'));
  const plugin = join(folder, 'node_modules', 'doctor-plugin-fake');
  mkdirSync(plugin, { recursive: true });
  const nfvDoctor = {
    apiVersion: '^1.0.0',
    provides: { inspector: ['fake'], monitor: ['fake'], installer: ['fake', 'bare'] },
  };
  const json = {
    name: 'doctor-plugin-fake',
    version: '0.1.0',
    type: 'module',
    keywords: ['nfv-doctor-plugin'],
    nfvDoctor,
    exports: './index.js',
  };
  writeFileSync(join(plugin, 'package.json'), JSON.stringify(json));
  writeFileSync(join(plugin, 'index.js'), PLUGIN);
  writeFileSync(join(folder, 'doctor.yaml'), config);
  return folder;
}

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/** A `doctor` process that runs. */
export interface Running {
  child: ChildProcess;
  /** Resolves when standard output or error has matched. */
  says(pattern: RegExp): Promise<void>;
  ended: Promise<Result>;
}

const noop = () => {};

/** So many processes run at a time: ava begins all tests of a file at once, and a small machine starves them. */
const MOST = 3;
let taken = 0;
const waiting: (() => void)[] = [];

async function takeSlot(): Promise<void> {
  if (taken >= MOST) await new Promise<void>((resolve) => waiting.push(resolve));
  else taken++;
}

function giveSlot(): void {
  const next = waiting.shift();
  if (next) next();
  else taken--;
}

/** Starts the real `doctor` with the site's configuration, when it is its turn. */
export async function start(
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Running> {
  await takeSlot();
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { PATH, DOCTOR_CONFIG: 'doctor.yaml', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let out = '';
  let err = '';
  let heard: () => void = noop;
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    heard();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
    heard();
  });
  const ended = new Promise<Result>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      giveSlot();
      resolve({ code, signal, out, err });
    });
  });
  const says = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      heard = () => pattern.test(out + err) && resolve();
      heard();
      void ended.then(() => reject(new Error(`ended without saying ${pattern}:\n${out}${err}`)));
    });
  return { child, says, ended };
}

export const doctor = async (
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> => (await start(folder, args, env)).ended;
