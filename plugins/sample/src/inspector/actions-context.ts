import type { Clock, Controller, EventBus, Logger, MessageBus } from '@nfv-doctor/core/plugin-api';
import type { FaultStore } from './fault-store.js';
import type { FairLimiter, Lane } from './limiter.js';
import type { ResourceMap } from './resource-map.js';

/** How the inspector acts; all times in ms. */
export interface ActionOptions {
  /** `shortcut`: publishes instance events itself, at once; `conservative`: leaves that to Nova. */
  mode: 'shortcut' | 'conservative';
  /** Publishes an instance's event only when its state has changed (shortcut). */
  holdUntilChanged: boolean;
  /** How long the other calls wait for the answer to force-down (shortcut). */
  forceDownHeadStart: number;
  setPorts: boolean;
  callTimeout: number;
  /** From the event until the last attempt. */
  budget: number;
  retryPause: number;
  maxRetryPause: number;
  publishConcurrency: number;
}

/** What every action needs. */
export interface ActionContext {
  options: ActionOptions;
  clock: Clock;
  events: EventBus;
  log: Logger;
  controller: Controller;
  messageBus: MessageBus;
  store: FaultStore;
  map: ResourceMap;
  limiter: FairLimiter;
  /** Hosts that somebody has forced down, as the cloud tells. */
  forcedDown: { has(hostname: string): boolean; set(hostname: string, down: boolean): void };
  random: () => number;
  /** The inspector stops. */
  signal: AbortSignal;
}

/**
 * Order of what is done with one resource: taking back waits for the doing, and a new fault for the taking back.
 * Other resources are not waited for.
 */
export class Order {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `step` after all earlier steps of the same resource. */
  after(resource: string, step: () => Promise<void>): Promise<void> {
    const before = this.#tails.get(resource);
    const tail = (before ? before.then(step) : step()).finally(() => {
      if (this.#tails.get(resource) === tail) this.#tails.delete(resource);
    });
    this.#tails.set(resource, tail);
    return tail;
  }
}

/** Force-down goes around the queue of the other calls. */
export const expressLane: Lane = { run: (task) => task() };
