import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import test from 'ava';
import { startTestBed } from '../cloud.test.helper.js';
import type { EmbeddedHost } from '../cloud.js';

type Address = EmbeddedHost['addresses'][number];

/** Whether the UDP port echoes within the time. */
function udpAnswers({ address, port }: Address, timeoutMs: number): Promise<boolean | 'error'> {
  const socket = createSocket('udp4');
  return new Promise<boolean | 'error'>((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    const end = (answer: boolean | 'error'): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    socket.on('message', (message) => end(message.toString() === 'ping'));
    socket.on('error', () => end('error'));
    socket.connect(port, address, () => socket.send('ping'));
  }).finally(() => socket.close());
}

/** Whether a new TCP connection can be made within the time, or is refused. */
function tcpConnects({ address, port }: Address, timeoutMs: number): Promise<boolean | 'refused'> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    const end = (answer: boolean | 'refused'): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    socket.on('connect', () => end(true));
    socket.on('error', () => end('refused'));
  });
}

/** Whether an open connection echoes within the time. */
function tcpAnswers(socket: Socket, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    socket.once('data', () => {
      clearTimeout(timer);
      resolve(true);
    });
    socket.write('ping');
  });
}

test('a cut host is silent on every probe, the others answer on, and it comes back', async (t) => {
  const { cloud } = await startTestBed(t, { network: 'loopback' });
  const [first, second] = cloud.hosts.map((host) => host.addresses[0]) as [Address, Address];
  t.not(first.address, second.address);
  t.regex(first.address, /^127\./);
  const open = connect(first.port, first.address);
  t.teardown(() => open.destroy());
  t.true(await tcpAnswers(open, 5000));
  t.true(await udpAnswers(first, 5000));

  await cloud.cutNetwork('compute-1');
  t.is(await udpAnswers(first, 150), false, 'silence, no ICMP error');
  for (let tries = 0; tries < 20; tries += 1) {
    t.is(await tcpConnects(first, 20), false, 'neither accepted nor refused');
  }
  let ended = false;
  open.on('close', () => {
    ended = true;
  });
  t.false(await tcpAnswers(open, 150));
  t.false(ended, 'an open connection hangs, as on a dead link');
  t.true(await udpAnswers(second, 5000));
  t.true(await tcpConnects(second, 5000));

  await cloud.restoreNetwork('compute-1');
  t.true(await udpAnswers(first, 5000));
  t.true(await tcpConnects(first, 5000));
  t.true(await tcpAnswers(open, 5000), 'what was sent meanwhile arrives, as by retransmission');
});

test('two clouds side by side have addresses of their own', async (t) => {
  const [one, other] = [
    await startTestBed(t, { network: 'loopback' }),
    await startTestBed(t, { network: 'loopback' }),
  ];
  const all = [...one.cloud.hosts, ...other.cloud.hosts].flatMap((host) =>
    host.addresses.map((each) => each.address),
  );
  t.is(new Set(all).size, 6);
});

test('an unknown host is named, with those there are', async (t) => {
  const { cloud } = await startTestBed(t);
  await t.throwsAsync(cloud.cutNetwork('moon'), {
    message: /no host moon; it has compute-1, compute-2, compute-3/,
  });
});
