import type { ServiceCredentials } from './types.js';

/** Whom a token stands for. */
export interface TokenOwner {
  projectId: string | undefined;
  userId: string;
  roles: string[];
}

export interface NovaServer {
  id: string;
  name: string;
  status: string;
  tenant_id: string;
  user_id: string;
  hostId: string;
  created: string;
  image: { id: string } | '';
  flavor: { id?: string } & Record<string, unknown>;
  addresses: Record<
    string,
    { addr: string; version: number; 'OS-EXT-IPS:type'?: string; 'OS-EXT-IPS-MAC:mac_addr'?: string }[]
  >;
  'OS-EXT-SRV-ATTR:host'?: string | null;
  'OS-EXT-SRV-ATTR:hypervisor_hostname'?: string | null;
  'OS-EXT-AZ:availability_zone'?: string;
  'OS-EXT-STS:vm_state'?: string;
  'OS-EXT-STS:task_state'?: string | null;
}

export interface NovaService {
  id: number | string;
  binary: string;
  host: string;
  zone: string;
  status: string;
  state: string;
  updated_at: string | null;
  disabled_reason: string | null;
  forced_down?: boolean;
}

interface Call {
  json?: unknown;
  /** Of Nova. */
  microversion?: string;
  headers?: Record<string, string>;
}

/** An answer that is no success. */
export class CloudRefusal extends Error {
  override readonly name = 'CloudRefusal';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

interface Session {
  token: string;
  endpoints: Map<string, string>;
}

const DEADLINE_MS = 30_000;

/** A service's own session with the cloud: logs in by password, again after a 401. */
export class CloudClient {
  readonly #credentials: () => ServiceCredentials;
  #session: Promise<Session> | undefined;

  constructor(credentials: () => ServiceCredentials) {
    this.#credentials = credentials;
  }

  /** Throws {@link CloudRefusal} unless the status is 2xx. */
  async request(service: string, method: string, path: string, call: Call = {}): Promise<unknown> {
    const first = await this.#login();
    try {
      return await this.#send(first, service, method, path, call);
    } catch (error) {
      if (!(error instanceof CloudRefusal) || error.status !== 401) throw error;
      this.#session = undefined;
      return this.#send(await this.#login(), service, method, path, call);
    }
  }

  /** Whether the catalog has the service. */
  async knows(service: string): Promise<boolean> {
    return (await this.#login()).endpoints.has(service);
  }

  /** Asks Keystone about a caller's token. */
  async owner(token: string): Promise<TokenOwner | undefined> {
    try {
      const { token: found } = (await this.request('identity', 'GET', '/auth/tokens?nocatalog', {
        headers: { 'X-Subject-Token': token },
      })) as { token: { project?: { id: string }; user?: { id: string }; roles?: { name: string }[] } };
      return {
        projectId: found.project?.id,
        userId: found.user?.id ?? '',
        roles: found.roles?.map(({ name }) => name) ?? [],
      };
    } catch (error) {
      if (error instanceof CloudRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All servers of all projects, page by page. */
  async servers(microversion: string): Promise<NovaServer[]> {
    const servers: NovaServer[] = [];
    for (let path: string | undefined = '/servers/detail?all_tenants=1'; path !== undefined; ) {
      const page = (await this.request('compute', 'GET', path, { microversion })) as {
        servers: NovaServer[];
        servers_links?: { rel: string; href: string }[];
      };
      servers.push(...page.servers);
      const next = page.servers_links?.find(({ rel }) => rel === 'next');
      path = next && `/servers/detail${new URL(next.href).search}`;
    }
    return servers;
  }

  async services(microversion: string): Promise<NovaService[]> {
    const body = (await this.request('compute', 'GET', '/os-services', { microversion })) as {
      services: NovaService[];
    };
    return body.services;
  }

  async #send(session: Session, service: string, method: string, path: string, call: Call): Promise<unknown> {
    const base = session.endpoints.get(service);
    if (base === undefined) throw new CloudRefusal(404, `the catalog has no ${service}`);
    const response = await fetch(base.replace(/\/$/, '') + path, {
      method,
      headers: {
        Accept: 'application/json',
        'X-Auth-Token': session.token,
        ...(call.json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(call.microversion === undefined ? {} : { 'X-OpenStack-Nova-API-Version': call.microversion }),
        ...call.headers,
      },
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(call.json === undefined ? {} : { body: JSON.stringify(call.json) }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new CloudRefusal(response.status, `${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  #login(): Promise<Session> {
    this.#session ??= this.#authenticate().catch((error: unknown) => {
      this.#session = undefined;
      throw error;
    });
    return this.#session;
  }

  async #authenticate(): Promise<Session> {
    const { authUrl, username, password, userDomainName, projectName, projectDomainName } =
      this.#credentials();
    const user = { name: username, password, domain: { name: userDomainName } };
    const response = await fetch(`${authUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      signal: AbortSignal.timeout(DEADLINE_MS),
      body: JSON.stringify({
        auth: {
          identity: { methods: ['password'], password: { user } },
          scope: { project: { name: projectName, domain: { name: projectDomainName } } },
        },
      }),
    });
    const text = await response.text();
    const token = response.headers.get('x-subject-token');
    if (!response.ok || token === null)
      throw new CloudRefusal(response.status, `Keystone refused ${username}: ${response.status}`);
    const { catalog = [] } = (
      JSON.parse(text) as {
        token: { catalog?: { type: string; endpoints: { interface: string; url: string }[] }[] };
      }
    ).token;
    const endpoints = new Map(
      catalog.map(({ type, endpoints: list }) => [
        type,
        list.find((endpoint) => endpoint.interface === 'public')?.url ?? '',
      ]),
    );
    return { token, endpoints: endpoints.set('identity', authUrl) };
  }
}
