import { type Clock, SIGNATURE_HEADER, signBody } from '@nfv-doctor/core/plugin-api';
import { errors, Pool } from 'undici';
import type { NotifierConfig } from '../config.js';

/** One notification on its way to its consumer. */
export interface Delivery {
  /** Idempotency key. */
  id: string;
  alarmId: string;
  url: string;
  /** Dropped while it waits in a long queue; the store has it. */
  body?: string | undefined;
  attempts: number;
  /** ms since the epoch. */
  createdAt: number;
  replayOf?: string | undefined;
}

/** What became of an attempt; `after`: the consumer asked for this pause, ms. */
export type Outcome =
  | { result: 'delivered' }
  | { result: 'retry'; message: string; after?: number }
  | { result: 'refused'; message: string };

/** Statuses that may pass: the consumer is busy, starting or behind a proxy that is. Other 4xx do not get better. */
const MAY_PASS = new Set([408, 409, 421, 423, 425, 429]);

/** Connections to one consumer (scheme, host and port). */
export class Webhook {
  readonly #pool: Pool;

  constructor(
    origin: string,
    readonly config: NotifierConfig,
    readonly clock: Clock,
  ) {
    this.#pool = new Pool(origin, {
      connections: config.concurrency,
      headersTimeout: config.delivery_timeout,
      bodyTimeout: config.delivery_timeout,
      connect: { timeout: config.delivery_timeout },
    });
  }

  async post(delivery: Delivery, body: string): Promise<Outcome> {
    const url = new URL(delivery.url);
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'user-agent': 'doctor-notifier',
      'idempotency-key': delivery.id,
    };
    if (delivery.replayOf) headers['x-doctor-replay-of'] = delivery.replayOf;
    if (this.config.hmac_secret)
      headers[SIGNATURE_HEADER] = signBody(this.config.hmac_secret, body, this.clock.now());
    if (url.username)
      headers.authorization = `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64')}`;
    try {
      const answer = await this.#pool.request({
        method: 'POST',
        path: url.pathname + url.search,
        headers,
        body,
      });
      // the status is the answer; the rest is read only to keep the connection
      answer.body.on('error', () => {});
      answer.body.dump({ limit: 65_536 }).catch(() => {});
      return outcomeOf(answer.statusCode, answer.headers['retry-after']);
    } catch (error) {
      return { result: 'retry', message: reasonOf(error, this.config.delivery_timeout) };
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

function outcomeOf(status: number, retryAfter: string | string[] | undefined): Outcome {
  if (status >= 200 && status < 300) return { result: 'delivered' };
  const message = `answered ${status}`;
  if (status < 500 && !MAY_PASS.has(status)) return { result: 'refused', message };
  const seconds = Number(retryAfter);
  return { result: 'retry', message, ...(seconds > 0 ? { after: seconds * 1000 } : {}) };
}

function reasonOf(error: unknown, timeout: number): string {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.ConnectTimeoutError)
    return `no answer within ${timeout} ms`;
  return error instanceof Error ? error.message || error.name : String(error);
}
