import type { Clock, MessageBus, Notification } from '@nfv-doctor/core/plugin-api';

/** Nova says what it does with instances: whoever waits for one looks at once, instead of at the next poll. */
export class WakeUps {
  readonly #waiting = new Map<string, Set<() => void>>();
  #end: (() => Promise<void>) | undefined;

  constructor(
    readonly bus: Pick<MessageBus, 'subscribe'>,
    readonly clock: Clock,
  ) {}

  async start(): Promise<void> {
    this.#end = await this.bus.subscribe(['compute.instance.*', 'instance.*'], (notification) => {
      const id = instanceOf(notification);
      if (id !== undefined) for (const wake of this.#waiting.get(id) ?? []) wake();
    });
  }

  async stop(): Promise<void> {
    await this.#end?.();
    this.#end = undefined;
  }

  /** Resolves after `ms`, or when something was heard of the instance. Rejects when aborted. */
  async wait(instanceId: string, ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const waiting = this.#waiting.get(instanceId) ?? new Set();
    this.#waiting.set(instanceId, waiting);
    const wake = () => woken.abort();
    waiting.add(wake);
    try {
      await this.clock.sleep(ms, AbortSignal.any([signal, woken.signal]));
    } catch (error) {
      if (signal.aborted) throw error;
    } finally {
      waiting.delete(wake);
      if (waiting.size === 0) this.#waiting.delete(instanceId);
    }
  }
}

/** Unversioned: `instance_id`; versioned: `nova_object.data.uuid`. */
function instanceOf({ payload }: Notification): string | undefined {
  if (typeof payload.instance_id === 'string') return payload.instance_id;
  const data = payload['nova_object.data'];
  const uuid = typeof data === 'object' && data !== null ? (data as { uuid?: unknown }).uuid : undefined;
  return typeof uuid === 'string' ? uuid : undefined;
}
