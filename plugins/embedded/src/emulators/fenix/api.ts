import type { RawAnswer, RawRequest } from '../server.js';
import { dictionary, FenixFault, type FenixEngine, TooManySessions } from './engine.js';

const JSON_TYPE = 'application/json';
const answer = (status: number, body: unknown, type = JSON_TYPE): RawAnswer => ({
  status,
  headers: { 'Content-Type': type },
  text: JSON.stringify(body),
});
/** For nearly everything; it is JSON, but not labelled so. */
const unknownError = () => answer(500, { status: 500, message: 'Unknown Error' }, 'text/html');

/** Fenix' REST API v1. This version looks at no token. */
export class FenixApi {
  /** Constraints of instances and groups (workflow vnf), by path. */
  readonly #constraints = new Map<string, unknown>();

  constructor(
    readonly engine: FenixEngine,
    readonly base: () => string,
    readonly onFault: (message: string) => void,
  ) {}

  async handle(request: RawRequest): Promise<RawAnswer> {
    const { method, path, text } = request;
    if (/^(GET|DELETE)$/.test(method) && text !== '') return answer(400, {});
    try {
      return await this.#route(method, path, text);
    } catch (error) {
      if (error instanceof TooManySessions) return answer(509, { error: 'Too many sessions' });
      if (error instanceof FenixFault || error instanceof SyntaxError) {
        this.onFault(error.message);
        return unknownError();
      }
      throw error;
    }
  }

  async #route(method: string, path: string, text: string): Promise<RawAnswer> {
    if (path === '/v1/maintenance') return this.#sessions(method, text);
    const [, session, project] = /^\/v1\/maintenance\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (session !== undefined)
      return project === undefined
        ? this.#session(method, session, text)
        : this.#project(method, session, project, text);
    if (/^\/v1\/instance(_group)?\/[^/]+$/.test(path)) return this.#constraint(method, path, text);
    return answer(404, {
      message:
        'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
    });
  }

  async #sessions(method: string, text: string): Promise<RawAnswer> {
    if (method === 'GET') return answer(200, { sessions: [...this.engine.sessions.keys()] });
    if (method !== 'POST') return notAllowed();
    const { id } = await this.engine.create(JSON.parse(text));
    return answer(200, { session_id: id });
  }

  #session(method: string, id: string, text: string): RawAnswer {
    if (method === 'GET') {
      const session = this.engine.sessions.get(id);
      if (!session) return answer(404, { error: 'Invalid session' });
      return answer(200, { session_id: id, state: session.state });
    }
    if (method === 'PUT') {
      // it does nothing with it, not even for a session that it has
      JSON.parse(text);
      return answer(200, { maintenance: `${this.base()}/v1/maintenance/${id}`, session_id: id });
    }
    if (method !== 'DELETE') return notAllowed();
    this.engine.remove(id);
    return answer(200, {});
  }

  #project(method: string, sessionId: string, projectId: string, text: string): RawAnswer {
    const session = this.engine.sessions.get(sessionId);
    const project = session?.projects.get(projectId);
    if (method === 'GET') {
      if (!session) return answer(200, null);
      if (!project) throw new FenixFault(`no project ${projectId}`);
      return answer(200, { instance_ids: session.instanceIds(project) });
    }
    if (method !== 'PUT') return notAllowed();
    const body = dictionary(JSON.parse(text));
    if (!project) throw new FenixFault(`no project ${projectId}`);
    if (!('state' in body)) throw new FenixFault("KeyError: 'state'");
    const actions = 'instance_actions' in body ? dictionary(body['instance_actions']) : {};
    project.actions = actions;
    project.state = String(body['state']);
    return answer(200, body);
  }

  #constraint(method: string, path: string, text: string): RawAnswer {
    if (method === 'PUT') {
      const constraints = dictionary(JSON.parse(text));
      this.#constraints.set(path, constraints);
      return answer(200, constraints);
    }
    const found = this.#constraints.get(path);
    if (found === undefined) return answer(404, { error: 'Not found' });
    if (method === 'GET') return answer(200, found);
    if (method !== 'DELETE') return notAllowed();
    this.#constraints.delete(path);
    return answer(200, {});
  }
}

const notAllowed = () => answer(405, { message: 'The method is not allowed for the requested URL.' });
