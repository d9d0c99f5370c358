import { readFileSync } from 'node:fs';

/** One exchange with a real server. */
export interface Exchange {
  name: string;
  note?: string;
  request: {
    method: string;
    path: string;
    headers: Record<string, string>;
    body: unknown;
    body_is_raw_text?: boolean;
    token?: string;
  };
  response: {
    status: number;
    headers: Record<string, string>;
    body?: unknown;
    body_text?: string;
  };
}

/** A file of test/fixtures. */
export function recording<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), 'utf8')) as T;
}

/** What stands for something else in another run: ids, addresses, times. */
const NAMES =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b(?:[0-9a-f]{56}|[0-9a-f]{32})\b|\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b|\b(?!127\.)\d{1,3}(?:\.\d{1,3}){3}\b/g;
const TIMES = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?/g;

/** Names of the recording and of this run, one to one. */
export class NameMap {
  readonly #forward = new Map<string, string>();
  readonly #back = new Map<string, string>();

  pair(recorded: string, actual: string): boolean {
    const known = this.#forward.get(recorded);
    if (known !== undefined) return known === actual;
    const back = this.#back.get(actual);
    if (back !== undefined) return back === recorded;
    this.#forward.set(recorded, actual);
    this.#back.set(actual, recorded);
    return true;
  }
  knows(recorded: string): boolean {
    return this.#forward.has(recorded);
  }
  /** A text of the recording as it has to be sent in this run. */
  translate(text: string): string {
    return text.replace(NAMES, (name) => this.#forward.get(name) ?? name);
  }
  copy(): NameMap {
    const copy = new NameMap();
    for (const [recorded, actual] of this.#forward) copy.pair(recorded, actual);
    return copy;
  }
  adopt(other: NameMap): void {
    for (const [recorded, actual] of other.#forward) this.pair(recorded, actual);
  }
}

export interface CompareOptions {
  names: NameMap;
  /** Paths (`results.*.data.0`) whose value differs by nature: only the type is compared. */
  differs?: readonly RegExp[];
  /** Paths of lists of which this run has a part only. */
  partial?: readonly RegExp[];
  /** Also times must be the same. */
  exactTimes?: boolean;
}

/** The differences between a recorded value and one of this run; lists are compared in any order. */
export function differences(
  recorded: unknown,
  actual: unknown,
  options: CompareOptions,
  path = '',
): string[] {
  if (options.differs?.some((pattern) => pattern.test(path)))
    return typeof recorded === typeof actual ? [] : [`${path}: ${show(actual)} instead of ${show(recorded)}`];
  if (Array.isArray(recorded) && Array.isArray(actual))
    return listDifferences(recorded, actual, options, path);
  if (isObject(recorded) && isObject(actual)) {
    const wanted = Object.entries(recorded).map(
      ([key, value]) => [options.names.translate(key), value] as const,
    );
    const known = new Set(wanted.map(([key]) => key));
    const at = (key: string) => (path === '' ? key : `${path}.${key}`);
    return [
      ...wanted.flatMap(([key, value]) =>
        key in actual ? differences(value, actual[key], options, at(key)) : [`${at(key)}: missing`],
      ),
      ...Object.keys(actual).flatMap((key) => (known.has(key) ? [] : [`${at(key)}: not in the recording`])),
    ];
  }
  if (typeof recorded === 'string' && typeof actual === 'string')
    return sameText(recorded, actual, options)
      ? []
      : [`${path}: ${show(actual)} instead of ${show(recorded)}`];
  return recorded === actual ? [] : [`${path}: ${show(actual)} instead of ${show(recorded)}`];
}

function listDifferences(
  recorded: readonly unknown[],
  actual: readonly unknown[],
  options: CompareOptions,
  path: string,
): string[] {
  const isPartial = options.partial?.some((pattern) => pattern.test(path)) ?? false;
  const left = [...recorded];
  const problems: string[] = [];
  // those whose names are known already first: the others then have one partner only
  const known = (each: unknown) =>
    (JSON.stringify(each)?.match(NAMES) ?? []).every((name) => options.names.knows(name));
  left.sort((a, b) => Number(known(b)) - Number(known(a)));
  const remaining = [...actual];
  for (const wanted of left) {
    const index = remaining.findIndex((each) => {
      const names = options.names.copy();
      return differences(wanted, each, { ...options, names }, `${path}.*`).length === 0;
    });
    if (index >= 0) {
      const [found] = remaining.splice(index, 1);
      differences(wanted, found, options, `${path}.*`);
    } else if (!isPartial) problems.push(`${path}: no ${show(wanted)}`);
  }
  return [...problems, ...remaining.map((each) => `${path}: ${show(each)} is not in the recording`)];
}

function sameText(wanted: string, found: string, { names, exactTimes }: CompareOptions): boolean {
  const [recorded, actual] = [wanted, found].map((text) => text.split('\nTraceback')[0] ?? '') as [
    string,
    string,
  ];
  // the emulators are not written in Python: what comes after an error's text is not theirs
  const mask = (text: string) =>
    (exactTimes ? text : text.replaceAll(TIMES, '<time>')).replaceAll(NAMES, '<name>');
  if (mask(recorded) !== mask(actual)) return false;
  const here = actual.match(NAMES) ?? [];
  return (recorded.match(NAMES) ?? []).every((name, index) => names.pair(name, here[index] ?? ''));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const show = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 300);

export interface Sender {
  /** Base of this run's server. */
  url: string;
  /** Other texts that stand for each other: as recorded, as in this run. The server's base is among them. */
  texts: readonly (readonly [recorded: string, actual: string])[];
  /** Token for what the recording says of it. */
  token(said: string | undefined): string | undefined;
}

/** Sends a recorded request to this run's server and compares the answers. */
export async function replay(
  { request, response }: Exchange,
  sender: Sender,
  options: CompareOptions,
): Promise<string[]> {
  const { url, texts } = sender;
  const token = sender.token(request.token);
  const adapt = (text: string) =>
    texts.reduce((now, [recorded, here]) => now.replaceAll(recorded, here), text);
  const text =
    request.body === null
      ? undefined
      : request.body_is_raw_text
        ? String(request.body)
        : options.names.translate(adapt(JSON.stringify(request.body)));
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  if (token !== undefined) headers.set('X-Auth-Token', token);
  const answer = await send(request.method, url + options.names.translate(request.path), headers, text);
  const problems =
    answer.status === response.status ? [] : [`status ${answer.status} instead of ${response.status}`];
  const type = (of: string | undefined) => of?.split(';')[0];
  const recordedType = type(
    Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1],
  );
  if (recordedType !== undefined && type(answer.type) !== recordedType)
    problems.push(`content type ${answer.type} instead of ${recordedType}`);
  const actual = texts.reduce((now, [recorded, here]) => now.replaceAll(here, recorded), answer.text);
  if (!('body' in response)) return [...problems, ...differences(response.body_text ?? '', actual, options)];
  let body: unknown;
  try {
    // a recorded null may have been an empty answer too
    body = actual === '' ? null : JSON.parse(actual);
  } catch {
    return [...problems, `no JSON: ${show(actual)}`];
  }
  return [...problems, ...differences(response.body, body, options)];
}

/** By hand: fetch sends no body with GET and always a content type with a text. */
async function send(method: string, url: string, headers: Headers, text: string | undefined) {
  const { request } = await import('node:http');
  return new Promise<{ status: number; type: string | undefined; text: string }>((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        signal: AbortSignal.timeout(30_000),
        headers: {
          ...Object.fromEntries(headers),
          ...(text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            type: answer.headers['content-type'],
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}
