import { createServer, type IncomingMessage, type Server } from 'node:http';

/** A request before anything is made of it: real services differ in what they accept. */
export interface RawRequest {
  method: string;
  /** Without query; doubled slashes are one. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  text: string;
}

export interface RawAnswer {
  status: number;
  headers?: Record<string, string>;
  text: string;
}

const LARGEST_BODY = 16 * 1024 * 1024;

/** An HTTP server on 127.0.0.1 that leaves status, headers and body to the emulator byte for byte. */
export class EmulatorServer {
  readonly #server: Server;
  #url = '';

  /** @param handle must not reject for what a caller can cause */
  constructor(handle: (request: RawRequest) => Promise<RawAnswer>, onError: (error: unknown) => void) {
    this.#server = createServer((request, response) => {
      read(request)
        .then(handle)
        .catch((error: unknown): RawAnswer => {
          onError(error);
          return { status: 500, headers: { 'Content-Type': 'text/plain' }, text: 'Internal Server Error' };
        })
        .then(({ status, headers, text }) => {
          response.writeHead(status, { 'Content-Length': Buffer.byteLength(text), ...headers }).end(text);
        })
        .catch(onError);
    });
  }

  get url(): string {
    return this.#url;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: '127.0.0.1', port }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the emulator has no port');
    this.#url = `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

async function read(request: IncomingMessage): Promise<RawRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error(`a body of more than ${LARGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  return {
    method: request.method ?? 'GET',
    path: path.replace(/\/{2,}/g, '/'),
    query: new URLSearchParams(query),
    headers: request.headers,
    text: Buffer.concat(chunks).toString('utf8'),
  };
}
