import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@nfv-doctor/core/plugin-api';
import { createTestContext } from '@nfv-doctor/core/testing';
import test, { type ExecutionContext } from 'ava';
import { type LocalConfig, LocalInstaller } from './local-installer.js';

const compute1 = { hostname: 'compute-1', address: '192.0.2.1', port: 22 };

/** A "link" is a file: there when it is cut. */
async function setUp(t: ExecutionContext, change: Partial<LocalConfig> = {}) {
  const context = await createTestContext();
  const folder = await mkdtemp(join(tmpdir(), 'doctor-installer-'));
  const link = join(folder, 'cut');
  const config: LocalConfig = {
    hosts: [compute1],
    hosts_file: '',
    cut_command: `echo "$DOCTOR_HOST $DOCTOR_ADDRESS $DOCTOR_DURATION_S" > ${link}`,
    restore_command: `rm -f ${link}`,
    command_timeout: 5_000,
    ...change,
  };
  const { clock, events, log } = context;
  const ctx = { config, role: 'installer' as const, type: 'local', log, defer: () => {} };
  const installer = new LocalInstaller(ctx, {
    clock,
    events,
    run: { runId: 'r', seed: 1, configFolder: folder },
  });
  t.teardown(async () => {
    await installer.stop().catch(() => {});
    await context.close();
    await rm(folder, { recursive: true });
  });
  return { installer, context, folder, link };
}

test('hosts come from the configuration', async (t) => {
  const { installer } = await setUp(t);
  await installer.start();
  t.deepEqual(await installer.hosts(), [
    { hostname: 'compute-1', addresses: [{ plane: 'management', address: '192.0.2.1', port: 22 }] },
  ]);
});

test('hosts come from a file beside the configuration, planes included', async (t) => {
  const { installer, folder } = await setUp(t, { hosts_file: 'hosts.yaml' });
  await writeFile(
    join(folder, 'hosts.yaml'),
    'hosts:\n  - hostname: compute-9\n    addresses: [{plane: storage, address: 192.0.2.9}]\n',
  );
  await installer.start();
  t.deepEqual(await installer.hosts(), [
    { hostname: 'compute-9', addresses: [{ plane: 'storage', address: '192.0.2.9' }] },
  ]);
});

for (const [what, hosts, message] of [
  ['no name', [{ address: '192.0.2.1' }], /installer\.hosts\[0\]\.hostname: /],
  ['no address', [{ hostname: 'a' }], /installer\.hosts\[0\]: a needs an address/],
  ['the same twice', [compute1, compute1], /installer\.hosts\[1\]\.hostname: compute-1 is listed twice/],
  ['a port that is none', [{ ...compute1, port: 0 }], /installer\.hosts\[0\]\.port: /],
] as const)
  test(`a host that is wrong is named: ${what}`, async (t) => {
    const { installer } = await setUp(t, { hosts });
    await t.throwsAsync(installer.start(), { code: 'CONFIG_INVALID', message });
  });

test('a file that is not there is named', async (t) => {
  const { installer } = await setUp(t, { hosts_file: 'nowhere.yaml' });
  await t.throwsAsync(installer.start(), {
    code: 'CONFIG_FILE',
    message: /installer\.hosts_file: .*nowhere\.yaml: ENOENT/,
  });
});

test('the commands get the host, and both ends are told', async (t) => {
  const { installer, context, link } = await setUp(t);
  await installer.start();
  const before = context.clock.monotonic();
  const cut = await installer.cutNetwork('compute-1', 60_000);
  t.is(await readFile(link, 'utf8'), 'compute-1 192.0.2.1 60\n');
  t.true(cut.cutAt >= before && cut.cutAt <= context.clock.monotonic());
  await cut.restore();
  await cut.restore();
  t.false(existsSync(link));
  t.deepEqual(
    context.recorded.map(({ name }) => name),
    ['network.cut', 'network.restored'],
  );
});

test('a command that tells the moment is believed to the millisecond', async (t) => {
  const { installer } = await setUp(t, { cut_command: 'echo "{\\"at_ms\\": $(date +%s%3N)}"' });
  await installer.start();
  const cut = await installer.cutNetwork('compute-1', 60_000);
  t.is(cut.toleranceMs, 1);
});

test('the network comes back by itself after the duration', async (t) => {
  const { installer, context, folder } = await setUp(t);
  const trace = join(folder, 'trace');
  Object.assign(installer.ctx.config, {
    cut_command: `echo cut >> ${trace}`,
    restore_command: `echo restored >> ${trace}`,
  });
  await installer.start();
  await installer.cutNetwork('compute-1', 300);
  // both are in the trace: a loaded machine may be back before anybody looks
  await until(async () => (await readFile(trace, 'utf8')) === 'cut\nrestored\n', {
    clock: context.clock,
    what: 'the link to be back',
    timeoutMs: 10_000,
  });
  t.pass();
});

test('stop brings back what is cut', async (t) => {
  const { installer, link } = await setUp(t);
  await installer.start();
  await installer.cutNetwork('compute-1', 60_000);
  await installer.stop();
  t.false(existsSync(link));
});

test('a cut that fails half way is restored, and the reason told', async (t) => {
  const { installer, link } = await setUp(t);
  const { ctx } = installer;
  Object.assign(ctx.config, { cut_command: `touch ${link}; echo "no such link" >&2; exit 3` });
  await installer.start();
  await t.throwsAsync(installer.cutNetwork('compute-1', 60_000), {
    code: 'BACKEND_ERROR',
    message: /host compute-1: exit code 3: no such link/,
  });
  t.false(existsSync(link));
});

test('a command that hangs is stopped', async (t) => {
  const { installer } = await setUp(t, { cut_command: 'exec sleep 60', command_timeout: 200 });
  await installer.start();
  await t.throwsAsync(installer.cutNetwork('compute-1', 60_000), {
    code: 'BACKEND_ERROR',
    message: /stopped after 200 ms/,
  });
});

test('an unknown host, and commands that are not set, are refused', async (t) => {
  const { installer } = await setUp(t, { cut_command: '' });
  await installer.start();
  await t.throwsAsync(installer.cutNetwork('compute-7', 1_000), {
    code: 'NOT_FOUND',
    message: /there are: compute-1/,
  });
  await t.throwsAsync(installer.cutNetwork('compute-1', 1_000), {
    code: 'CONFIG_INVALID',
    message: /must be set/,
  });
});
