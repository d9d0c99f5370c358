import { randomUUID } from 'node:crypto';
import type { CloudClient } from '../cloud-client.js';
import { parseUtc } from '@nfv-doctor/core/plugin-api';
import { FenixSession, type FenixHost } from './session.js';
import { Workflow, type WorkflowServices } from './workflow.js';

/** Done and failed ones count until they are deleted. */
const MOST_SESSIONS = 3;

/** Why a session cannot be made; Fenix tells nobody. */
export class FenixFault extends Error {
  override readonly name = 'FenixFault';
}
export class TooManySessions extends Error {
  override readonly name = 'TooManySessions';
}

/** The sessions and their workflows. */
export class FenixEngine {
  readonly sessions = new Map<string, FenixSession>();
  readonly #services: WorkflowServices;
  readonly #stopped = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(services: WorkflowServices) {
    this.#services = services;
  }

  /** @throws FenixFault, TooManySessions */
  async create(body: unknown): Promise<FenixSession> {
    if (this.sessions.size >= MOST_SESSIONS) throw new TooManySessions();
    const given = dictionary(body);
    const { maintenance_at, metadata, workflow, hosts } = given;
    for (const field of ['maintenance_at', 'metadata', 'workflow'])
      if (!(field in given)) throw new FenixFault(`KeyError: '${field}'`);
    if (workflow !== 'default') throw new FenixFault(`no workflow ${String(workflow)}`);
    const maintenanceAt = typeof maintenance_at === 'string' ? parseUtc(maintenance_at) : undefined;
    if (maintenanceAt === undefined) throw new FenixFault('maintenance_at is no date');
    const found = await this.#hosts(Array.isArray(hosts) ? hosts.map(String) : []);
    const session = new FenixSession(
      timeUuid(this.#services.context.clock.now()),
      { maintenanceAt, metadata },
      found,
    );
    this.sessions.set(session.id, session);
    const workflowRun = new Workflow(session, this.#services, this.#stopped.signal);
    const running = workflowRun.run().finally(() => this.#running.delete(running));
    this.#running.add(running);
    return session;
  }

  /** The work that is under way goes on: the workflow looks at its state only between two steps. */
  remove(id: string): void {
    const session = this.sessions.get(id);
    if (!session) throw new FenixFault(`no session ${id}`);
    session.removed = true;
    this.sessions.delete(id);
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new FenixFault('the engine stops'));
    await Promise.all(this.#running);
  }

  async #hosts(wanted: readonly string[]): Promise<FenixHost[]> {
    const services = await this.#cloud.services('2.53');
    const computes = services.filter(({ binary }) => binary === 'nova-compute');
    const chosen = computes.filter(({ host }) => wanted.length === 0 || wanted.includes(host));
    const disabled = chosen.find(({ status }) => status === 'disabled');
    if (disabled) throw new FenixFault(`${disabled.host} already disabled`);
    return chosen.map(({ host, id }) => ({ hostname: host, serviceId: String(id), maintained: false }));
  }

  get #cloud(): CloudClient {
    return this.#services.cloud;
  }
}

export function dictionary(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new FenixFault('not a dictionary');
}

/** A UUID of version 1, as Fenix makes them. */
function timeUuid(now: number): string {
  const ticks = (BigInt(Math.floor(now)) + 12_219_292_800_000n) * 10_000n;
  const hex = ticks.toString(16).padStart(15, '0');
  const [, , , variant, node] = randomUUID().split('-');
  return `${hex.slice(7)}-${hex.slice(3, 7)}-1${hex.slice(0, 3)}-${variant}-${node}`;
}
