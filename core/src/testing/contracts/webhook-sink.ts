import { systemClock } from '../../clock/system-clock.js';
import type { AlarmNotification } from '../../domain/alarm.js';
import { until } from '../../domain/until.js';
import { createHttpKit, type HttpServer } from '../../http/index.js';
import { silentLogger } from '../../log/index.js';

/** One webhook that arrived. */
export interface ReceivedWebhook {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: AlarmNotification;
  rawBody: string;
  /** Monotonic ms. */
  at: number;
}

/** A consumer that records what it gets: for tests of notifiers. */
export interface WebhookSink {
  readonly url: URL;
  readonly received: ReceivedWebhook[];
  /** What to answer with; default 204. */
  answer: (webhook: ReceivedWebhook) => number | Promise<number>;
  /** Waits until `count` have arrived. */
  wait(count: number, timeoutMs?: number): Promise<ReceivedWebhook[]>;
  close(): Promise<void>;
}

/** @param port default: a free one */
export async function createWebhookSink(port = 0): Promise<WebhookSink> {
  const server: HttpServer = createHttpKit({ clock: systemClock, log: silentLogger }).server({
    name: 'sink',
    port,
    rawBody: true,
  });
  const received: ReceivedWebhook[] = [];
  server.app.post('/*', async (request, reply) => {
    const webhook: ReceivedWebhook = {
      path: request.url,
      headers: request.headers,
      body: request.body as AlarmNotification,
      rawBody: request.rawBody ?? '',
      at: systemClock.monotonic(),
    };
    received.push(webhook);
    return reply.code(await sink.answer(webhook)).send();
  });
  const url = await server.listen();
  const sink: WebhookSink = {
    url,
    received,
    answer: () => 204,
    async wait(count, timeoutMs = 10_000) {
      await until(() => received.length >= count, {
        clock: systemClock,
        what: `${count} webhooks (${received.length} came)`,
        timeoutMs,
        intervalMs: 2,
      });
      return received;
    },
    close: () => server.close(),
  };
  return sink;
}
