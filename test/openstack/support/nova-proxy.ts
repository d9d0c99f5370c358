import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request: it goes on to Nova, is answered with a status, or never. */
export type Fate = 'pass' | 'hang' | number;

export interface NovaProxy {
  /** For `cloud.endpoint_overrides`. */
  url: string;
  /** Requests that did not go on to Nova, in order: `503 POST /v2.1/servers/…/action`. */
  spoiled: string[];
  close(): Promise<void>;
}

/**
 * Stands in front of Nova and spoils what `fate` says.
 * @param fate called with each request, its body read
 */
export async function startNovaProxy(
  target: URL,
  fate: (method: string, path: string, body: string) => Fate,
): Promise<NovaProxy> {
  const spoiled: string[] = [];
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method = 'GET', url: path = '/' } = incoming;
      const what = fate(method, path, body.toString());
      if (what === 'pass') return forward(target, incoming, body, answer);
      spoiled.push(`${what} ${method} ${path}`);
      if (what === 'hang') return;
      answer.writeHead(what, { 'content-type': 'application/json' });
      answer.end('{"spoiled": {"message": "The server is currently unavailable."}}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2.1`,
    spoiled,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function forward(target: URL, incoming: IncomingMessage, body: Buffer, answer: ServerResponse): void {
  const { method, url: path, headers } = incoming;
  const sent = request(
    { hostname: target.hostname, port: target.port, method, path, headers },
    (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    },
  );
  sent.on('error', () => answer.destroy());
  sent.end(body);
}
