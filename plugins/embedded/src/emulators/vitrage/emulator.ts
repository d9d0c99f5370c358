import { EmulatorServer, type RawAnswer, type RawRequest } from '../server.js';
import type { Emulator, EmulatorContext } from '../types.js';
import { VitrageCore } from './vitrage.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const answer = (status: number, body: unknown): RawAnswer => ({
  status,
  headers: JSON_TYPE,
  text: JSON.stringify(body),
});
const refused = (status: number, text: string) =>
  answer(status, { debuginfo: null, faultcode: status < 500 ? 'Client' : 'Server', faultstring: text });

/** Vitrage's API v1 as far as Doctor uses it: events, alarms, topology, resources, templates. */
export class VitrageEmulator implements Emulator {
  readonly service = { name: 'vitrage', type: 'rca' };
  readonly #core: VitrageCore;
  readonly #context: EmulatorContext;
  readonly #server: EmulatorServer;

  constructor(context: EmulatorContext) {
    this.#context = context;
    this.#core = new VitrageCore(context);
    this.#server = new EmulatorServer(
      (request) => this.#handle(request),
      (error) => context.log('vitrage.error', { error: String(error) }),
    );
  }

  get url(): string {
    return this.#server.url;
  }
  async start(port: number): Promise<void> {
    await this.#server.listen(port);
  }
  async stop(): Promise<void> {
    await this.#server.close();
    await this.#core.settled();
  }
  /** Resolves when every event so far has had its effect. */
  settled(): Promise<void> {
    return this.#core.settled();
  }

  async #handle(request: RawRequest): Promise<RawAnswer> {
    const path = request.path.replace(/\/$/, '');
    if (path === '') return answer(200, { versions: [this.#version()] });
    const token = request.headers['x-auth-token'];
    const owner = typeof token === 'string' ? await this.#core.cloud.owner(token) : undefined;
    if (!owner) return this.#unauthorised();
    let body: unknown;
    try {
      body = request.text === '' ? undefined : JSON.parse(request.text);
    } catch {
      return refused(400, 'Invalid JSON');
    }
    // whole clouds are for administrators
    if (!owner.roles.includes('admin')) return refused(403, 'Access was denied to this resource.');
    const run = this.#routes()[`${request.method} ${path}`];
    return run ? run(body, request) : refused(404, 'The resource could not be found.');
  }

  #routes(): Record<string, (body: unknown, request: RawRequest) => RawAnswer | Promise<RawAnswer>> {
    const core = this.#core;
    return {
      'POST /v1/event': (body) => {
        const event = body as Record<string, unknown> | undefined;
        const missing = ['time', 'type', 'details'].find((field) => event?.[field] === undefined);
        if (missing !== undefined) return refused(400, `Mandatory field: "${missing}" is missing`);
        core.event(event as Record<string, unknown>);
        return answer(200, null);
      },
      'GET /v1/alarm': () => answer(200, core.graph.alarms()),
      'GET /v1/resources': async (_body, { query }) => {
        const type = query.get('resource_type');
        const found = (await core.fresh()).resources();
        return answer(
          200,
          found.filter(({ vitrage_type }) => type === null || vitrage_type === type),
        );
      },
      'POST /v1/topology': async () => {
        const graph = await core.fresh();
        const nodes = graph.vertices().map((node, graph_index) => ({ ...node, graph_index }));
        const index = new Map(nodes.map(({ vitrage_id, graph_index }) => [vitrage_id, graph_index]));
        const links = graph.links().map(({ source, relation, target }) => ({
          key: relation,
          relationship_type: relation,
          source: index.get(source),
          target: index.get(target),
          vitrage_is_deleted: false,
        }));
        return answer(200, { directed: true, graph: {}, links, multigraph: true, nodes });
      },
      'GET /v1/template': () => answer(200, core.templates),
      'PUT /v1/template': (body) => {
        const { templates } = (body ?? {}) as { templates?: unknown };
        if (!Array.isArray(templates)) return refused(400, 'Mandatory field: "templates" is missing');
        const contents = templates.map((one: unknown) => (Array.isArray(one) ? one.at(-1) : one) as unknown);
        return answer(
          200,
          contents.map((content) => core.addTemplate(content)),
        );
      },
      'DELETE /v1/template': (body) => {
        const { id } = (body ?? {}) as { id?: unknown };
        const ids = [id].flat().map(String);
        for (const each of ids)
          if (!core.removeTemplate(each)) return refused(404, `Template with uuid ${each} was not found`);
        return answer(200, null);
      },
    };
  }

  #version() {
    const links = [{ href: `${this.url}/v1/`, rel: 'self' }];
    return { id: 'v1.0', links, status: 'CURRENT', updated: '2015-11-29' };
  }

  #unauthorised(): RawAnswer {
    const error = {
      code: 401,
      title: 'Unauthorized',
      message: 'The request you have made requires authentication.',
    };
    return {
      ...answer(401, { error }),
      headers: { ...JSON_TYPE, 'Www-Authenticate': `Keystone uri="${this.#context.credentials().authUrl}"` },
    };
  }
}
