import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConfigSchema } from '@nfv-doctor/core/plugin-api';

/** One request as the fake cloud saw it. */
export interface SeenRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** How many requests came to this route before. */
  nth: number;
}
export interface Answer {
  status?: number;
  json?: unknown;
  text?: string;
  headers?: Record<string, string>;
}
/** Answers, or does what it likes with the connection and gives undefined. */
export type Handler = (request: SeenRequest, response: ServerResponse) => Answer | undefined;

export interface FakeCloud {
  url: string;
  requests: SeenRequest[];
  /** `on('GET /compute/v2.1/servers', handler)`; without the query. */
  on(route: string, handler: Handler | Answer): void;
  /** Requests to a route so far. */
  count(route: string): number;
  close(): Promise<void>;
}

const SERVICES = ['compute', 'network', 'image', 'alarming', 'placement'];

/** A Keystone that gives out `token-1`, `token-2`, ..., and services that do what the test says, on a port of its own. */
export async function startFakeCloud(options: { tokenLifeMs?: number } = {}): Promise<FakeCloud> {
  const { tokenLifeMs = 3_600_000 } = options;
  const handlers = new Map<string, Handler>();
  const requests: SeenRequest[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const route = `${request.method} ${path.split('?')[0]}`;
      const nth = counts.get(route) ?? 0;
      counts.set(route, nth + 1);
      const body = Buffer.concat(chunks).toString();
      const seen = { method: request.method ?? '', path, headers: request.headers, body, nth };
      requests.push(seen);
      const answer = handlers.get(route)?.(seen, response) ?? (handlers.has(route) ? undefined : NOWHERE);
      if (answer) write(response, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  handlers.set('POST /v3/auth/tokens', ({ nth }) => issue(url, nth, tokenLifeMs));
  return {
    url,
    requests,
    on: (route, handler) => void handlers.set(route, typeof handler === 'function' ? handler : () => handler),
    count: (route) => counts.get(route) ?? 0,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const NOWHERE: Answer = {
  status: 404,
  json: { itemNotFound: { message: 'no such route in the fake cloud' } },
};

function write(response: ServerResponse, { status = 200, json, text, headers = {} }: Answer): void {
  const body = text ?? (json === undefined ? '' : JSON.stringify(json));
  const type: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' };
  response.writeHead(status, { ...type, ...headers });
  response.end(body);
}

function issue(url: string, nth: number, lifeMs: number): Answer {
  const path: Record<string, string> = { compute: '/compute/v2.1' };
  const catalog = SERVICES.map((type) => ({
    type,
    endpoints: [{ interface: 'public', region_id: 'RegionOne', url: `${url}${path[type] ?? `/${type}`}` }],
  }));
  return {
    status: 201,
    headers: { 'x-subject-token': `token-${nth + 1}` },
    json: {
      token: {
        expires_at: new Date(Date.now() + lifeMs).toISOString(),
        user: { id: 'user-1' },
        project: { id: 'project-1' },
        roles: [{ name: 'admin' }],
        catalog,
      },
    },
  };
}

/** A port that nobody listens to. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** A section's values: its defaults with some changed. */
export function configOf<T>(schema: ConfigSchema, changes: Record<string, unknown> = {}): T {
  const defaults = Object.entries(schema).map(([key, option]) => [
    key,
    (option as { default: unknown }).default,
  ]);
  return { ...Object.fromEntries(defaults), ...changes } as T;
}
