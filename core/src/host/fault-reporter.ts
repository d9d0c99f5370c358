import got, { type Got, RequestError, TimeoutError } from 'got';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
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

/**
 * Hands a monitor's events to the inspector: over HTTP where the inspector has an endpoint, else directly.
 * Each host has a line of its own, so that a slow answer about one never delays another; a newer event about the
 * same thing supersedes one that waits.
 */
export function createFaultReporter(options: FaultReporterOptions): FaultReporter & { close(): void } {
  const waiting = new Map<string, AbortController>();
  const closed = new AbortController();
  const agents = {
    http: new HttpAgent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true }),
  };
  const client = got.extend({ agent: agents, retry: { limit: 0 }, timeout: { request: options.timeoutMs } });

  return {
    async report(event, signal) {
      const topic = topicOf(event);
      waiting.get(topic)?.abort(SUPERSEDED);
      const mine = new AbortController();
      waiting.set(topic, mine);
      const ends = AbortSignal.any([mine.signal, closed.signal, ...(signal ? [signal] : [])]);
      try {
        await untilTaken(() => send(client, options, event, ends), options, event, ends);
      } catch (error) {
        if (mine.signal.aborted && !signal?.aborted && !closed.signal.aborted) return;
        throw error;
      } finally {
        if (waiting.get(topic) === mine) waiting.delete(topic);
      }
    },
    close() {
      closed.abort(new DoctorError('ABORTED', 'Doctor stops'));
      agents.http.destroy();
      agents.https.destroy();
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

async function send(
  client: Got,
  options: FaultReporterOptions,
  event: FaultEvent,
  signal: AbortSignal,
): Promise<void> {
  const inspector = options.remoteUrl === '' ? options.inspector() : undefined;
  const base = options.remoteUrl || inspector?.endpoint?.href;
  if (base !== undefined) return put(client, eventsUrl(base), event, options.token, signal);
  if (!inspector)
    throw new DoctorError(
      'BACKEND_UNREACHABLE',
      'there is no inspector in this process and inspector.remote_url is not set',
    );
  await inspector.report([event], signal);
}

const eventsUrl = (base: string) => `${base.replace(/\/+$/, '')}/events`;

async function put(
  client: Got,
  url: string,
  event: FaultEvent,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
  let status: number;
  let text: string;
  try {
    const answer = await client.put(url, { json: [event], headers, throwHttpErrors: false, signal });
    status = answer.statusCode;
    text = answer.body;
  } catch (error) {
    throw unreachable(url, error);
  }
  if (status < 300) return;
  throw new DoctorError(
    'BACKEND_ERROR',
    `the inspector at ${url} answered ${status}: ${text.slice(0, 200)}`,
    {
      details: { status },
      retryable: status === 408 || status === 429 || status >= 500,
    },
  );
}

function unreachable(url: string, error: unknown): DoctorError {
  const reason =
    error instanceof TimeoutError
      ? 'no answer in time'
      : error instanceof RequestError
        ? error.code
        : String(error);
  return new DoctorError('BACKEND_UNREACHABLE', `the inspector at ${url} cannot be reached (${reason})`, {
    cause: error,
    retryable: true,
  });
}
