import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { CloudClock } from '../clock.js';
import type { FailurePlan, FailureRule } from '../faults/failures.js';
import { newRequestId } from '../ids.js';
import type { Token } from '../keystone/tokens.js';
import { ApiError } from './errors.js';

/** One request as the handlers of every service see it. */
export interface Call {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | string[] | undefined>>;
  readonly headers: FastifyRequest['headers'];
  /** Parsed JSON, or null when there was no body. */
  readonly body: unknown;
  readonly requestId: string;
  /** Minor part of Nova's microversion 2.x; 0 in other services. */
  readonly version: number;
  /** The caller. Handlers of routes without authentication must not read it. */
  readonly token: Token;
}

/** What a handler answers. */
export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

/** How a service differs from the others at the HTTP level. */
export interface ServiceProfile {
  /** Doctor's name of the service, first part of each operation's name. */
  name: 'keystone' | 'nova' | 'neutron' | 'glance' | 'placement';
  /** Renders an error body: an object is sent as JSON, a text as HTML. */
  renderError(error: ApiError): unknown;
  /** Reads the microversion, or throws an {@link ApiError}; absent where there is none. */
  readVersion?(headers: FastifyRequest['headers']): number;
  /** Headers of every reply. */
  headers?(requestId: string, version: number): Record<string, string>;
}

/** What all services share. */
export interface ServiceContext {
  clock: CloudClock;
  /** Latency in ms of the next call of this operation. */
  latency(operation: string): number;
  failures: FailurePlan;
  /** The valid token with this id, if any. */
  findToken(id: string): Token | undefined;
  /** Keystone's URL, for the `WWW-Authenticate` header. */
  identityUrl(): string;
  /** Tells of an error of ours (not of the caller). */
  onInternalError(service: string, error: unknown): void;
}

/** Raw bytes are kept as they are (Glance's image data). */
const BINARY = ['application/octet-stream'];

/** One OpenStack service on a loopback port of its own. */
export class Service {
  readonly #app: FastifyInstance;
  readonly #profile: ServiceProfile;
  readonly #context: ServiceContext;
  #url = '';

  constructor(profile: ServiceProfile, context: ServiceContext) {
    this.#profile = profile;
    this.#context = context;
    this.#app = Fastify({
      logger: false,
      forceCloseConnections: true,
      routerOptions: { ignoreTrailingSlash: true, maxParamLength: 512 },
      exposeHeadRoutes: false,
      bodyLimit: 64 * 1024 * 1024,
      keepAliveTimeout: 75_000,
    });
    this.#parsers();
    this.#app.setNotFoundHandler((request, reply) =>
      this.#serve(request, reply, 'unknown', false, notFoundHandler),
    );
  }

  /** `http://127.0.0.1:port`, known after {@link listen}. */
  get url(): string {
    return this.#url;
  }

  /** Adds an operation. `open` ones need no token. */
  route(method: string, path: string, operation: string, handler: Handler, open = false): void {
    const name = `${this.#profile.name}.${operation}`;
    this.#app.route({
      method,
      url: path,
      handler: (request, reply) => this.#serve(request, reply, name, !open, handler),
    });
  }

  /** Starts to listen on 127.0.0.1; port 0 takes a free one. */
  async listen(port: number): Promise<void> {
    await this.#app.listen({ host: '127.0.0.1', port });
    const address = this.#app.server.address();
    if (address === null || typeof address === 'string') throw new Error(`${this.#profile.name} has no port`);
    this.#url = `http://127.0.0.1:${address.port}`;
  }

  /** Closes the port and every open connection. */
  async close(): Promise<void> {
    await this.#app.close();
  }

  #parsers(): void {
    this.#app.removeAllContentTypeParsers();
    this.#app.addContentTypeParser(BINARY, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    this.#app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    // oxlint-disable-next-line promise/prefer-await-to-callbacks
    this.#app.setErrorHandler((error, request, reply) => {
      const status = (error as { statusCode?: number }).statusCode ?? 500;
      const message = error instanceof Error ? error.message : String(error);
      this.#refuse(reply, requestIdOf(request), 0, new ApiError(status, message));
    });
  }

  async #serve(
    request: FastifyRequest,
    reply: FastifyReply,
    operation: string,
    authenticated: boolean,
    handler: Handler,
  ): Promise<FastifyReply> {
    const requestId = requestIdOf(request);
    let version = 0;
    try {
      const failure = this.#context.failures.draw(operation);
      const latency = this.#context.latency(operation);
      if (latency > 0) await this.#sleep(latency);
      if (failure !== undefined && failure.when !== 'after') return this.#fail(reply, requestId, failure);
      version = this.#profile.readVersion?.(request.headers) ?? 0;
      const call = this.#call(request, requestId, version, authenticated);
      const pending = handler(call);
      const answer = pending instanceof Promise ? await pending : pending;
      if (failure !== undefined) return this.#fail(reply, requestId, failure);
      return this.#answer(reply, requestId, version, answer);
    } catch (error) {
      if (error instanceof ApiError) return this.#refuse(reply, requestId, version, error);
      this.#context.onInternalError(this.#profile.name, error);
      const message = 'Unexpected API Error of the embedded cloud; its log has the cause.';
      return this.#refuse(reply, requestId, version, new ApiError(500, message));
    }
  }

  #call(request: FastifyRequest, requestId: string, version: number, authenticated: boolean): Call {
    const id = request.headers['x-auth-token'];
    const token = typeof id === 'string' ? this.#context.findToken(id) : undefined;
    if (authenticated && token === undefined) {
      throw new ApiError(401, 'The request you have made requires authentication.', '', {
        'WWW-Authenticate': `Keystone uri="${this.#context.identityUrl()}"`,
      });
    }
    return {
      method: request.method,
      url: request.url,
      params: request.params as Record<string, string>,
      query: request.query as Call['query'],
      headers: request.headers,
      body: parseBody(request),
      requestId,
      version,
      token: token as Token,
    };
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#context.clock.setTimeout(resolve, ms));
  }

  #fail(reply: FastifyReply, requestId: string, failure: FailureRule): FastifyReply {
    if (failure.effect === 'drop') {
      reply.hijack();
      reply.raw.destroy();
      return reply;
    }
    // A hanging call is let go when the caller gives up or the cloud stops.
    if (failure.effect === 'hang') return reply.hijack();
    const text = 'The embedded cloud was told to fail this call.';
    return this.#refuse(reply, requestId, 0, new ApiError(failure.effect, text));
  }

  #answer(reply: FastifyReply, requestId: string, version: number, answer: Answer): FastifyReply {
    this.#head(reply, requestId, version, answer.headers);
    reply.code(answer.status ?? 200);
    if (Buffer.isBuffer(answer.body)) return reply.type('application/octet-stream').send(answer.body);
    reply.type('application/json');
    return reply.send(answer.body === undefined ? '' : JSON.stringify(answer.body));
  }

  #refuse(reply: FastifyReply, requestId: string, version: number, error: ApiError): FastifyReply {
    this.#head(reply, requestId, version, error.headers);
    const body = this.#profile.renderError(error);
    reply.code(error.status);
    if (typeof body === 'string') return reply.type('text/html; charset=UTF-8').send(body);
    return reply.type('application/json; charset=UTF-8').send(JSON.stringify(body));
  }

  #head(reply: FastifyReply, requestId: string, version: number, extra?: Record<string, string>): void {
    reply.header('x-openstack-request-id', requestId);
    const headers = this.#profile.headers?.(requestId, version);
    if (headers !== undefined) reply.headers(headers);
    if (extra !== undefined) reply.headers(extra);
  }
}

function requestIdOf(_request: FastifyRequest): string {
  return newRequestId();
}

function parseBody(request: FastifyRequest): unknown {
  const raw = request.body;
  if (raw === undefined || raw === null || raw === '') return null;
  if (Buffer.isBuffer(raw) || typeof raw !== 'string') return raw;
  try {
    return JSON.parse(raw);
  } catch {
    throw new ApiError(400, 'Malformed request body: it is not valid JSON.', 'MalformedRequestBody');
  }
}

function notFoundHandler(): never {
  throw new ApiError(404, 'The resource could not be found.', 'HTTPNotFound');
}
