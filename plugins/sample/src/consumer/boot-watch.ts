import { type Clock, type Controller, DoctorError, type Instance } from '@nfv-doctor/core/plugin-api';

interface Waiting {
  deadline: number;
  resolve(instance: Instance): void;
  reject(error: unknown): void;
}

/** Waits for instances of one project to be up: one list per look, however many boot. */
export class BootWatch {
  readonly #waiting = new Map<string, Waiting>();
  #looking = false;

  constructor(
    readonly cloud: Controller,
    readonly clock: Clock,
    readonly config: { pollIntervalMs: number; timeoutMs: number },
    readonly signal: AbortSignal,
  ) {}

  /**
   * Resolves with the instance when it is ACTIVE or in ERROR.
   * @throws DoctorError TIMEOUT; the signal's reason
   */
  booted(id: string): Promise<Instance> {
    return new Promise((resolve, reject) => {
      const deadline = this.clock.monotonic() + this.config.timeoutMs;
      this.#waiting.set(id, { deadline, resolve, reject });
      if (!this.#looking) void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#waiting.size > 0) {
        await this.clock.sleep(this.config.pollIntervalMs, this.signal);
        const seen = await this.cloud.compute
          .instances({ allProjects: false }, this.signal)
          .catch((error) => {
            if (this.signal.aborted) throw error;
            return []; // looked at again, until the deadline
          });
        for (const instance of seen) this.#settle(instance);
        this.#expire();
      }
    } catch {
      for (const { reject } of this.#waiting.values()) reject(this.signal.reason);
      this.#waiting.clear();
    } finally {
      this.#looking = false;
    }
  }

  #settle(instance: Instance): void {
    const waiting = this.#waiting.get(instance.id);
    if (!waiting || (instance.status !== 'ACTIVE' && instance.status !== 'ERROR')) return;
    this.#waiting.delete(instance.id);
    waiting.resolve(instance);
  }

  #expire(): void {
    const now = this.clock.monotonic();
    for (const [id, { deadline, reject }] of this.#waiting) {
      if (deadline > now) continue;
      this.#waiting.delete(id);
      reject(
        new DoctorError('TIMEOUT', `replacement ${id} was not active within ${this.config.timeoutMs} ms`, {
          retryable: true,
        }),
      );
    }
  }
}
