import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a backend can do to its caller. */
export const WEATHERS = {
  unreachable: 'the connection breaks',
  unauthorized: '401',
  forbidden: '403 with plain text',
  gone: '404',
  conflict: '409',
  failing: '500',
  unavailable: '503',
  hanging: 'no answer at all',
  malformed: '200 with broken JSON',
} as const;
/**
 * `lost`: the request gets through, and the connection breaks before its answer. `swallowed`: it is answered with 200 and comes to nothing,
 * as where a broker between the API and its service loses it.
 */
export type Weather = keyof typeof WEATHERS | 'lost' | 'swallowed';

const JSON_TYPE = { 'content-type': 'application/json' };
const ANSWERS: Readonly<Partial<Record<Weather, [number, Record<string, string>, string]>>> = {
  unauthorized: [
    401,
    JSON_TYPE,
    '{"error":{"code":401,"message":"The request you have made requires authentication."}}',
  ],
  // labelled JSON, and none
  forbidden: [403, JSON_TYPE, "Policy doesn't allow get_v1 to be performed."],
  gone: [404, JSON_TYPE, '{"error":{"message":"Not found","error_code":404,"error_data":null}}'],
  conflict: [409, JSON_TYPE, '{"error":{"message":"Conflict","error_code":409,"error_data":null}}'],
  failing: [
    500,
    JSON_TYPE,
    '{"error":{"message":"Internal server error","error_code":500,"error_data":null}}',
  ],
  unavailable: [
    503,
    { 'content-type': 'text/html' },
    '<html><body><h1>503 Service Unavailable</h1></body></html>',
  ],
  malformed: [200, JSON_TYPE, '{"results": [{"id": '],
  swallowed: [200, JSON_TYPE, 'null'],
};

/** A proxy before a backend that makes the weather. */
export interface WeatherProxy {
  readonly url: string;
  /** From now on; undefined: fair. `after`: so many requests still get through. */
  set(weather: Weather | undefined, after?: number): void;
  /** Requests so far, `METHOD path`. */
  readonly requests: readonly string[];
  /** Headers of the last request. */
  readonly lastHeaders: Readonly<IncomingMessage['headers']>;
  close(): Promise<void>;
}

/** @param target base URL of the backend */
export async function startWeatherProxy(target: string): Promise<WeatherProxy> {
  let weather: Weather | undefined;
  let letThrough = 0;
  const requests: string[] = [];
  let lastHeaders: IncomingMessage['headers'] = {};
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    lastHeaders = request.headers;
    if (weather === undefined || letThrough-- > 0) return forward(target, request, response);
    if (weather === 'lost') return forward(target, request, response, { lose: true });
    if (weather === 'hanging') return void request.resume();
    if (weather === 'unreachable') return void request.destroy();
    const [status, headers, body] = ANSWERS[weather] ?? [500, {}, ''];
    request.resume();
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${new URL(target).pathname.replace(/\/$/, '')}`,
    requests,
    get lastHeaders() {
      return lastHeaders;
    },
    set(next, after = 0) {
      weather = next;
      letThrough = after;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @param lose the answer is waited for, and not told */
function forward(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  { lose = false } = {},
): void {
  const { origin, host } = new URL(target);
  const onward = send(
    `${origin}${request.url}`,
    { method: request.method, headers: { ...request.headers, host } },
    (answer) => {
      if (lose) return void answer.resume().on('close', () => response.destroy());
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}
