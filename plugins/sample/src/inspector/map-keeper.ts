import {
  type Clock,
  type Controller,
  DoctorError,
  type Logger,
  type MessageBus,
  type Notification,
  type TimerHandle,
} from '@nfv-doctor/core/plugin-api';
import { PUBLISHER } from './instance-event.js';
import { instanceChange, NOVA_EVENT_TYPES, serviceChange } from './nova-notifications.js';
import type { ResourceMap } from './resource-map.js';

export interface KeeperOptions {
  /** Between two snapshots, ms; each pause differs by up to a tenth. 0: only at start, after reconnects and for unknown hosts. */
  snapshotInterval: number;
  /** A snapshot may take this long, ms. */
  snapshotTimeout: number;
}

/** An unknown host leads to a look at the cloud's hosts, but not more often than this. */
const LOOK_PAUSE_MS = 2_000;

/** Fills the map from the controller and keeps it by the bus' notifications. */
export class MapKeeper {
  /** Hosts that somebody forced down, with the count of changes at which it was told. */
  readonly #forced = new Map<string, number>();
  #changes = 0;
  #snapshot: Promise<void> | undefined;
  #again = false;
  #timer: TimerHandle | undefined;
  #lastLook = Number.NEGATIVE_INFINITY;
  #unsubscribe: (() => Promise<void> | void)[] = [];
  readonly #stopped = new AbortController();
  /** What is wrong with the map; undefined when nothing is. */
  problem: string | undefined;
  /** Snapshots taken so far. */
  snapshots = 0;

  constructor(
    readonly options: KeeperOptions,
    readonly map: ResourceMap,
    readonly deps: {
      controller: Controller;
      messageBus: MessageBus;
      clock: Clock;
      log: Logger;
      random: () => number;
    },
  ) {}

  /** As the cloud tells; what Doctor itself did is not told by `set(hostname, true)`. */
  readonly forcedDown = {
    has: (hostname: string) => this.#forced.has(hostname),
    set: (hostname: string, down: boolean) => {
      this.#changes++;
      if (down) this.#forced.set(hostname, this.#changes);
      else this.#forced.delete(hostname);
      this.#told.set(hostname, this.#changes);
    },
  };
  readonly #told = new Map<string, number>();

  /** Subscribes first, so that nothing is missed between the list and the first notification. */
  async start(signal: AbortSignal): Promise<void> {
    const { messageBus } = this.deps;
    this.#unsubscribe.push(
      await messageBus.subscribe(NOVA_EVENT_TYPES, (notification) => this.#heed(notification)),
    );
    this.#unsubscribe.push(messageBus.onReconnect(() => this.refresh('the message bus reconnected')));
    await this.#take(AbortSignal.any([signal, this.#stopped.signal]));
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new DoctorError('ABORTED', 'the inspector stops'));
    this.#timer?.cancel();
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = [];
    await Promise.all(unsubscribe.map(async (each) => each()));
    await this.#snapshot?.catch(() => {});
  }

  /** Takes a snapshot now; when one is under way, another one after it: what it lists may be too old. */
  refresh(reason: string): void {
    if (this.#stopped.signal.aborted) return;
    this.deps.log.info({ event: 'inspector.snapshot', reason }, `taking a snapshot: ${reason}`);
    if (this.#snapshot) this.#again = true;
    else this.#takeLogged();
  }

  /** Whether the cloud has the host; asks for its hosts when the map does not know it, at most every two seconds. */
  async knows(hostname: string, signal?: AbortSignal): Promise<boolean> {
    if (this.map.has(hostname)) return true;
    const { clock, controller } = this.deps;
    if (clock.monotonic() - this.#lastLook < LOOK_PAUSE_MS) return false;
    this.#lastLook = clock.monotonic();
    const hosts = await controller.compute.hosts(signal);
    for (const host of hosts) this.map.addHost(host.hostname);
    return this.map.has(hostname);
  }

  #heed(notification: Notification): void {
    if (notification.publisherId === PUBLISHER) return;
    const instance = instanceChange(notification);
    if (instance) {
      this.map.apply(instance);
      return;
    }
    const service = serviceChange(notification);
    if (!service) return;
    if (!service.deleted) this.map.addHost(service.hostname);
    this.forcedDown.set(service.hostname, service.forcedDown);
  }

  #takeLogged(): void {
    this.#take(this.#stopped.signal).catch((error: unknown) => {
      if (this.#stopped.signal.aborted) return;
      const { message } = DoctorError.from(error);
      this.problem = `the last snapshot of the cloud's instances failed: ${message}`;
      this.deps.log.warn({ event: 'inspector.snapshot_failed', err: error }, this.problem);
      // soon again: without the bus' notifications the map is only as good as its last snapshot
      this.#schedule(Math.min(this.options.snapshotInterval || RETRY_MS, RETRY_MS));
    });
  }

  #take(signal: AbortSignal): Promise<void> {
    this.#snapshot = this.#list(signal).finally(() => {
      this.#snapshot = undefined;
      if (!this.#again) return;
      this.#again = false;
      if (!this.#stopped.signal.aborted) this.#takeLogged();
    });
    return this.#snapshot;
  }

  async #list(outer: AbortSignal): Promise<void> {
    const { controller, clock, log } = this.deps;
    const own = new AbortController();
    const timer = clock.setTimeout(
      () =>
        own.abort(
          new DoctorError(
            'TIMEOUT',
            `the cloud did not list its instances within ${this.options.snapshotTimeout} ms`,
          ),
        ),
      this.options.snapshotTimeout,
    );
    const signal = AbortSignal.any([outer, own.signal]);
    const aborted = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    aborted.catch(() => {});
    const started = clock.monotonic();
    try {
      await Promise.race([this.#hosts(signal), aborted]);
      const mark = this.map.beginSnapshot();
      const { compute } = controller;
      if (compute.instancePages)
        for await (const page of compute.instancePages({ allProjects: true }, signal)) {
          signal.throwIfAborted();
          this.map.applyPage(mark, page);
        }
      else
        this.map.applyPage(
          mark,
          await Promise.race([compute.instances({ allProjects: true }, signal), aborted]),
        );
      const dropped = this.map.endSnapshot(mark);
      this.snapshots++;
      this.problem = undefined;
      log.debug(
        {
          event: 'inspector.snapshot_taken',
          instances: this.map.size,
          hosts: this.map.hostCount,
          dropped,
          ms: clock.monotonic() - started,
        },
        'snapshot taken',
      );
    } finally {
      timer.cancel();
    }
  }

  async #hosts(signal: AbortSignal): Promise<void> {
    const before = this.#changes;
    const hosts = await this.deps.controller.compute.hosts(signal);
    this.map.keepHosts(new Set(hosts.map(({ hostname }) => hostname)));
    for (const { hostname, forcedDown } of hosts) {
      this.map.addHost(hostname);
      if ((this.#told.get(hostname) ?? 0) <= before) this.forcedDown.set(hostname, forcedDown);
    }
  }

  #schedule(ms = this.options.snapshotInterval): void {
    this.#timer?.cancel();
    if (ms <= 0 || this.#stopped.signal.aborted) return;
    const jitter = 0.9 + this.deps.random() * 0.2;
    this.#timer = this.deps.clock.setTimeout(() => {
      this.#schedule();
      this.refresh('it is time');
    }, ms * jitter);
    this.#timer.unref();
  }
}

const RETRY_MS = 5_000;
