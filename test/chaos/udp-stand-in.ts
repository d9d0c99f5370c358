import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';

/** Something that answers a UDP probe as a host does, until it is silenced. */
export interface StandIn {
  address: string;
  silence(): void;
  answer(): void;
}

export async function standIn(t: ExecutionContext): Promise<StandIn> {
  const socket = createSocket('udp4');
  let silent = false;
  socket.on('message', (message, { port, address }) => {
    if (!silent) socket.send(message, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return {
    address: `127.0.0.1:${socket.address().port}`,
    silence() {
      silent = true;
    },
    answer() {
      silent = false;
    },
  };
}
