import { createSocket, type Socket } from 'node:dgram';

/** A thousand hosts in a process of their own: each echoes datagrams on a loopback address of its own. */
const count = Number(process.argv[2] ?? 1000);
const silent = new Set<number>();
const hosts: { address: string; port: number }[] = [];

for (let index = 0; index < count; index++) {
  const address = `127.77.${Math.floor(index / 250)}.${1 + (index % 250)}`;
  const socket: Socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    if (!silent.has(index)) socket.send(message, from.port, from.address, () => {});
  });
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  hosts.push({ address, port: socket.address().port });
}
process.on('message', ({ cut, restore }: { cut?: number; restore?: number }) => {
  if (cut !== undefined) silent.add(cut);
  if (restore !== undefined) silent.delete(restore);
  process.send!({ done: true });
});
process.on('disconnect', () => process.exit());
process.send!({ hosts });
