import type { CloudClient, TokenOwner } from '../cloud-client.js';
import type { RawAnswer, RawRequest } from '../server.js';
import { type AodhAlarm, type AodhAlarms, AodhRefusal } from './alarms.js';

const answer = (status: number, body?: unknown, headers: Record<string, string> = {}): RawAnswer => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  text: body === undefined ? '' : JSON.stringify(body),
});
const refusal = (status: number, faultstring: string) =>
  answer(status, { error_message: { debuginfo: null, faultcode: 'Client', faultstring } });

interface Caller extends TokenOwner {
  /** Project whose alarms it sees; undefined: an administrator. */
  scope: string | undefined;
}

/** Aodh's `/v2/alarms`. */
export class AodhApi {
  constructor(
    readonly alarms: AodhAlarms,
    readonly cloud: CloudClient,
    readonly base: () => string,
  ) {}

  async handle(request: RawRequest): Promise<RawAnswer> {
    try {
      const caller = await this.#caller(request);
      return this.#route(request, caller);
    } catch (error) {
      if (error instanceof AodhRefusal) return refusal(error.status, error.message);
      if (error instanceof SyntaxError) return refusal(400, `Invalid JSON: ${error.message}`);
      throw error;
    }
  }

  async #caller({ headers }: RawRequest): Promise<Caller> {
    const token = headers['x-auth-token'];
    const owner = typeof token === 'string' ? await this.cloud.owner(token) : undefined;
    if (!owner) throw new AodhRefusal(401, 'The request you have made requires authentication.');
    return { ...owner, scope: owner.roles.includes('admin') ? undefined : owner.projectId };
  }

  #route({ method, path, query, text }: RawRequest, caller: Caller): RawAnswer {
    if (path === '/v2/alarms') {
      if (method === 'GET') return answer(200, this.#list(query, caller));
      if (method === 'POST') return this.#create(object(text), caller);
    }
    const [, id, state] = /^\/v2\/alarms\/([^/]+)(\/state)?$/.exec(path) ?? [];
    if (id === undefined) return refusal(404, 'Not Found');
    const alarm = this.alarms.get(decodeURIComponent(id), caller.scope);
    return state === undefined ? this.#one(method, alarm, text) : this.#state(method, alarm, text);
  }

  #list(query: URLSearchParams, caller: Caller): AodhAlarm[] {
    const all = query.get('q.field') === 'all_projects' && caller.scope === undefined;
    const limit = Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
    return this.alarms
      .list()
      .filter((alarm) => all || alarm.project_id === caller.projectId)
      .slice(0, limit);
  }

  #create(request: Record<string, unknown>, { projectId = '', userId }: Caller): RawAnswer {
    const alarm = this.alarms.create(request, { projectId, userId });
    return answer(201, alarm, { Location: `${this.base()}/v2/alarms/${alarm.alarm_id}` });
  }

  #one(method: string, alarm: AodhAlarm, text: string): RawAnswer {
    if (method === 'GET') return answer(200, alarm);
    if (method === 'PUT') return answer(200, this.alarms.replace(alarm, object(text)));
    if (method !== 'DELETE') return refusal(405, 'Method Not Allowed');
    this.alarms.delete(alarm);
    return answer(204);
  }

  #state(method: string, alarm: AodhAlarm, text: string): RawAnswer {
    if (method === 'PUT') this.alarms.setState(alarm, JSON.parse(text));
    return answer(200, alarm.state);
  }
}

function object(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new AodhRefusal(400, 'Invalid input: the body must be an object');
}
