import type {
  Clock,
  CloudCredentials,
  CloudRequest,
  CloudResponse,
  CloudSession,
  Health,
  Logger,
  ServiceType,
  TokenInfo,
} from '@nfv-doctor/core/plugin-api';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { abortable } from './abortable.js';
import { endpointUrl } from './catalog.js';
import { mergeCredentials, secretsOf } from './credentials/merge.js';
import { issueToken } from './issue-token.js';
import { type IssuedToken, identityUrl, type TokenBody, tokenInfo } from './keystone.js';
import { choose, type MicroversionRange, microversionHeaders, rangeOf } from './microversion.js';
import type { Requester } from './requester.js';
import { singleFlight } from './single-flight.js';
import { TokenCache } from './token-cache.js';
import { TokenValidator } from './token-validator.js';
import type { TlsOptions, Transport } from './transport.js';
import { type Endpoint, parseEndpoint, pathOf, versionPath } from './urls.js';

/** What the sessions of all users of one cloud share. */
export interface SharedSession {
  clock: Clock;
  log: Logger;
  transport: Transport;
  requester: Requester;
  tls: () => Promise<TlsOptions>;
  tokenRenewBeforeMs: number;
  validationCacheMs: number;
}

/** Sessions of other users that are kept, so that the same user does not authenticate again. */
const MOST_CHILDREN = 1_000;

/** See {@link CloudSession}. Talks to the cloud only when asked to: `start` asks for the first token. */
export class OpenstackSession implements CloudSession {
  readonly #tokens: TokenCache;
  readonly #validator: TokenValidator;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #ranges = new Map<string, () => Promise<MicroversionRange | undefined>>();
  readonly #children = new Map<string, OpenstackSession>();
  #credentials: CloudCredentials | undefined;
  #tls: TlsOptions | undefined;
  #trouble: string | undefined;

  /** @param credentials asked once, when they are first needed */
  constructor(
    private readonly shared: SharedSession,
    private readonly credentials: () => Promise<CloudCredentials>,
    private readonly isRoot = true,
  ) {
    this.#tokens = new TokenCache(() => this.#issue(), shared.clock, shared.tokenRenewBeforeMs);
    this.#validator = new TokenValidator(
      (token) => this.#inspect(token),
      shared.clock,
      shared.validationCacheMs,
    );
  }

  async start(signal: AbortSignal): Promise<void> {
    await abortable(this.#tokens.get(), signal);
  }

  async stop(): Promise<void> {
    this.#children.clear();
    if (this.isRoot) await this.shared.transport.close();
  }

  health(): Health {
    if (!this.#tokens.peek()) return { status: 'down', detail: this.#trouble ?? 'not authenticated yet' };
    return this.#trouble ? { status: 'degraded', detail: this.#trouble } : { status: 'up', detail: '' };
  }

  async request<T = unknown>(service: ServiceType, request: CloudRequest): Promise<CloudResponse<T>> {
    const endpoint = this.#endpoints.get(service) ?? (await this.#endpoint(service, request.signal));
    return this.#authorised<T>(service, endpoint, pathOf(endpoint, request.path, request.query), request);
  }

  async #authorised<T>(
    service: string,
    endpoint: Endpoint,
    path: string,
    request: CloudRequest,
    accept: readonly number[] = [],
  ): Promise<CloudResponse<T>> {
    const send = async (token: IssuedToken) =>
      this.shared.requester.send<T>({
        service,
        origin: endpoint.origin,
        path,
        request,
        headers: headersOf(service, request, token.value),
        tls: this.#tls ?? (await this.shared.tls()),
        accept,
        clean: (text) => this.#clean(text, token.value),
      });
    const token = await abortable(this.#tokens.get(), request.signal);
    try {
      const answer = await send(token);
      this.#trouble = undefined;
      return answer;
    } catch (error) {
      this.#note(error);
      // a refused token was not acted upon: sending again with another one does nothing twice
      if (!DoctorError.is(error) || error.code !== 'CLOUD_AUTH') throw error;
      this.#tokens.refuse(token.value);
      return send(await abortable(this.#tokens.get(), request.signal));
    }
  }

  async endpoint(service: ServiceType): Promise<URL> {
    return (await this.#endpoint(service)).url;
  }

  async #endpoint(service: string, signal?: AbortSignal): Promise<Endpoint> {
    const known = this.#endpoints.get(service);
    if (known) return known;
    const { catalog } = await abortable(this.#tokens.get(), signal);
    const endpoint = parseEndpoint(endpointUrl(service, catalog, await this.#own()));
    this.#endpoints.set(service, endpoint);
    return endpoint;
  }

  async negotiate(service: ServiceType, minimum: string, wanted: string): Promise<string> {
    const endpoint = await this.#endpoint(service);
    let range = this.#ranges.get(service);
    if (!range) {
      let known: MicroversionRange | undefined;
      const look = singleFlight(() => this.#range(service, endpoint));
      range = async () => (known ??= await look());
      this.#ranges.set(service, range);
    }
    return choose(service, endpoint.url.href, await range(), minimum, wanted);
  }

  async #range(service: string, endpoint: Endpoint): Promise<MicroversionRange | undefined> {
    const path = versionPath(endpoint);
    // a list of several versions comes with 300 Multiple Choices
    const answer = await this.#authorised(service, endpoint, path, { method: 'GET', path }, [300]);
    return rangeOf(answer.body);
  }

  as(credentials: Partial<CloudCredentials>): CloudSession {
    const key = JSON.stringify(Object.entries(credentials).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.#children.get(key);
    if (known) return known;
    const merged = async () => mergeCredentials(await this.#own(), credentials);
    const child = new OpenstackSession(this.shared, merged, false);
    const oldest = this.#children.keys().next().value;
    if (this.#children.size >= MOST_CHILDREN && oldest !== undefined) this.#children.delete(oldest);
    this.#children.set(key, child);
    return child;
  }

  async identity(): Promise<TokenInfo> {
    return (await this.#tokens.get()).info;
  }

  async token(): Promise<string> {
    return (await this.#tokens.get()).value;
  }

  validate(token: string): Promise<TokenInfo | undefined> {
    return this.#validator.validate(token);
  }

  describe(): { authUrl: string; region?: string; user?: string; project?: string } {
    const own = this.#credentials;
    const user =
      own?.username ?? own?.userId ?? own?.applicationCredentialName ?? own?.applicationCredentialId;
    const project = own?.projectName ?? own?.projectId;
    return {
      authUrl: own ? identityUrl(own.authUrl) : '',
      ...(own?.regionName ? { region: own.regionName } : {}),
      ...(user ? { user } : {}),
      ...(project ? { project } : {}),
    };
  }

  async #own(): Promise<CloudCredentials> {
    this.#credentials ??= await this.credentials();
    this.#tls ??= await this.shared.tls();
    return this.#credentials;
  }

  async #issue(): Promise<IssuedToken> {
    const own = await this.#own();
    try {
      return await issueToken(this.shared.requester, own, {
        tls: await this.shared.tls(),
        now: () => this.shared.clock.now(),
        clean: (text) => this.#clean(text),
      });
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  /** Asks Keystone about a token. */
  async #inspect(token: string): Promise<TokenInfo | undefined> {
    const { origin, basePath } = parseEndpoint(identityUrl((await this.#own()).authUrl));
    const path = `${basePath}/auth/tokens?nocatalog`;
    const endpoint = { ...parseEndpoint(origin), origin };
    const headers = { 'x-subject-token': token };
    const answer = await this.#authorised<TokenBody>(
      'identity',
      endpoint,
      path,
      { method: 'GET', path, headers },
      [404],
    );
    return answer.status === 404 || !answer.body?.token ? undefined : tokenInfo(answer.body.token);
  }

  #note(error: unknown): void {
    const outage = DoctorError.is(error) && /^CLOUD_(UNREACHABLE|TIMEOUT|ERROR|AUTH)$/.test(error.code);
    if (outage) this.#trouble = error.message;
  }

  #clean(text: string, token?: string): string {
    let result = text;
    for (const secret of [...secretsOf(this.#credentials), token])
      if (secret) result = result.replaceAll(secret, '***');
    return result;
  }
}

function headersOf(service: string, request: CloudRequest, token: string): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json', 'x-auth-token': token };
  if (request.microversion) Object.assign(headers, microversionHeaders(service, request.microversion));
  return request.headers ? Object.assign(headers, request.headers) : headers;
}
