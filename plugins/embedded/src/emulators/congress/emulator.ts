import { CloudClient } from '../cloud-client.js';
import { EmulatorServer } from '../server.js';
import type { Emulator, EmulatorContext } from '../types.js';
import { CongressApi } from './api.js';
import { CongressCore } from './congress.js';

export interface CongressEmulatorOptions {
  /** Data sources that the deployer made; default: `nova` as the administrator, with Congress' own defaults. */
  dataSources?: readonly Record<string, unknown>[];
  /** How long a call waits that concerns an unknown data source, ms; Congress' own message bus takes 5 s. */
  rpcTimeoutMs?: number;
}

/** Congress: data sources, policies in Datalog, actions in Nova. */
export class CongressEmulator implements Emulator {
  readonly service = { name: 'congress', type: 'policy' };
  readonly #context: EmulatorContext;
  readonly #options: CongressEmulatorOptions;
  readonly #core: CongressCore;
  readonly #server: EmulatorServer;

  constructor(context: EmulatorContext, options: CongressEmulatorOptions = {}) {
    this.#context = context;
    this.#options = options;
    this.#core = new CongressCore({ clock: context.clock, log: context.log });
    const api = new CongressApi({
      core: this.#core,
      cloud: new CloudClient(context.credentials),
      base: () => this.url,
      keystoneUrl: () => context.credentials().authUrl,
      patience: () =>
        new Promise((resolve) => context.clock.setTimeout(resolve, options.rpcTimeoutMs ?? 5000)),
    });
    this.#server = new EmulatorServer(
      (request) => api.handle(request),
      (error) => context.log('congress.error', { error: String(error) }),
    );
  }

  get url(): string {
    return this.#server.url;
  }

  async start(port: number): Promise<void> {
    await this.#server.listen(port);
    for (const source of this.#options.dataSources ?? [this.#nova()]) this.#core.addSource(source);
  }

  async stop(): Promise<void> {
    await this.#server.close();
    await this.#core.stop();
  }

  /** Resolves when no poll and no action is under way. */
  settled(): Promise<void> {
    return this.#core.settled();
  }

  #nova(): Record<string, unknown> {
    const { authUrl, username, password, projectName } = this.#context.credentials();
    return {
      name: 'nova',
      driver: 'nova',
      config: { username, password, auth_url: authUrl, tenant_name: projectName },
    };
  }
}
