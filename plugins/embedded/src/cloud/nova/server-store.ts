import type { Server } from './model.js';
import { Sequence } from './sequence.js';

/** The servers that are not deleted, indexed by what lists ask for; and the last deleted ones. */
export class ServerStore {
  readonly #byId = new Map<string, Server>();
  readonly #all = new Sequence<Server>();
  readonly #byHost = new Map<string, Sequence<Server>>();
  readonly #byProject = new Map<string, Sequence<Server>>();
  #number = 0;

  get size(): number {
    return this.#all.size;
  }

  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  get(id: string): Server | undefined {
    return this.#byId.get(id);
  }

  all(): Sequence<Server> {
    return this.#all;
  }

  ofHost(host: string): Sequence<Server> {
    return sequence(this.#byHost, host);
  }

  ofProject(projectId: string): Sequence<Server> {
    return sequence(this.#byProject, projectId);
  }

  add(server: Server): void {
    this.#byId.set(server.id, server);
    this.#all.add(server);
    this.ofProject(server.projectId).add(server);
    if (server.host !== null) this.ofHost(server.host).add(server);
  }

  remove(server: Server): void {
    this.#byId.delete(server.id);
    this.#all.remove(server);
    this.ofProject(server.projectId).remove(server);
    if (server.host !== null) this.ofHost(server.host).remove(server);
  }

  /** Puts the server on another host (or on none). */
  place(server: Server, host: string | null): void {
    if (server.host !== null) this.ofHost(server.host).remove(server);
    server.host = host;
    if (host !== null) this.ofHost(host).add(server);
  }
}

function sequence(map: Map<string, Sequence<Server>>, key: string): Sequence<Server> {
  const found = map.get(key) ?? new Sequence<Server>();
  map.set(key, found);
  return found;
}
