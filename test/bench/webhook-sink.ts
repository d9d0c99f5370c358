import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

/**
 * A consumer in a thread of its own, as cheap as node:http allows: notes when the webhook of each event came.
 * Messages: `url` when it listens; on `take` the arrivals as [message id, ms of process.hrtime].
 */
const MESSAGE_ID = /"message_id":"([^"]+)"/;
let arrivals: [string, number][] = [];

const server = createServer((request, response) => {
  const at = Number(process.hrtime.bigint()) / 1e6;
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    arrivals.push([MESSAGE_ID.exec(Buffer.concat(chunks).toString())?.[1] ?? '', at]);
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () =>
  parentPort?.postMessage(`http://127.0.0.1:${(server.address() as AddressInfo).port}/alarm`),
);
parentPort?.on('message', () => {
  parentPort?.postMessage(arrivals);
  arrivals = [];
});
