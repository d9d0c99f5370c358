import { CloudClient } from '../cloud-client.js';
import { EmulatorServer } from '../server.js';
import type { Emulator, EmulatorContext } from '../types.js';
import { post } from '../watchers/posting.js';
import { AodhAlarms } from './alarms.js';
import { AodhApi } from './api.js';
import { type BusNotification, ceilometerEvent } from './events.js';

/** Calls the listener with each notification on the bus. @returns a function that ends that */
export type BusSubscription = (
  listener: (notification: BusNotification) => void,
) => Promise<() => Promise<void>>;

/** Ceilometer and Aodh: events of the bus' notifications, event alarms, webhooks. What a consumer refuses is not sent again. */
export class AodhEmulator implements Emulator {
  readonly service = { name: 'aodh', type: 'alarming' };
  readonly #alarms: AodhAlarms;
  readonly #server: EmulatorServer;
  readonly #stopping = new AbortController();
  #unsubscribe: (() => Promise<void>) | undefined;

  constructor(
    readonly context: EmulatorContext,
    readonly subscribe: BusSubscription,
  ) {
    this.#alarms = new AodhAlarms(context.clock);
    const api = new AodhApi(this.#alarms, new CloudClient(context.credentials), () => this.url);
    this.#server = new EmulatorServer(
      (request) => api.handle(request),
      (error) => context.log('aodh.error', { error: String(error) }),
    );
  }

  get url(): string {
    return this.#server.url;
  }

  async start(port: number): Promise<void> {
    await this.#server.listen(port);
    this.#unsubscribe = await this.subscribe((notification) => this.#take(notification));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    await this.#server.close();
  }

  #take(notification: BusNotification): void {
    const event = ceilometerEvent(notification);
    if (!event) return;
    for (const { url, body } of this.#alarms.evaluate(event))
      post(url, body, this.#stopping.signal).catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.context.log('aodh.not_posted', { error: String(error) });
      });
  }
}
