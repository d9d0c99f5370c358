import { connect } from 'node:net';
import type { Broker } from './transport-url.js';

/** `AMQP` 0-9-1, the first bytes of every client. */
const HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);
/** A method frame on channel 0: Connection.Start. */
const START = Buffer.from([1, 0, 0]);

/**
 * Whether what listens there speaks AMQP: the client library takes any peer's first bytes for a frame and its length, and
 * a web server in that place would end the process.
 * @returns what answered instead, in text; undefined when it is a broker, nobody answers or the connection is encrypted
 */
export async function foreignAnswer(broker: Broker, timeoutMs: number): Promise<string | undefined> {
  if (broker.tls) return undefined;
  const answers = await Promise.all(
    broker.hosts.map(({ hostname, port }) => firstBytes(hostname, port, timeoutMs)),
  );
  const foreign = answers.find((bytes) => bytes && !isBroker(bytes));
  return foreign
    ?.toString('latin1')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 40);
}

const isBroker = (bytes: Buffer) =>
  bytes.subarray(0, START.length).equals(START) || bytes.subarray(0, 4).equals(HEADER.subarray(0, 4));

function firstBytes(host: string, port: number, timeoutMs: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (bytes?: Buffer) => {
      socket.destroy();
      resolve(bytes);
    };
    socket.setTimeout(timeoutMs, () => end());
    socket.on('connect', () => socket.write(HEADER));
    socket.on('data', (bytes) => end(bytes));
    socket.on('error', () => end());
    socket.on('close', () => end());
  });
}
