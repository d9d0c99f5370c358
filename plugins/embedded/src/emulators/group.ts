import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { AodhEmulator, type BusSubscription } from './aodh/index.js';
import { AlertmanagerEmulator, RealAlertmanager } from './alertmanager/index.js';
import { CollectdEmulator, RealCollectd } from './collectd/index.js';
import { CongressEmulator } from './congress/index.js';
import { FenixEmulator } from './fenix/index.js';
import type { Emulator, EmulatorContext } from './types.js';
import { VitrageEmulator } from './vitrage/index.js';
import { findProgram } from './watchers/program.js';
import type { WatchedHost, WatchOptions } from './watchers/watched-hosts.js';

/** What watchers need of the cloud, beside what every emulator does. */
export interface GroupContext extends EmulatorContext {
  /** The hosts that can be probed; asked when a watcher starts. */
  hosts(): readonly WatchedHost[];
  subscribe: BusSubscription;
  /** Of each watcher: where it posts to, and how often it looks (ms). */
  watchers: Readonly<Record<'collectd' | 'alertmanager', { url: string; interval: number }>>;
  /** The hosts answer ICMP and have links of their own: the real programs can watch them, where they are installed. */
  realHosts: boolean;
}

const watchOptions = (
  { watchers, hosts, realHosts }: GroupContext,
  name: 'collectd' | 'alertmanager',
): WatchOptions => {
  const { url, interval } = watchers[name];
  if (url === '')
    throw new DoctorError(
      'CONFIG_INVALID',
      `installer.${name}.url: must be the URL of the monitor when installer.emulators has ${name}`,
    );
  return { url, intervalMs: interval, real: realHosts, hosts };
};

/** The program itself where it can be used, else its emulation. */
const watcher =
  (
    name: 'collectd' | 'alertmanager',
    program: string,
    Real: new (context: EmulatorContext, path: string, options: WatchOptions) => Emulator,
    Emulated: new (context: EmulatorContext, options: WatchOptions) => Emulator,
  ) =>
  (context: GroupContext): Emulator => {
    const options = watchOptions(context, name);
    const path = options.real ? findProgram(program) : undefined;
    context.log(`${name}.chosen`, { program: path ?? 'emulated' });
    return path === undefined ? new Emulated(context, options) : new Real(context, path, options);
  };

const MAKERS: Readonly<Record<string, (context: GroupContext) => Emulator>> = {
  alertmanager: watcher('alertmanager', 'prometheus-alertmanager', RealAlertmanager, AlertmanagerEmulator),
  aodh: (context) => new AodhEmulator(context, context.subscribe),
  collectd: watcher('collectd', 'collectd', RealCollectd, CollectdEmulator),
  congress: (context) => new CongressEmulator(context),
  fenix: (context) => new FenixEmulator(context),
  vitrage: (context) => new VitrageEmulator(context),
};
export const EMULATOR_NAMES = Object.keys(MAKERS);

/** The emulators that a configuration names: started and stopped together. */
export class EmulatorGroup {
  readonly #emulators: readonly Emulator[];

  /** @throws DoctorError CONFIG_INVALID for a name that there is not */
  constructor(names: readonly string[], context: GroupContext) {
    this.#emulators = [...new Set(names)].map((name) => {
      const make = MAKERS[name];
      if (make) return make(context);
      throw new DoctorError(
        'CONFIG_INVALID',
        `installer.emulators: must be some of ${EMULATOR_NAMES.join(', ')}, found ${JSON.stringify(name)}`,
      );
    });
  }

  /** @param register puts a service into the catalog */
  async start(register: (name: string, type: string, url: string) => void): Promise<void> {
    for (const emulator of this.#emulators) {
      await emulator.start(0);
      const { service, url } = emulator;
      if (service) register(service.name, service.type, url);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#emulators.map((emulator) => emulator.stop()));
  }
}
