import { setMaxListeners } from 'node:events';
import type { Clock } from '@nfv-doctor/core/plugin-api';
import { Pool } from 'undici';

export interface TlsOptions {
  /** PEM text of the certificate authority. */
  ca?: string | undefined;
  insecure: boolean;
}

export interface TransportOptions {
  maxConnections: number;
  connectTimeoutMs: number;
}

/** One request as it goes over the wire. */
export interface WireRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  origin: string;
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  /** For the answer to begin, and again for it to end. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

export interface WireResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** More than any list of a cloud; what is bigger is not the cloud's answer. */
const LARGEST_ANSWER = 256 * 1024 * 1024;

/** Kept-alive connections: a pool per service and origin, so that a slow service does not hold up another behind the same proxy. */
export class Transport {
  readonly #pools = new Map<string, Pool>();

  constructor(
    private readonly options: TransportOptions,
    private readonly clock: Clock,
  ) {}

  /** Sends once. Throws undici's error, or the signal's reason. */
  async send(service: string, tls: TlsOptions, request: WireRequest): Promise<WireResponse> {
    const { method, path, headers, body, timeoutMs, signal } = request;
    // one signal may end a thousand calls at once: Node's warning of a leak at eleven listeners is not meant for that
    if (signal) setMaxListeners(0, signal);
    const answer = await this.#pool(service, request.origin, tls).request({
      method,
      path,
      headers,
      body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(signal ? { signal } : {}),
    });
    // a service that drips bytes would keep undici's own time-out, which is one between two chunks, from ever ending the wait
    const deadline = this.clock.setTimeout(() => {
      answer.body.destroy(Object.assign(new Error('the answer did not end'), { code: 'BODY_DEADLINE' }));
    }, timeoutMs);
    try {
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
    } finally {
      deadline.cancel();
    }
  }

  #pool(service: string, origin: string, tls: TlsOptions): Pool {
    const key = `${service} ${origin}`;
    let pool = this.#pools.get(key);
    if (!pool) {
      pool = new Pool(origin, {
        connections: this.options.maxConnections,
        maxResponseSize: LARGEST_ANSWER,
        connect: {
          timeout: this.options.connectTimeoutMs,
          rejectUnauthorized: !tls.insecure,
          ...(tls.ca ? { ca: tls.ca } : {}),
        },
      });
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** Ends all connections; running requests fail. Idempotent. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }
}
