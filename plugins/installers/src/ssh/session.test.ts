import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import anyTest from 'ava';
import { freePort, learn, makeKeyRing, missingSshd, session, startSshd } from './sshd.test.helper.js';

const missing = missingSshd();
if (missing !== undefined) anyTest(`skipped: ${missing}`, (t) => t.pass());
const test = missing === undefined ? anyTest.serial : anyTest.skip;

test('a command runs with its input, and its output comes back byte for byte', async (t) => {
  const ring = await makeKeyRing(t);
  const { target } = await startSshd(t, ring);
  const ssh = session(t, ring, target);
  const input = Buffer.from([0, 1, 2, 255, 10, 13, 39]);
  const { stdout, code } = await ssh.execute('cat', { input });
  t.is(code, 0);
  t.deepEqual(stdout, input);
  t.is(await ssh.exec(`printf %s "it's \\$HOME"`), "it's $HOME");
});

test('commands share one connection and are bounded', async (t) => {
  const ring = await makeKeyRing(t);
  const { target } = await startSshd(t, ring, { config: ['MaxSessions 6'] });
  const ssh = session(t, ring, target);
  const ports = await Promise.all(Array.from({ length: 20 }, () => ssh.exec('echo "$SSH_CLIENT"')));
  t.is(new Set(ports).size, 1);
});

test('a command that fails says its last line and exit code', async (t) => {
  const ring = await makeKeyRing(t);
  const { target } = await startSshd(t, ring);
  const ssh = session(t, ring, target);
  await t.throwsAsync(ssh.exec('echo noise >&2; echo "no such unit" >&2; exit 5'), {
    code: 'BACKEND_ERROR',
    message: /^sshd-\d+: echo noise .*: exit code 5: no such unit$/,
  });
});

test('a command that hangs is given up, also when asked to; the connection goes on', async (t) => {
  const ring = await makeKeyRing(t);
  const { target } = await startSshd(t, ring);
  const ssh = session(t, ring, target);
  await ssh.connect();
  await t.throwsAsync(ssh.exec('sleep 60', { timeoutMs: 300 }), {
    code: 'TIMEOUT',
    message: /sleep 60: stopped after 300 ms/,
  });
  const stop = new AbortController();
  const hanging = ssh.exec('sleep 60', { signal: stop.signal });
  stop.abort(new Error('enough'));
  await t.throwsAsync(hanging, { message: 'enough' });
  t.is(await ssh.exec('echo on'), 'on\n');
});

test('a connection that was lost is made again', async (t) => {
  const ring = await makeKeyRing(t);
  const first = await startSshd(t, ring);
  const ssh = session(t, ring, first.target);
  await ssh.connect();
  const lost = new Promise<void>((resolve) => ssh.onLost(resolve));
  await first.stop();
  await lost;
  const second = await startSshd(t, ring, { port: first.port, known: false });
  await writeFile(ring.knownHosts, '');
  await learn(ring, second.address, second.port, second.hostKey);
  t.is(await ssh.exec('echo back'), 'back\n');
});

test('one line for each way in which a machine cannot be reached', async (t) => {
  const ring = await makeKeyRing(t);
  const good = await startSshd(t, ring);
  const unknown = await startSshd(t, ring, { known: false });
  const changed = await startSshd(t, ring, { known: false });
  await learn(ring, changed.address, changed.port, good.hostKey);
  const denied = await startSshd(t, ring, { authorized: false });
  const closedPort = await freePort();
  // takes the connection and never says a word
  const mute = createServer(() => {}).listen(0, '127.0.0.1');
  t.teardown(() => mute.close());
  await new Promise((resolve) => mute.once('listening', resolve));
  const { port: mutePort } = mute.address() as { port: number };
  const broken = join(ring.folder, 'broken');
  await writeFile(broken, 'this is no key\n', { mode: 0o600 });
  const { target } = good;
  const cases = [
    ['not_installed', 'CONFIG_INVALID', target, { program: '/nowhere/ssh' }, /nowhere\/ssh is not installed/],
    ['host_key_unknown', 'BACKEND_ERROR', unknown.target, {}, /host key is not known/],
    [
      'host_key_changed',
      'BACKEND_ERROR',
      changed.target,
      {},
      /not the one in known_hosts.*ssh-keygen -R 127/,
    ],
    ['permission_denied', 'BACKEND_ERROR', denied.target, {}, /takes none of our keys/],
    ['key_file', 'CONFIG_INVALID', { ...target, keyFile: broken }, {}, /key file cannot be used/],
    ['unreachable', 'BACKEND_UNREACHABLE', { ...target, port: closedPort }, {}, /cannot be reached/],
    [
      'name_unknown',
      'BACKEND_UNREACHABLE',
      { ...target, address: 'nowhere.invalid' },
      {},
      /cannot be resolved/,
    ],
    ['timeout', 'BACKEND_UNREACHABLE', { ...target, port: mutePort }, { connectTimeoutMs: 1_000 }, /in time/],
  ] as const;
  for (const [reason, code, where, settings, message] of cases) {
    const error = await t.throwsAsync(session(t, ring, where, settings).connect(), { code, message }, reason);
    t.like(error, { details: { reason } }, reason);
    t.false(error?.message.includes('\n'), reason);
  }
  await t.throwsAsync(session(t, ring, { ...target, keyFile: '/nowhere/key' }).connect(), {
    code: 'CONFIG_INVALID',
    message: /key file \/nowhere\/key: ENOENT/,
  });
});

test('who asks to stop does not wait for a machine that says nothing', async (t) => {
  const ring = await makeKeyRing(t);
  const mute = createServer(() => {}).listen(0, '127.0.0.1');
  t.teardown(() => mute.close());
  await new Promise((resolve) => mute.once('listening', resolve));
  const { port } = mute.address() as { port: number };
  const target = { name: 'mute', address: '127.0.0.1', port, user: 'nobody' };
  const ssh = session(t, ring, target, { connectTimeoutMs: 60_000 });
  const stop = new AbortController();
  const connected = new Promise((resolve) => mute.once('connection', resolve));
  const connecting = ssh.exec('true', { signal: stop.signal });
  await connected;
  stop.abort(new Error('enough'));
  await t.throwsAsync(connecting, { message: 'enough' });
});

test('host keys: accept-new remembers a new one and refuses a changed one; no takes any', async (t) => {
  const ring = await makeKeyRing(t);
  const first = await startSshd(t, ring, { known: false });
  await session(t, ring, first.target, { hostKeyChecking: 'accept-new' }).connect();
  await session(t, ring, first.target).connect();
  await first.stop();
  const second = await startSshd(t, ring, { port: first.port, known: false });
  await t.throwsAsync(session(t, ring, second.target, { hostKeyChecking: 'accept-new' }).connect(), {
    message: /not the one in known_hosts/,
  });
  const careless = session(t, ring, second.target, { hostKeyChecking: 'no' });
  t.is(await careless.exec('echo in'), 'in\n');
});

test('a machine behind a jump host is reached through its connection', async (t) => {
  const ring = await makeKeyRing(t);
  const jump = await startSshd(t, ring);
  const behind = await startSshd(t, ring);
  const first = session(t, ring, jump.target);
  await first.connect();
  const second = session(t, ring, { ...behind.target, proxyCommand: first.proxyCommand() });
  t.is(await second.exec('echo behind'), 'behind\n');
  await behind.stop();
  const again = session(t, ring, { ...behind.target, proxyCommand: first.proxyCommand() });
  await t.throwsAsync(again.connect(), {
    code: 'BACKEND_UNREACHABLE',
    message: /cannot be reached|was closed/,
  });
});

test('a user who is not root runs a command as root through sudo', async (t) => {
  const ring = await makeKeyRing(t);
  const programs = join(ring.folder, 'programs');
  await mkdir(programs);
  await writeFile(join(programs, 'id'), '#!/bin/sh\necho 1000\n', { mode: 0o755 });
  await writeFile(join(programs, 'sudo'), '#!/bin/sh\necho "sudo $1"; shift; exec "$@"\n', { mode: 0o755 });
  const { target } = await startSshd(t, ring, { programs });
  const ssh = session(t, ring, target);
  t.is(await ssh.exec("echo 'as root'", { root: true }), 'sudo -n\nas root\n');
});

test('close ends the connection and its processes', async (t) => {
  const ring = await makeKeyRing(t);
  const { target } = await startSshd(t, ring);
  const ssh = session(t, ring, target);
  const child = await ssh.open('cat');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await ssh.close();
  await ended;
  await t.throwsAsync(ssh.exec('true'), { code: 'ABORTED' });
});
