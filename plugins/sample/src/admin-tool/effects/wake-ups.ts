import type { Clock, MessageBus, Notification } from '@nfv-doctor/core/plugin-api';

/** One who waits for an instance. What is heard while it looks is not lost. */
export interface Watch {
  /** Call before each look: what is heard from now on ends the next `wait`. */
  reset(): void;
  /** Resolves after `ms`, or when something has been heard since `reset`. Rejects when aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  end(): void;
}

/** Nova says what it does with instances: whoever waits for one looks at once, instead of at the next poll. */
export class WakeUps {
  readonly #watches = new Map<string, Set<() => void>>();
  #end: (() => Promise<void>) | undefined;

  constructor(
    readonly bus: Pick<MessageBus, 'subscribe'>,
    readonly clock: Clock,
  ) {}

  async start(): Promise<void> {
    this.#end = await this.bus.subscribe(['compute.instance.*', 'instance.*'], (notification) => {
      const id = instanceOf(notification);
      if (id !== undefined) for (const hear of this.#watches.get(id) ?? []) hear();
    });
  }

  async stop(): Promise<void> {
    await this.#end?.();
    this.#end = undefined;
  }

  watch(instanceId: string): Watch {
    const { clock } = this;
    let heard = new AbortController();
    const hear = () => heard.abort();
    const watches = this.#watches.get(instanceId) ?? new Set();
    this.#watches.set(instanceId, watches.add(hear));
    return {
      reset: () => {
        heard = new AbortController();
      },
      async wait(ms, signal) {
        try {
          await clock.sleep(ms, AbortSignal.any([signal, heard.signal]));
        } catch (error) {
          if (signal.aborted) throw error;
        }
      },
      end: () => {
        watches.delete(hear);
        if (watches.size === 0) this.#watches.delete(instanceId);
      },
    };
  }
}

/** Unversioned: `instance_id`; versioned: `nova_object.data.uuid`. */
function instanceOf({ payload }: Notification): string | undefined {
  if (typeof payload.instance_id === 'string') return payload.instance_id;
  const data = payload['nova_object.data'];
  const uuid = typeof data === 'object' && data !== null ? (data as { uuid?: unknown }).uuid : undefined;
  return typeof uuid === 'string' ? uuid : undefined;
}
