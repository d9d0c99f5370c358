import { parentPort, workerData } from 'node:worker_threads';
import { Pool } from 'undici';

const { url, events, hosts, connections } = workerData as {
  url: string;
  events: number;
  hosts: number;
  connections: number;
};

const pool = new Pool(url, { connections, pipelining: 1 });
const latencies = new Float64Array(events);
const perSecond: number[] = [];
let done = 0;

/** Each connection has hosts of its own: down, then up, then the next host. */
async function connection(number: number): Promise<void> {
  const mine = events / connections;
  for (let index = 0; index < mine; index++) {
    const status = index % 2 === 0 ? 'down' : 'up';
    const hostname = `host-${(number + Math.floor(index / 2) * connections) % hosts}`;
    const details = { hostname, status, monitor: 'bench', monitor_event_id: `${number}-${index}` };
    const body = JSON.stringify([
      { time: new Date().toISOString(), type: `compute.host.${status}`, details },
    ]);
    const started = performance.now();
    const answer = await pool.request({
      method: 'PUT',
      path: '/events',
      body,
      headers: { 'content-type': 'application/json' },
    });
    const text = await answer.body.text();
    latencies[done++] = performance.now() - started;
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${text}`);
  }
}

// the first tenth warms up
let counted = -1;
const timer = setInterval(() => {
  if (counted >= 0) perSecond.push((done - counted) * 2);
  counted = done;
}, 500);
await Promise.all(Array.from({ length: connections }, (_, number) => connection(number)));
clearInterval(timer);
await pool.close();
parentPort!.postMessage({
  latencies: latencies.slice(Math.floor(done / 10), done),
  perSecond: perSecond.slice(1),
});
