import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const doctor = join(root, 'core/dist/cli/main.js');
const tools = join(root, 'node_modules/.bin');

/** A folder outside the repository whose packages find what npm install would have put there. */
async function workshop(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-author-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

const roles = await readdir(join(root, 'core/templates')).then((names) =>
  names.filter((name) => name !== 'common'),
);

interface Output {
  code: number;
  text: string;
}
const outputOf = (folder: string, program: string, ...args: string[]): Promise<Output> =>
  run(program, args, { cwd: folder, maxBuffer: 16 << 20 }).then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      text: error.stdout + error.stderr,
    }),
  );

test('there are templates', (t) => t.true(roles.includes('monitor') && roles.includes('inspector')));

for (const role of roles)
  test.serial(
    `a new ${role} builds, lints, passes the contract suite and all that plugins check looks at`,
    async (t) => {
      const folder = join(await workshop(t), 'link-watch');
      const made = await outputOf(
        root,
        process.execPath,
        doctor,
        'plugins',
        'new',
        'link-watch',
        '--role',
        role,
        '--folder',
        folder,
      );
      t.is(made.code, 0, made.text);
      const lint = await outputOf(
        folder,
        join(tools, 'oxlint'),
        '--deny-warnings',
        '--config',
        join(root, '.oxlintrc.json'),
      );
      t.is(lint.code, 0, lint.text);
      const format = await outputOf(
        root,
        join(tools, 'biome'),
        'format',
        '--vcs-enabled=false',
        join(folder, 'src'),
      );
      t.is(format.code, 0, format.text);
      const build = await outputOf(folder, join(tools, 'tsc'));
      t.is(build.code, 0, build.text);
      const checked = await outputOf(root, process.execPath, doctor, 'plugins', 'check', folder);
      t.is(checked.code, 0, checked.text);
      t.regex(checked.text, /its tests run \w+Contract/);
      t.regex(checked.text, /its own tests pass/);
      t.regex(checked.text, /starts within/);
    },
  );

test('what is wrong with a plugin is said in plain words', async (t) => {
  const folder = await workshop(t);
  const { code, text } = await outputOf(root, process.execPath, doctor, 'plugins', 'check', folder);
  t.is(code, 1);
  t.regex(text, /^wrong +there is no .*package\.json: a plugin is a package$/m);
});

for (const [name, args, says] of [
  ['a bad name', ['Link Watch', '--role', 'monitor'], /the name "Link Watch" must be/],
  ['an unknown role', ['x', '--role', 'monitr'], /no template for the role "monitr"; did you mean "monitor"/],
  ['no role', ['x'], /required option '-r, --role <role>' not specified/],
  ['a folder in use', ['x', '--role', 'monitor', '--folder', 'core'], /is there already and not empty/],
] as const)
  test(`plugins new with ${name} writes nothing`, async (t) => {
    const { code, text } = await outputOf(root, process.execPath, doctor, 'plugins', 'new', ...args);
    t.is(code, 2, text);
    t.regex(text, says);
  });
