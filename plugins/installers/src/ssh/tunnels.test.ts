import { createServer, type Server } from 'node:http';
import { until } from '@nfv-doctor/core/plugin-api';
import { createTestContext, systemClock } from '@nfv-doctor/core/testing';
import anyTest, { type ExecutionContext } from 'ava';
import { Tunnels } from './index.js';
import { freePort, makeKeyRing, missingSshd, session, startSshd } from './sshd.test.helper.js';

const missing = missingSshd();
if (missing !== undefined) anyTest(`skipped: ${missing}`, (t) => t.pass());
const test = missing === undefined ? anyTest.serial : anyTest.skip;

/** An HTTP server that says its name; its port. */
async function listening(t: ExecutionContext, name: string): Promise<number> {
  const server: Server = createServer((_request, response) => response.end(name)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  return (server.address() as { port: number }).port;
}

const get = (
  port: number, // a connection kept alive would outlive its tunnel
) => fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).then((answer) => answer.text());

async function setUp(t: ExecutionContext) {
  const ring = await makeKeyRing(t);
  const sshd = await startSshd(t, ring);
  const context = await createTestContext();
  t.teardown(() => context.close());
  const ssh = session(t, ring, sshd.target);
  const tunnels = new Tunnels(ssh, context);
  t.teardown(() => tunnels.close());
  return { ring, sshd, ssh, tunnels };
}

test('a remote port leads to a port here, a local one to a port there', async (t) => {
  const { ssh, tunnels } = await setUp(t);
  const port = await listening(t, 'consumer');
  const [remote, local] = [await freePort(), await freePort()];
  await tunnels.open({ direction: 'remote', listenPort: remote, port });
  await tunnels.open({ direction: 'local', listenPort: local, port });
  t.is(await get(remote), 'consumer');
  t.is(await get(local), 'consumer');
  await tunnels.close();
  await t.throwsAsync(get(remote));
  t.is(await ssh.exec('echo the connection stays'), 'the connection stays\n');
});

test('a port that is taken over there is told', async (t) => {
  const { tunnels } = await setUp(t);
  const port = await listening(t, 'taken');
  await t.throwsAsync(tunnels.open({ direction: 'remote', listenPort: port, port: 1 }), {
    code: 'CONFLICT',
    message: /refused the tunnel: the port is taken/,
  });
});

test('tunnels come back after a lost connection', async (t) => {
  const { ssh, tunnels } = await setUp(t);
  const port = await listening(t, 'back');
  const remote = await freePort();
  await tunnels.open({ direction: 'remote', listenPort: remote, port });
  const lost = new Promise<void>((resolve) => ssh.onLost(resolve));
  await ssh.reset();
  await lost;
  const found = await until(() => get(remote).catch(() => false as const), {
    clock: systemClock,
    what: 'the tunnel to be back',
    timeoutMs: 15_000,
  });
  t.is(found, 'back');
});
