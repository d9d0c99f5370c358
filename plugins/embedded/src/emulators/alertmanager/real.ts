import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator, EmulatorContext } from '../types.js';
import { HostProber } from '../watchers/host-prober.js';
import { post } from '../watchers/posting.js';
import { freePort, Program } from '../watchers/program.js';
import type { WatchedHost, WatchOptions } from '../watchers/watched-hosts.js';
import { alertOf, RECEIVER } from './webhook.js';

/** An alert that is not sent again is over then, as Prometheus sets it. */
const HOLDS_MS = 240_000;

/** The real Alertmanager, fed by a prober that stands for Prometheus and its blackbox exporter. */
export class RealAlertmanager implements Emulator {
  readonly #context: EmulatorContext;
  readonly #options: WatchOptions;
  readonly #program: Program;
  readonly #prober: HostProber;
  readonly #stopping = new AbortController();
  readonly #since = new Map<string, string>();
  #api = '';

  constructor(
    context: EmulatorContext,
    readonly path: string,
    options: WatchOptions,
  ) {
    this.#context = context;
    this.#options = options;
    this.#program = new Program(context.clock, 'alertmanager');
    this.#prober = new HostProber(context.clock, options.intervalMs, (host, isUp) => this.#tell(host, isUp));
  }

  get url(): string {
    return this.#api;
  }

  async start(): Promise<void> {
    const { folder } = this.#program;
    const file = join(folder, 'alertmanager.yml');
    writeFileSync(file, alertmanagerConfig(this.#options.url));
    const address = `127.0.0.1:${await freePort()}`;
    this.#api = `http://${address}`;
    const args = [
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--cluster.listen-address=',
    ];
    await this.#program.start(this.path, args, async () => (await fetch(`${this.#api}/-/ready`)).ok);
    await this.#prober.start(this.#options.hosts());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#prober.stop();
    await this.#program.stop();
  }

  #tell(host: WatchedHost, isUp: boolean): void {
    const { clock, log } = this.#context;
    const now = clock.now();
    if (!isUp) this.#since.set(host.hostname, new Date(now).toISOString());
    const alert = {
      ...alertOf(host),
      startsAt: this.#since.get(host.hostname),
      endsAt: new Date(isUp ? now : now + HOLDS_MS).toISOString(),
    };
    post(`${this.#api}/api/v2/alerts`, [alert], this.#stopping.signal).catch((error: unknown) =>
      log('alertmanager.not_posted', { error: String(error) }),
    );
  }
}

/** Without the waits that gather alerts: a host that is down is told at once. */
const alertmanagerConfig = (url: string) => `
route:
  receiver: ${RECEIVER}
  group_by: [alertname, hostname]
  group_wait: 0s
  group_interval: 100ms
  repeat_interval: 4h
receivers:
  - name: ${RECEIVER}
    webhook_configs:
      - url: ${url}
        send_resolved: true
`;
