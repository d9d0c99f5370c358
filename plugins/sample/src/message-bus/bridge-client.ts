import { createInterface } from 'node:readline';
import { type Clock, DoctorError, type Logger, type Notification } from '@nfv-doctor/core/plugin-api';
import { Pool } from 'undici';
import type { MessageBusConfig } from './config.js';
import type { JournalLine } from './journal.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5000;

interface Listener {
  received(notification: Notification): void;
  reconnected(): void;
}

/** Joins another process' bus and stays joined. */
export class BridgeClient {
  readonly #pool: Pool;
  readonly #end = new AbortController();
  readonly #headers: Record<string, string>;
  #position: { epoch: string; sequence: number } | undefined;
  #running: Promise<void> | undefined;
  connected = false;

  constructor(
    readonly config: MessageBusConfig,
    readonly clock: Clock,
    readonly log: Logger,
    readonly listener: Listener,
  ) {
    this.#pool = new Pool(new URL(config.connect).origin, { connections: 8 });
    this.#headers = config.token ? { 'x-auth-token': config.token } : {};
  }

  /** Resolves when joined; throws BACKEND_UNREACHABLE when that takes longer than `connect_timeout`. */
  async start(signal: AbortSignal): Promise<void> {
    let lastError: unknown;
    const { promise, resolve, reject } = withResolvers();
    const abort = () => reject(signal.reason);
    const timer = this.clock.setTimeout(
      () => reject(this.#unreachable(lastError)),
      this.config.connect_timeout,
    );
    signal.addEventListener('abort', abort, { once: true });
    this.#running = this.#stayJoined(resolve, (error) => {
      lastError = error;
      // a refused token does not become a right one
      if (DoctorError.is(error) && !error.retryable) reject(error);
    });
    try {
      await promise;
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    }
  }

  async publish(notification: Notification, signal?: AbortSignal): Promise<void> {
    const path = '/notifications';
    try {
      const answer = await this.#pool.request({
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', ...this.#headers },
        body: JSON.stringify(notification),
        headersTimeout: this.config.request_timeout,
        signal: signal ?? null,
      });
      const text = await answer.body.text();
      if (answer.statusCode === 202) return;
      throw this.#refused(answer.statusCode, text);
    } catch (error) {
      signal?.throwIfAborted();
      throw DoctorError.is(error) ? error : this.#unreachable(error);
    }
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#pool.destroy();
    await this.#running;
  }

  async #stayJoined(joined: () => void, failed: (error: unknown) => void): Promise<void> {
    const { signal } = this.#end;
    let pause = FIRST_PAUSE_MS;
    let first = true;
    while (!signal.aborted) {
      try {
        await this.#read(() => {
          pause = FIRST_PAUSE_MS;
          this.connected = true;
          if (first) joined();
          else this.listener.reconnected();
          first = false;
        });
      } catch (error) {
        failed(error);
        if (!signal.aborted)
          this.log.debug({ event: 'bus.connection_lost', url: this.config.connect, err: error });
      }
      this.connected = false;
      // jitter: joined processes must not all come back in the same moment
      await this.clock.sleep(pause * (0.5 + Math.random() / 2), signal).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  async #read(joined: () => void): Promise<void> {
    const position = this.#position;
    const query = position ? `?after=${position.sequence}&epoch=${position.epoch}` : '';
    const answer = await this.#pool.request({
      method: 'GET',
      path: `/notifications${query}`,
      headers: this.#headers,
      bodyTimeout: this.config.heartbeat * 3,
      headersTimeout: this.config.request_timeout,
      signal: this.#end.signal,
    });
    if (answer.statusCode !== 200) throw this.#refused(answer.statusCode, await answer.body.text());
    // readline leaves a broken stream's error unhandled and just ends: keep it
    let broken: unknown;
    answer.body.on('error', (error) => {
      broken = error;
    });
    for await (const line of createInterface({ input: answer.body })) this.#line(line, joined);
    if (broken) throw broken;
  }

  #line(line: string, joined: () => void): void {
    if (line === '') return;
    const parsed = JSON.parse(line) as JournalLine | { epoch: string; sequence: number };
    if ('epoch' in parsed) {
      this.#position = parsed;
      return joined();
    }
    if (this.#position) this.#position.sequence = parsed.sequence;
    this.listener.received(parsed.notification);
  }

  #unreachable(cause: unknown): DoctorError {
    const message = cause instanceof Error ? cause.message : 'no answer';
    return new DoctorError(
      'BACKEND_UNREACHABLE',
      `the message bus at ${this.config.connect} does not answer: ${message}`,
      {
        cause,
        retryable: true,
      },
    );
  }

  #refused(status: number, text: string): DoctorError {
    const retryable = status >= 500 || status === 429;
    const advice = status === 401 ? '; check message_bus.token' : '';
    return new DoctorError(
      status === 401 ? 'UNAUTHORIZED' : 'BACKEND_ERROR',
      `the message bus at ${this.config.connect} answered ${status}${advice}: ${text.slice(0, 200)}`,
      { retryable },
    );
  }
}

function withResolvers() {
  let resolve: () => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}
