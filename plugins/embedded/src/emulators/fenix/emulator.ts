import { CloudClient } from '../cloud-client.js';
import { EmulatorServer } from '../server.js';
import type { Emulator, EmulatorContext } from '../types.js';
import { FenixApi } from './api.js';
import { FenixEngine } from './engine.js';
import type { FenixTimes } from './workflow.js';

/** Fenix' own times, but that it looks more often than every 1 to 5 s. */
const TIMES: FenixTimes = {
  projectReply: 20_000,
  scaleInReply: 60_000,
  hostEmpty: 240_000,
  migration: 185_000,
  look: 50,
};

/** Fenix with its workflow `default`. */
export class FenixEmulator implements Emulator {
  readonly service = { name: 'fenix', type: 'maintenance' };
  readonly #engine: FenixEngine;
  readonly #server: EmulatorServer;

  /** @param times default: those of Fenix */
  constructor(context: EmulatorContext, times: Partial<FenixTimes> = {}) {
    this.#engine = new FenixEngine({
      context,
      cloud: new CloudClient(context.credentials),
      times: { ...TIMES, ...times },
      url: () => this.url,
    });
    const api = new FenixApi(
      this.#engine,
      () => this.url,
      (message) => context.log('fenix.refused', { message }),
    );
    this.#server = new EmulatorServer(
      (request) => api.handle(request),
      (error) => context.log('fenix.error', { error: String(error) }),
    );
  }

  get url(): string {
    return this.#server.url;
  }
  async start(port: number): Promise<void> {
    await this.#server.listen(port);
  }
  async stop(): Promise<void> {
    await this.#server.close();
    await this.#engine.stop();
  }
}
