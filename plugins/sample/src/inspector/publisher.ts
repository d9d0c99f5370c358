import { setMaxListeners } from 'node:events';
import { DoctorError, type Notification } from '@nfv-doctor/core/plugin-api';
import type { ActionContext } from './actions-context.js';

type Failed = (instanceId: string, error: DoctorError) => void;

/** Notifications that were handed over together, with one deadline. */
interface Batch {
  outstanding: Set<Notification>;
  signal: AbortSignal;
  finish(notification: Notification): void;
  failed: Failed;
}

/** Sends a fault's instance events, without ever holding up what is done beside it. */
export class Publisher {
  readonly #waiting: { notification: Notification; batch: Batch }[] = [];
  #next = 0;
  #running = 0;

  constructor(readonly ctx: ActionContext) {}

  /** As many as may be under way are handed to the bus before this returns; each is tried until the event's budget is used up. */
  publish(notifications: readonly Notification[], failed: Failed): void {
    if (notifications.length === 0) return;
    const batch = this.#batch(notifications, failed);
    for (const notification of notifications) this.#waiting.push({ notification, batch });
    this.#turn();
  }

  #batch(notifications: readonly Notification[], failed: Failed): Batch {
    const { clock, options, signal } = this.ctx;
    const own = new AbortController();
    const either = AbortSignal.any([own.signal, signal]);
    setMaxListeners(0, either);
    const outstanding = new Set(notifications);
    const timer = clock.setTimeout(() => {
      const error = new DoctorError('TIMEOUT', `the message bus did not take it within ${options.budget} ms`);
      own.abort(error);
      for (const { payload } of outstanding) failed(String(payload.instance_id), error);
      outstanding.clear();
    }, options.budget);
    return {
      outstanding,
      signal: either,
      failed,
      finish: (notification) => {
        outstanding.delete(notification);
        if (outstanding.size === 0) timer.cancel();
      },
    };
  }

  #turn(): void {
    while (this.#running < this.ctx.options.publishConcurrency && this.#next < this.#waiting.length) {
      const { notification, batch } = this.#waiting[this.#next++]!;
      if (!batch.outstanding.has(notification)) continue;
      this.#running++;
      void this.#send(notification, batch).finally(() => {
        this.#running--;
        this.#turn();
      });
    }
    if (this.#next < this.#waiting.length) return;
    this.#waiting.length = 0;
    this.#next = 0;
  }

  async #send(notification: Notification, batch: Batch): Promise<void> {
    try {
      await this.#retrying(notification, batch.signal);
    } catch (error) {
      if (batch.outstanding.has(notification) && !this.ctx.signal.aborted)
        batch.failed(String(notification.payload.instance_id), DoctorError.from(error, 'BACKEND_ERROR'));
    }
    batch.finish(notification);
  }

  async #retrying(notification: Notification, signal: AbortSignal): Promise<void> {
    const { clock, messageBus, options, random } = this.ctx;
    for (let pause = options.retryPause; ; pause = Math.min(pause * 2, options.maxRetryPause)) {
      try {
        return await messageBus.publish(notification, signal, { ownListenersFirst: true });
      } catch (error) {
        if (signal.aborted || (DoctorError.is(error) && !error.retryable)) throw error;
        await clock.sleep(pause / 2 + (random() * pause) / 2, signal);
      }
    }
  }
}
