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

interface Target {
  path: string;
  authorization: string | undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // a stray per cent sign stands for itself
    return text;
  }
}

function targetOf({ pathname, search, username, password }: URL): Target {
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return {
    path: pathname + search,
    authorization: username ? `Basic ${Buffer.from(credentials).toString('base64')}` : undefined,
  };
}

/** Connections to one consumer (scheme, host and port). */
export class Webhook {
  readonly #pool: Pool;
  /** Parsing a URL costs as much as sending a small request. */
  readonly #targets = new Map<string, Target>();

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
    const { path, authorization } = this.#target(delivery.url);
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'user-agent': 'doctor-notifier',
      'idempotency-key': delivery.id,
    };
    if (delivery.replayOf) headers['x-doctor-replay-of'] = delivery.replayOf;
    if (this.config.hmac_secret)
      headers[SIGNATURE_HEADER] = signBody(this.config.hmac_secret, body, this.clock.now());
    if (authorization) headers.authorization = authorization;
    try {
      const answer = await this.#pool.request({
        method: 'POST',
        path,
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

  #target(url: string): Target {
    let target = this.#targets.get(url);
    if (!target) {
      target = targetOf(new URL(url));
      if (this.#targets.size > 1000) this.#targets.clear();
      this.#targets.set(url, target);
    }
    return target;
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
