import { DoctorError, type Logger, mapBounded } from '@nfv-doctor/core/plugin-api';
import type { ConstraintsClient } from './client.js';

const AT_ONCE = 8;

/** What the admin tool was given: bodies as JSON by path. Stored with the application. */
export type Handed = Record<string, string>;

/** `off`: not wanted; `absent`: the admin tool has no such API; `failed`: tried again with the next change. */
export type HandOverState = 'off' | 'absent' | 'failed' | 'given' | 'enforced';

/** Keeps the constraints at the admin tool in step with what exists: what changed is put, what is gone is deleted. */
export class HandOver {
  state: HandOverState = 'off';
  /** Why it failed. */
  problem: string | undefined;

  constructor(
    /** undefined: constraints are not handed over. */
    readonly client: ConstraintsClient | undefined,
    readonly handed: Handed,
    readonly log: Logger,
  ) {}

  /** Never throws: what cannot be handed over is kept to by the answers. */
  async sync(wanted: ReadonlyMap<string, object>, signal: AbortSignal): Promise<void> {
    const { client } = this;
    if (!client || this.state === 'absent') return;
    this.problem = undefined;
    try {
      // groups before their members
      const enforced: boolean[] = [];
      for (const kind of ['/instance_group/', '/instance/'])
        enforced.push(...(await this.#put(client, kind, wanted, signal)));
      await this.#remove(client, (path) => !wanted.has(path), signal);
      if (enforced.length > 0) this.state = enforced.every(Boolean) ? 'enforced' : 'given';
      else if (this.state !== 'enforced') this.state = 'given';
    } catch (error) {
      signal.throwIfAborted();
      this.#failed(error);
    }
  }

  /** Takes everything back. @throws DoctorError with what could not be */
  async clear(signal: AbortSignal): Promise<void> {
    if (this.client && Object.keys(this.handed).length > 0)
      await this.#remove(this.client, () => true, signal);
  }

  #put(
    client: ConstraintsClient,
    kind: string,
    wanted: ReadonlyMap<string, object>,
    signal: AbortSignal,
  ): Promise<boolean[]> {
    const changed = [...wanted]
      .map(([path, body]) => ({ path, body, json: JSON.stringify(body) }))
      .filter(({ path, json }) => path.startsWith(kind) && this.handed[path] !== json);
    return mapBounded(
      changed,
      AT_ONCE,
      async ({ path, body, json }) => {
        const { enforced } = await client.put(path, body, signal);
        this.handed[path] = json;
        return enforced;
      },
      signal,
    );
  }

  async #remove(
    client: ConstraintsClient,
    which: (path: string) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    // members before their group
    const gone = Object.keys(this.handed).filter(which).toSorted();
    for (const kind of ['/instance/', '/instance_group/'])
      await mapBounded(
        gone.filter((path) => path.startsWith(kind)),
        AT_ONCE,
        async (path) => {
          await client.remove(path, signal);
          delete this.handed[path];
        },
        signal,
      );
  }

  #failed(error: unknown): void {
    if (DoctorError.is(error) && error.code === 'NOT_FOUND') {
      this.state = 'absent';
      this.log.info({ event: 'vnfm.constraints_absent' }, error.message);
      return;
    }
    this.state = 'failed';
    this.problem = `constraints could not be handed to the admin tool: ${error instanceof Error ? error.message : String(error)}`;
    this.log.warn({ event: 'vnfm.constraints_failed', err: error }, this.problem);
  }
}
