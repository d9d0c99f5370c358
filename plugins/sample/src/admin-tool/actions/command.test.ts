import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createTestContext, systemClock as clock } from '@nfv-doctor/core/testing';
import { createActions, parseActions } from './index.js';
import type { ActionInput } from './types.js';

async function action(t: ExecutionContext, definition: Record<string, unknown>) {
  const folder = await mkdtemp(join(tmpdir(), 'doctor-action-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const { log, close } = await createTestContext();
  await close();
  const actions = await createActions(parseActions({ it: definition }), {
    clock,
    log,
    folder: join(folder, 'done'),
    configFolder: folder,
  });
  const input: ActionInput = { sessionId: 's', phase: 'host', host: "c'1", key: 'the-key', metadata: {} };
  const plugin = actions.get('it');
  if (!plugin) throw new Error('no action');
  return {
    folder,
    input,
    run: (signal = AbortSignal.timeout(20_000), more: Partial<ActionInput> = {}) =>
      plugin.run({ ...input, ...more }, signal),
  };
}

test('a command runs once for each key, however often it is asked for', async (t) => {
  const { folder, run } = await action(t, {
    kind: 'command',
    command: 'sleep 0.2; echo "$DOCTOR_HOST $DOCTOR_PHASE" >> "$OUT"',
  });
  process.env['OUT'] = join(folder, 'out');
  await Promise.all([run(), run(), run()]);
  await run();
  t.is(await readFile(join(folder, 'out'), 'utf8'), "c'1 host\n");
  await run(undefined, { key: 'another', host: 'c2' });
  t.is(await readFile(join(folder, 'out'), 'utf8'), "c'1 host\nc2 host\n");
});

test('a command that fails says so with its output, also when asked again', async (t) => {
  const { run } = await action(t, { kind: 'command', command: 'echo no such firmware; exit 3' });
  for (let time = 0; time < 2; time++) await t.throwsAsync(run(), { message: /status 3: no such firmware/ });
});

test('a command that takes too long, or is aborted, is ended', async (t) => {
  const slow = await action(t, { kind: 'command', command: 'sleep 60; touch late', timeout: '300 ms' });
  await t.throwsAsync(slow.run(), { message: /did not end within 300 ms/ });
  const aborted = await action(t, { kind: 'command', command: 'sleep 60' });
  await t.throwsAsync(aborted.run(AbortSignal.timeout(300)), { any: true, name: 'TimeoutError' });
});

test('none does nothing for a while; a module does what it says', async (t) => {
  const { run } = await action(t, { kind: 'none', duration: '50 ms' });
  const before = performance.now();
  await run();
  t.true(performance.now() - before >= 45);
  const folder = await mkdtemp(join(tmpdir(), 'doctor-module-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'mine.mjs');
  await writeFile(
    file,
    'export default (options) => ({ run: async ({ host }) => { throw new Error(options.say + host); } });',
  );
  const mine = await action(t, { kind: 'module', module: file, options: { say: 'hello ' } });
  await t.throwsAsync(mine.run(), { message: "hello c'1" });
});

test('what is no action is told with its option', (t) => {
  t.throws(() => parseActions({ a: { kind: 'magic' } }), {
    message: /admin_tool.actions.a.kind must be one of command, none, module/,
  });
  t.throws(() => parseActions({ a: { kind: 'command' } }), { message: /admin_tool.actions.a.command/ });
  t.throws(() => parseActions({ a: { kind: 'command', command: 'x', phase: 'later' } }), {
    message: /admin_tool.actions.a.phase/,
  });
});
