import type { Clock, Logger, MessageBus, TimerHandle } from '@nfv-doctor/core/plugin-api';

/** After these Congress' picture of the instances is out of date. */
const EVENT_TYPES = [
  'compute.instance.create.end',
  'compute.instance.delete.end',
  'compute.instance.finish_resize.end',
  'compute.instance.rebuild.end',
  'compute.instance.live_migration.post.dest.end',
  'compute.instance.power_on.end',
];

/** Makes Congress poll Nova when something changed there: at once, but not more often than once per interval. */
export class NovaRefresh {
  #end: (() => Promise<void>) | undefined;
  #timer: TimerHandle | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly ask: () => Promise<void>,
    readonly services: { clock: Clock; log: Logger; messageBus: MessageBus | undefined },
    readonly intervalMs: number,
  ) {}

  async start(): Promise<void> {
    this.#end = await this.services.messageBus?.subscribe(EVENT_TYPES, () => this.soon());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const end = this.#end;
    this.#end = undefined;
    await end?.();
  }

  /** A poll that has begun may have missed the change: several requests are one, but the last is always followed by a poll. */
  soon(): void {
    if (this.#timer) return;
    const { clock } = this.services;
    const wait = Math.max(0, this.#lastAt + this.intervalMs - clock.monotonic());
    this.#timer = clock.setTimeout(() => void this.#now(), wait).unref();
  }

  async #now(): Promise<void> {
    this.#timer = undefined;
    this.#lastAt = this.services.clock.monotonic();
    await this.ask().catch((error: unknown) =>
      this.services.log.warn(
        { event: 'congress.refresh_failed', err: error },
        'Congress was not asked to poll',
      ),
    );
  }
}
