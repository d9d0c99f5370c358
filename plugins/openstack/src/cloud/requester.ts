import type { Clock, CloudRequest, CloudResponse, Logger } from '@nfv-doctor/core/plugin-api';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { type Failure, networkFailure, statusFailure, type Target } from './failure.js';
import { type Attempt, type RetryOptions, withRetries } from './retry.js';
import type { TlsOptions, Transport, WireRequest, WireResponse } from './transport.js';

export interface RequesterOptions extends RetryOptions {
  timeoutMs: number;
}

/** A request with its place: what is the same for each attempt. */
export interface Call {
  service: string;
  origin: string;
  /** With the query. */
  path: string;
  request: CloudRequest;
  headers: Record<string, string>;
  tls: TlsOptions;
  /** Statuses that are no failure, beside 2xx. */
  accept?: readonly number[];
  /** Takes secrets out of what a service said. */
  clean: (text: string) => string;
}

const IDEMPOTENT = new Set(['GET', 'PUT', 'DELETE']);

/** Sends requests, repeats those that may be, and turns what comes back into answers and DoctorErrors. */
export class Requester {
  constructor(
    private readonly transport: Transport,
    private readonly options: RequesterOptions,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  async send<T>(call: Call): Promise<CloudResponse<T>> {
    const { request, service } = call;
    const wire = this.#wire(call);
    const target: Target = { service, method: request.method, url: wire.origin + wire.path };
    return withRetries(() => this.#attempt<T>(call, wire, target), {
      ...this.options,
      idempotent: request.idempotent ?? IDEMPOTENT.has(request.method),
      clock: this.clock,
      signal: request.signal,
      onRetry: (failure, delayMs) => this.#logRetry(target, failure, delayMs),
    });
  }

  #wire({ origin, path, request, headers }: Call): WireRequest {
    const json = request.json !== undefined;
    return {
      method: request.method,
      origin,
      path,
      headers: json ? { 'content-type': 'application/json', ...headers } : headers,
      body: json ? JSON.stringify(request.json) : (request.body ?? null),
      timeoutMs: request.timeoutMs ?? this.options.timeoutMs,
      signal: request.signal,
    };
  }

  async #attempt<T>(call: Call, wire: WireRequest, target: Target): Promise<Attempt<CloudResponse<T>>> {
    wire.signal?.throwIfAborted();
    let answer: WireResponse;
    try {
      answer = await this.transport.send(call.service, call.tls, wire);
    } catch (error) {
      if (wire.signal?.aborted) throw wire.signal.reason;
      return { failure: networkFailure(target, error, wire.timeoutMs) };
    }
    const requestId = header(answer, 'x-openstack-request-id') ?? header(answer, 'x-compute-request-id');
    const success = answer.status >= 200 && answer.status < 300;
    if (!success && !call.accept?.includes(answer.status)) {
      const retryAfter = header(answer, 'retry-after');
      const said = { status: answer.status, text: answer.text, retryAfter, requestId };
      return { failure: statusFailure(target, said, this.clock.now(), call.clean) };
    }
    return {
      value: {
        status: answer.status,
        headers: answer.headers,
        body: parseBody(answer, target, requestId) as T,
        ...(requestId ? { requestId } : {}),
      },
    };
  }

  #logRetry(target: Target, failure: Failure, delayMs: number): void {
    this.log.warn(
      { event: 'cloud.retry', ...target, code: failure.error.code, delayMs: Math.round(delayMs) },
      failure.error.message,
    );
  }
}

export function header(answer: Pick<WireResponse, 'headers'>, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** JSON, or text when it says that it is other text. An empty answer is null. */
function parseBody(answer: WireResponse, target: Target, requestId: string | undefined): unknown {
  if (answer.text === '') return null;
  const type = header(answer, 'content-type') ?? 'application/json';
  if (!/json|html/i.test(type)) return answer.text;
  try {
    return JSON.parse(answer.text);
  } catch {
    throw new DoctorError(
      'CLOUD_ERROR',
      `${target.service}: ${target.method} ${target.url} answered ${answer.status} with ${
        /html/i.test(type) ? 'a web page' : 'broken JSON'
      }: is this the service's endpoint?`,
      { details: { ...target, status: answer.status, requestId } },
    );
  }
}
