import { randomUUID } from 'node:crypto';
import type { CloudClock } from '../../cloud/clock.js';
import { CloudClient } from '../cloud-client.js';
import type { EmulatorContext } from '../types.js';
import { type Wanted, wantedActions } from './evaluator.js';
import { EntityGraph } from './graph.js';
import { readTemplate, type Template, TemplateError } from './template.js';

/** A template as the API lists it. */
export interface StoredTemplate {
  uuid: string;
  name: string;
  status: 'ACTIVE' | 'ERROR' | 'DELETED';
  'status details': string;
  date: string;
  type: string;
}

const MICROVERSION = '2.11';

/** Events in, entity graph and templates inside, calls of Nova out. One event after the other. */
export class VitrageCore {
  readonly graph = new EntityGraph();
  readonly #clock: CloudClock;
  readonly #log: EmulatorContext['log'];
  readonly #cloud: CloudClient;
  readonly #templates = new Map<string, { stored: StoredTemplate; template: Template | undefined }>();
  #done = new Map<string, Wanted>();
  #last: Promise<void> = Promise.resolve();

  constructor({ clock, log, credentials }: EmulatorContext) {
    this.#clock = clock;
    this.#log = log;
    this.#cloud = new CloudClient(credentials);
  }

  get cloud(): CloudClient {
    return this.#cloud;
  }
  get templates(): StoredTemplate[] {
    return [...this.#templates.values()].map(({ stored }) => stored);
  }

  /** Takes an event; what follows is done later, as with the real one. */
  event(event: Record<string, unknown>): void {
    this.#inTurn(async () => {
      await this.#readNova();
      this.#note(event);
      await this.#act();
    });
  }

  addTemplate(content: unknown): StoredTemplate {
    const stored: StoredTemplate = {
      uuid: randomUUID(),
      name: '',
      status: 'ACTIVE',
      'status details': 'Template validation is OK',
      date: new Date(this.#clock.now()).toISOString().slice(0, 19).replace('T', ' '),
      type: 'standard',
    };
    let template: Template | undefined;
    try {
      template = readTemplate(content);
      Object.assign(stored, { name: template.name, type: template.type });
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      Object.assign(stored, { status: 'ERROR', 'status details': error.message });
    }
    this.#templates.set(stored.uuid, { stored, template });
    this.#inTurn(() => this.#act());
    return stored;
  }

  removeTemplate(uuid: string): boolean {
    const found = this.#templates.delete(uuid);
    if (found) this.#inTurn(() => this.#act());
    return found;
  }

  /** The graph with what Nova says now. */
  async fresh(): Promise<EntityGraph> {
    this.#inTurn(() => this.#readNova());
    await this.settled();
    return this.graph;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    let last: Promise<void> | undefined;
    while (last !== this.#last) {
      last = this.#last;
      await last;
    }
  }

  async #readNova(): Promise<void> {
    const [services, servers] = await Promise.all([
      this.#cloud.services(MICROVERSION),
      this.#cloud.servers(MICROVERSION),
    ]);
    this.graph.update(services, servers, this.#clock.now());
  }

  #note({ type, time, details }: Record<string, unknown>): void {
    const of = (details ?? {}) as Record<string, unknown>;
    const host = this.graph.host(String(of['hostname']));
    const key = `doctor ${String(type)} ${String(of['hostname'])}`;
    if (of['status'] !== 'down') this.graph.removeAlarm(key);
    else if (host)
      this.graph.addAlarm(key, 'doctor', host, this.#clock.now(), {
        ...of,
        name: type,
        time,
        vitrage_datasource_name: 'doctor',
      });
    else this.#log('vitrage.unknown_host', { hostname: of['hostname'] });
  }

  /** Does what is newly asked for and undoes what is no longer. */
  async #act(): Promise<void> {
    const templates = [...this.#templates.values()].flatMap(({ template }) => template ?? []);
    const wanted = wantedActions(templates, this.graph);
    const before = this.#done;
    this.#done = wanted;
    const added = [...wanted.values()].filter(({ key }) => !before.has(key));
    const gone = [...before.values()].filter(({ key }) => !wanted.has(key));
    await Promise.all([
      ...added.map((one) => this.#do(one, true)),
      ...gone.map((one) => this.#do(one, false)),
    ]);
  }

  async #do({ key, action, vertex }: Wanted, on: boolean): Promise<void> {
    const { graph } = this;
    if (action.kind === 'set_state')
      graph.mark(vertex.vitrage_id, 'vitrage_state', on ? action.state : undefined);
    else if (action.kind === 'raise_alarm') {
      if (on)
        graph.addAlarm(key, 'vitrage', vertex, this.#clock.now(), {
          name: action.name,
          severity: action.severity,
          resource_id: vertex.vitrage_id,
        });
      else graph.removeAlarm(key);
    } else {
      graph.mark(vertex.vitrage_id, 'is_marked_down', on ? true : undefined);
      await this.#markDown(vertex, on).catch((error: unknown) =>
        this.#log('vitrage.action_failed', { vertex: vertex['id'], error: (error as Error).message }),
      );
    }
  }

  async #markDown({ vitrage_type, id }: Wanted['vertex'], down: boolean): Promise<void> {
    if (vitrage_type === 'nova.host')
      await this.#cloud.request('compute', 'PUT', '/os-services/force-down', {
        json: { host: id, binary: 'nova-compute', forced_down: down },
        microversion: MICROVERSION,
      });
    else if (vitrage_type === 'nova.instance')
      await this.#cloud.request('compute', 'POST', `/servers/${String(id)}/action`, {
        json: { 'os-resetState': { state: down ? 'error' : 'active' } },
        microversion: MICROVERSION,
      });
  }

  #inTurn(work: () => Promise<void>): void {
    this.#last = this.#last
      .then(work)
      .catch((error: unknown) => this.#log('vitrage.error', { error: (error as Error).message }));
  }
}
