import type { CloudClient } from '../cloud-client.js';
import { pythonJson, PythonJsonError } from '../python.js';
import type { RawAnswer, RawRequest } from '../server.js';
import type { CongressCore } from './congress.js';
import { CongressError, noResource, notSupported } from './errors.js';
import { ROUTES } from './routes.js';
import { versionAnswer } from './versions.js';

/** What a route gets. */
export interface CongressCall {
  core: CongressCore;
  /** Base of the API: `http://127.0.0.1:port`. */
  base: string;
  params: string[];
  query: URLSearchParams;
  body: unknown;
  /** Waits as Congress waits for an answer on its own bus. */
  patience(): Promise<void>;
}

export interface ApiOptions {
  core: CongressCore;
  cloud: CloudClient;
  base(): string;
  keystoneUrl(): string;
  patience(): Promise<void>;
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  DELETE: 'delete',
};

/** Congress' REST API v1. */
export class CongressApi {
  constructor(readonly options: ApiOptions) {}

  async handle(request: RawRequest): Promise<RawAnswer> {
    try {
      return await this.#handle(request);
    } catch (error) {
      if (!(error instanceof CongressError)) throw error;
      const { message, code, data } = error;
      return answer(error.status, { error: { message, error_code: code, error_data: data } });
    }
  }

  async #handle(request: RawRequest): Promise<RawAnswer> {
    const { core, base, patience } = this.options;
    const path = request.path.length > 1 ? request.path.replace(/\/$/, '') : request.path;
    const version = versionAnswer(path, base());
    if (version && path !== '/v1') return answer(version.status, version.body);
    const owner = await this.#owner(request);
    if (!owner) return this.#unauthorised();
    if (version) return answer(version.status, version.body);
    for (const { pattern, collection, methods } of ROUTES) {
      const match = pattern.exec(path);
      if (!match) continue;
      if (collection && !owner.roles.includes('admin')) {
        const rule = `${VERBS[request.method] ?? 'get'}_v1`;
        return { status: 403, headers: JSON_TYPE, text: `Policy doesn't allow ${rule} to be performed.` };
      }
      const run = methods[request.method];
      if (!run) throw notSupported();
      const body = /^(POST|PUT)$/.test(request.method) ? readBody(request) : undefined;
      const params = match.slice(1).map(decodeURIComponent);
      const result = await run({ core, base: base(), params, query: request.query, body, patience });
      return answer(result.status ?? 200, result.body, result.headers);
    }
    throw noResource();
  }

  async #owner({ headers }: RawRequest) {
    const token = headers['x-auth-token'];
    return typeof token === 'string' && token !== '' ? this.options.cloud.owner(token) : undefined;
  }

  #unauthorised(): RawAnswer {
    const error = {
      code: 401,
      title: 'Unauthorized',
      message: 'The request you have made requires authentication.',
    };
    return answer(401, { error }, { 'Www-Authenticate': `Keystone uri="${this.options.keystoneUrl()}"` });
  }
}

/** A body of `undefined` is an empty one, yet labelled JSON: `PUT .../rows` answers that. */
function answer(status: number, body: unknown, headers: Record<string, string> = {}): RawAnswer {
  const isList = typeof body === 'object' && body !== null && 'results' in body;
  const text = body === undefined ? '' : `${JSON.stringify(body, null, isList ? 2 : undefined)}\n`;
  return { status, headers: { ...JSON_TYPE, ...headers }, text };
}

function readBody({ headers, text }: RawRequest): unknown {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim());
  if (type.toLowerCase() !== 'application/json')
    throw new CongressError(400, "Unsupported Content-Type; must be 'application/json'");
  const charset = parameters.find((one) => /^charset=/i.test(one))?.slice('charset='.length);
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8')
    throw new CongressError(400, "Unsupported charset: must be 'UTF-8'");
  try {
    return pythonJson(text);
  } catch (error) {
    if (!(error instanceof PythonJsonError)) throw error;
    throw new CongressError(400, `Failed to parse body as application/json: ${error.message}`);
  }
}
