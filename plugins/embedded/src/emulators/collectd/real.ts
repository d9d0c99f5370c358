import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator, EmulatorContext } from '../types.js';
import { Program } from '../watchers/program.js';
import type { WatchOptions } from '../watchers/watched-hosts.js';
import { OBSERVER } from './notification.js';

/** The real collectd with its plugins ping, threshold and write_http. */
export class RealCollectd implements Emulator {
  readonly #options: WatchOptions;
  readonly #program: Program;

  constructor(
    { clock }: EmulatorContext,
    readonly path: string,
    options: WatchOptions,
  ) {
    this.#options = options;
    this.#program = new Program(clock, 'collectd');
  }

  get url(): string {
    return this.#options.url;
  }

  async start(): Promise<void> {
    const file = join(this.#program.folder, 'collectd.conf');
    const addresses = this.#options.hosts().map(({ address }) => address);
    writeFileSync(file, collectdConfig(this.#program.folder, addresses, this.#options));
    await this.#program.start(this.path, ['-f', '-C', file], (said) => /Initialization complete/.test(said));
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }
}

const collectdConfig = (folder: string, addresses: readonly string[], { url, intervalMs }: WatchOptions) => `
Hostname "${OBSERVER}"
FQDNLookup false
BaseDir "${folder}"
PIDFile "${folder}/pid"
Interval ${intervalMs / 1000}
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File stderr
</Plugin>
LoadPlugin ping
<Plugin ping>
${addresses.map((address) => `  Host "${address}"`).join('\n')}
  Interval ${intervalMs / 1000}
  Timeout ${(intervalMs * 0.9) / 1000}
</Plugin>
LoadPlugin threshold
<Plugin threshold>
  <Plugin "ping">
    <Type "ping_droprate">
      FailureMax 0.5
      # a value that is late says nothing about the host
      Interesting false
    </Type>
  </Plugin>
</Plugin>
LoadPlugin write_http
<Plugin write_http>
  <Node "doctor">
    URL "${url}"
    Format JSON
    Metrics false
    Notifications true
    Timeout 5000
  </Node>
</Plugin>
`;
