import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, statSync, utimesSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import anyTest, { type ExecutionContext } from 'ava';
import { inShell } from '../ssh/quote.js';
import { makeKeyRing, missingSshd, session, startSshd } from '../ssh/sshd.test.helper.js';
import { RemoteFiles } from './index.js';
import { readScript, restoreScript, writeScript } from './scripts.js';

const missing = missingSshd();
if (missing !== undefined) anyTest(`skipped: ${missing}`, (t) => t.pass());
const test = missing === undefined ? anyTest.serial : anyTest.skip;

const ORIGINAL = "[DEFAULT]\n# Kommentar: größer als 'zwei'\ncpu_allocation_ratio = 16.0\r\n\n";
const CHANGED = '[DEFAULT]\ncpu_allocation_ratio = 1.0\n';

async function makeFile(t: ExecutionContext) {
  const ring = await makeKeyRing(t);
  const folder = join(ring.folder, 'etc');
  await mkdir(folder);
  const path = join(folder, "nova's.conf");
  await writeFile(path, ORIGINAL);
  chmodSync(path, 0o640);
  utimesSync(path, 1_600_000_000, 1_600_000_000);
  return { ring, folder, path };
}

async function setUp(t: ExecutionContext) {
  const made = await makeFile(t);
  const { target } = await startSshd(t, made.ring);
  const ssh = session(t, made.ring, target);
  return { ...made, ssh, files: new RemoteFiles(ssh) };
}

const facts = (path: string) => {
  const { mode, uid, gid, mtimeMs } = statSync(path);
  return { mode, uid, gid, mtimeMs };
};

test('a file is changed with its mode and owner, and comes back byte for byte', async (t) => {
  const { files, path, folder } = await setUp(t);
  const before = facts(path);
  t.is(await files.original(path), ORIGINAL);
  await files.write(path, CHANGED);
  t.is(await readFile(path, 'utf8'), CHANGED);
  const { mode, uid, gid } = before;
  t.like(facts(path), { mode, uid, gid });
  t.is(await files.original(path), ORIGINAL, 'what is read is the original');
  await files.write(path, `${CHANGED}# again\n`);
  t.deepEqual(await files.restore([path]), [path]);
  t.is(await readFile(path, 'utf8'), ORIGINAL);
  t.deepEqual(facts(path), before);
  t.deepEqual(await files.restore([path]), [], 'a second time there is nothing to do');
  t.deepEqual(await readdir(folder), ["nova's.conf"]);
});

test('a file that was not there is gone afterwards', async (t) => {
  const { files, folder } = await setUp(t);
  const path = join(folder, 'event_definitions.yaml');
  t.is(await files.original(path), undefined);
  await files.write(path, 'new\n');
  t.is(await readFile(path, 'utf8'), 'new\n');
  t.is(statSync(path).mode & 0o777, 0o644);
  t.is(await files.original(path), undefined);
  t.deepEqual(await files.restore([path]), [path]);
  t.deepEqual(await readdir(folder), ["nova's.conf"]);
});

test('a link stays one', async (t) => {
  const { files, path, folder } = await setUp(t);
  const link = join(folder, 'link');
  await symlink(path, link);
  await files.write(link, CHANGED);
  t.true(lstatSync(link).isSymbolicLink());
  t.is(await readFile(path, 'utf8'), CHANGED);
  await files.restore([link]);
  t.is(await readFile(path, 'utf8'), ORIGINAL);
});

test('the first path that exists is found', async (t) => {
  const { files, path, folder } = await setUp(t);
  t.is(await files.find([join(folder, 'nowhere'), path]), path);
  t.is(await files.find([join(folder, 'nowhere')]), undefined);
  const made = join(folder, 'made');
  t.is(await files.place([join(folder, 'nowhere', 'made'), made]), made);
});

test('input that ends early changes nothing', async (t) => {
  const { files, path, ssh, folder } = await setUp(t);
  const { code, stderr } = await ssh.execute(writeScript(path, CHANGED.length), {
    input: CHANGED.slice(0, 9),
  });
  t.is(code, 4);
  t.regex(stderr, /connection broke/);
  t.is(await readFile(path, 'utf8'), ORIGINAL);
  t.deepEqual(await files.restore([path]), [path]);
  t.deepEqual(await readdir(folder), ["nova's.conf"]);
});

test('a process that is killed at any moment of a change leaves a file that can be put back', async (t) => {
  const { path, folder } = await makeFile(t);
  const before = facts(path);
  const write = writeScript(path, Buffer.byteLength(CHANGED));
  const seen = new Set<string>();
  const last = commandsOf(write, CHANGED);
  runHere(restoreScript([path]));
  for (let killedAt = 1; killedAt <= last + 1; killedAt++) {
    killedBefore(killedAt, write, CHANGED);
    seen.add(await readFile(path, 'utf8'));
    // the next process reads the original, may change it again, and puts it back
    t.is(runHere(readScript(path)), ORIGINAL);
    if (killedAt % 2 === 0) runHere(write, CHANGED);
    runHere(restoreScript([path]));
    t.is(await readFile(path, 'utf8'), ORIGINAL);
    t.deepEqual(facts(path), before);
    t.deepEqual(await readdir(folder), ["nova's.conf"]);
  }
  t.deepEqual(seen, new Set([ORIGINAL, CHANGED]), 'never a half one');
});

test('a process that is killed at any moment of a restore has lost nothing', async (t) => {
  const { path, folder } = await makeFile(t);
  const write = writeScript(path, Buffer.byteLength(CHANGED));
  runHere(write, CHANGED);
  const last = commandsOf(restoreScript([path]), '');
  const seen = new Set<string>();
  for (let killedAt = 1; killedAt <= last + 1; killedAt++) {
    runHere(write, CHANGED);
    killedBefore(killedAt, restoreScript([path]), '');
    seen.add(await readFile(path, 'utf8'));
    runHere(restoreScript([path]));
    t.is(await readFile(path, 'utf8'), ORIGINAL);
    t.deepEqual(await readdir(folder), ["nova's.conf"]);
  }
  t.deepEqual(seen, new Set([CHANGED, ORIGINAL]));
});

const runHere = (script: string, input = ''): string =>
  execFileSync('/bin/sh', ['-c', script], { input, encoding: 'utf8' });

const TRAP = (action: string) => `c=0; trap 'c=$((c+1)); ${action}' DEBUG; `;

/** How many commands the script runs. */
const commandsOf = (script: string, input: string): number => {
  const counted = `${TRAP(':')}trap 'echo "$c" >&2' EXIT; ${script}`;
  const { stderr } = spawnSync('bash', ['-c', counted], { input, encoding: 'utf8' });
  return Number(stderr.trim());
};

/** Runs the script as a node would, and kills its shell before the n-th command. */
const killedBefore = (n: number, script: string, input: string) =>
  spawnSync('bash', ['-c', `${TRAP(`[ $c -lt ${n} ] || kill -9 $$`)}${script}`], { input });

test('commands are quoted for the far shell', (t) => {
  t.is(inShell("echo 'a b'"), String.raw`exec /bin/sh -c 'echo '\''a b'\'''`);
});
