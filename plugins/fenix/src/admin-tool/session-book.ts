import {
  formatUtc,
  type HostMessage,
  type MaintenanceSession,
  type MaintenanceState,
  maintenanceState,
} from '@nfv-doctor/core/plugin-api';

type HostState = MaintenanceSession['hosts'][number]['state'];

const ENDED: ReadonlySet<string> = new Set(['MAINTENANCE_DONE', 'MAINTENANCE_FAILED']);

/** What is known of one session: from Fenix' API its state, from its notifications the rest. */
export class SessionBook {
  state: MaintenanceState = 'MAINTENANCE';
  reason: string | undefined;
  readonly #hosts = new Map<string, HostState>();
  readonly #projects = new Map<string, string>();
  #lastQuestion = '';

  constructor(
    readonly sessionId: string,
    readonly maintenanceAt: number | undefined,
    hostnames: readonly string[],
    /** Hosts that were enabled before. */
    readonly enabledBefore: readonly string[],
  ) {
    for (const hostname of hostnames) this.#hosts.set(hostname, 'waiting');
  }

  get ended(): boolean {
    return ENDED.has(this.state);
  }
  /** The last question: what follows is told by no notification. */
  get isEnding(): boolean {
    return this.state === 'MAINTENANCE_COMPLETE';
  }

  /** @param word the state in Fenix' words @returns whether it is another one */
  setState(word: string): boolean {
    const state = maintenanceState(word);
    // words of later versions and other workflows are shown as the nearest one
    const next = state ?? this.state;
    if (next === this.state) return false;
    this.state = next;
    if (next === 'MAINTENANCE_FAILED') {
      this.reason ??= `Fenix tells no reason${this.#lastQuestion ? `; the last question was ${this.#lastQuestion}` : ''}`;
      for (const [hostname, host] of this.#hosts)
        if (host !== 'maintained') this.#hosts.set(hostname, 'failed');
    }
    return true;
  }

  asked(projectId: string, word: string): void {
    if (maintenanceState(word) === 'ADMIN_ACTION_DONE') return;
    this.#lastQuestion = `${word} to project ${projectId}`;
    this.#projects.set(projectId, maintenanceState(word) ?? word);
  }

  host({ host, state }: HostMessage): void {
    this.#hosts.set(host, state === 'IN_MAINTENANCE' ? 'in_maintenance' : 'maintained');
  }

  show(): MaintenanceSession {
    return {
      sessionId: this.sessionId,
      state: this.state,
      hosts: [...this.#hosts].map(([hostname, state]) => ({ hostname, state })),
      projects: [...this.#projects].map(([projectId, state]) => ({ projectId, state })),
      maintenanceAt: this.maintenanceAt === undefined ? '' : formatUtc(this.maintenanceAt),
      ...(this.reason === undefined ? {} : { reason: this.reason }),
    };
  }
}
