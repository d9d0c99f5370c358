import { Agent } from 'undici';
import type { Clock } from '../domain/clock.js';
import type { FaultEvent } from '../domain/fault.js';
import { DoctorError } from '../errors/index.js';
import type { Logger } from '../log/index.js';
import type { FaultReporter } from '../plugin-api/tokens.js';
import type { Inspector } from '../roles/inspector.js';

/** First and longest wait between two attempts, ms. */
const BACK_OFF = { first: 50, longest: 5000 };

export interface FaultReporterOptions {
  clock: Clock;
  log: Logger;
  /** The inspector in this process; looked up at each report, because it may start after the monitor was made. */
  inspector: () => Inspector | undefined;
  /** Base URL of an inspector elsewhere; empty: none. */
  remoteUrl: string;
  /** Token that the inspector asks for; empty: none. */
  token: string;
  /** Time for one attempt. */
  timeoutMs: number;
}

export interface OwnedFaultReporter extends FaultReporter {
  /**
   * Connects to the inspector ahead of the first report, which must be fast.
   * @throws DoctorError BACKEND_UNREACHABLE when the inspector elsewhere does not answer
   */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

/** Connections to the inspector at once: when a rack fails, its hosts are reported side by side. */
const CONNECTIONS = 32;

/**
 * Hands a monitor's events to the inspector: over HTTP where the inspector has an endpoint, else directly.
 * Each host has a line of its own, so that a slow answer about one never delays another; a newer event about the
 * same thing supersedes one that waits.
 */
export function createFaultReporter(options: FaultReporterOptions): OwnedFaultReporter {
  const waiting = new Map<string, AbortController>();
  const closed = new AbortController();
  // undici, because the first report of a process is the one that counts: got needs 8 ms more for it
  const agent = new Agent({ connections: CONNECTIONS, keepAliveTimeout: 60_000 });

  return {
    async report(event, signal) {
      const topic = topicOf(event);
      waiting.get(topic)?.abort(SUPERSEDED);
      const mine = new AbortController();
      waiting.set(topic, mine);
      const ends = AbortSignal.any([mine.signal, closed.signal, ...(signal ? [signal] : [])]);
      try {
        await untilTaken(() => send(agent, options, event, ends), options, event, ends);
      } catch (error) {
        if (mine.signal.aborted && !signal?.aborted && !closed.signal.aborted) return;
        throw error;
      } finally {
        if (waiting.get(topic) === mine) waiting.delete(topic);
      }
    },
    async warmUp() {
      const base = baseUrl(options);
      if (base === undefined) return;
      const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(options.timeoutMs)]);
      const { origin } = new URL(base);
      try {
        const { body } = await agent.request({ origin, path: '/health', method: 'GET', signal });
        await body.dump();
      } catch (error) {
        const reason = signal.aborted ? `no answer within ${options.timeoutMs} ms` : codeOf(error);
        throw new DoctorError(
          'BACKEND_UNREACHABLE',
          `the inspector at ${base} cannot be reached (${reason})`,
          { cause: error },
        );
      }
    },
    async close() {
      closed.abort(new DoctorError('ABORTED', 'Doctor stops'));
      await agent.destroy();
    },
  };
}

const SUPERSEDED = Symbol('superseded');

/** `compute.host.down` and `compute.host.up` of one host are about the same thing. */
const topicOf = ({ type, details }: FaultEvent) => `${type.replace(/\.(down|up)$/, '')} ${details.hostname}`;

async function untilTaken(
  attempt: () => Promise<void>,
  { clock, log }: FaultReporterOptions,
  event: FaultEvent,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (DoctorError.is(error) && !error.retryable) throw error;
      const { hostname } = event.details;
      log.warn(
        { event: 'report.failed', hostname, tries, err: error },
        'the inspector did not take a report',
      );
    }
    const longest = Math.min(BACK_OFF.longest, BACK_OFF.first * 2 ** Math.min(tries - 1, 20));
    await clock.sleep(longest * (0.5 + Math.random() / 2), signal);
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error);

/** Where the inspector takes reports over HTTP, if it does. */
const baseUrl = ({ remoteUrl, inspector }: FaultReporterOptions): string | undefined =>
  remoteUrl || inspector()?.endpoint?.href;

async function send(
  agent: Agent,
  options: FaultReporterOptions,
  event: FaultEvent,
  signal: AbortSignal,
): Promise<void> {
  const base = baseUrl(options);
  if (base !== undefined)
    return put(agent, new URL(`${base.replace(/\/+$/, '')}/events`), event, options, signal);
  const inspector = options.inspector();
  if (!inspector)
    throw new DoctorError(
      'BACKEND_UNREACHABLE',
      'there is no inspector in this process and inspector.remote_url is not set',
    );
  await inspector.report([event], signal);
}

async function put(
  agent: Agent,
  url: URL,
  event: FaultEvent,
  { token, timeoutMs }: FaultReporterOptions,
  signal: AbortSignal,
): Promise<void> {
  const inTime = AbortSignal.timeout(timeoutMs);
  let status: number;
  let text: string;
  try {
    const answer = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify([event]),
      signal: AbortSignal.any([signal, inTime]),
    });
    status = answer.statusCode;
    text = await answer.body.text();
  } catch (error) {
    const reason = inTime.aborted
      ? `no answer within ${timeoutMs} ms`
      : (error as NodeJS.ErrnoException).code;
    throw new DoctorError(
      'BACKEND_UNREACHABLE',
      `the inspector at ${url.href} cannot be reached (${reason})`,
      {
        cause: error,
        retryable: true,
      },
    );
  }
  if (status < 300) return;
  throw new DoctorError(
    'BACKEND_ERROR',
    `the inspector at ${url.href} answered ${status}: ${text.slice(0, 200)}`,
    {
      details: { status },
      retryable: status === 408 || status === 429 || status >= 500,
    },
  );
}
