import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import anyTest, { type ExecutionContext } from 'ava';
import { makeKeyRing, missingSshd, session, startSshd } from '../ssh/sshd.test.helper.js';
import { restartService } from './index.js';

const missing = missingSshd();
if (missing !== undefined) anyTest(`skipped: ${missing}`, (t) => t.pass());
const test = missing === undefined ? anyTest.serial : anyTest.skip;

/** A node whose programs are shell scripts that write down what they were told. */
async function node(t: ExecutionContext, programs: Record<string, string>) {
  const ring = await makeKeyRing(t);
  const folder = join(ring.folder, 'programs');
  await mkdir(folder);
  const calls = join(ring.folder, 'calls');
  await writeFile(calls, '');
  const none = { systemctl: 'exit 1', docker: 'exit 1', podman: 'exit 1' };
  for (const [name, body] of Object.entries({ ...none, ...programs }))
    await writeFile(join(folder, name), `#!/bin/sh\necho "${name} $*" >> ${calls}\n${body}\n`, {
      mode: 0o755,
    });
  const { target } = await startSshd(t, ring, { programs: folder });
  const restart = (...names: string[]) => restartService(session(t, ring, target), names, 30_000);
  return { restart, calls: async () => (await readFile(calls, 'utf8')).trim().split('\n') };
}

test('a unit comes before a container, and the first name that is there is taken', async (t) => {
  const { restart, calls } = await node(t, {
    systemctl: '[ "$1" != cat ] || [ "$2" = nova-scheduler.service ]',
    docker: 'echo true',
  });
  t.is(await restart('openstack-nova-scheduler', 'nova-scheduler'), 'unit nova-scheduler');
  t.deepEqual(await calls(), [
    'systemctl cat openstack-nova-scheduler.service',
    'systemctl cat nova-scheduler.service',
    'systemctl restart nova-scheduler.service',
    'systemctl is-active --quiet nova-scheduler.service',
  ]);
});

test('podman comes before docker', async (t) => {
  const { restart } = await node(t, { podman: 'echo true', docker: 'echo true' });
  t.is(await restart('nova_scheduler'), 'podman nova_scheduler');
});

test('a node that has none of them says so', async (t) => {
  const { restart } = await node(t, {});
  t.is(await restart('a', 'b'), undefined);
});

test('a service that cannot be restarted is told with its own words', async (t) => {
  const { restart } = await node(t, {
    systemctl: '[ "$1" != restart ] || { echo "Job for a.service failed" >&2; exit 1; }',
  });
  await t.throwsAsync(restart('a'), {
    code: 'BACKEND_ERROR',
    message: /cannot restart a: Job for a\.service failed/,
  });
});

test('a service that does not come up is told', async (t) => {
  const { restart } = await node(t, { docker: 'echo false' });
  await t.throwsAsync(restart('a'), { code: 'BACKEND_ERROR', message: /container a does not come up/ });
});
