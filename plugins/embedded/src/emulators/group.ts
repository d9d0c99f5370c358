import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { CongressEmulator } from './congress/index.js';
import { FenixEmulator } from './fenix/index.js';
import type { Emulator, EmulatorContext } from './types.js';
import { VitrageEmulator } from './vitrage/index.js';

const MAKERS: Readonly<Record<string, (context: EmulatorContext) => Emulator>> = {
  congress: (context) => new CongressEmulator(context),
  fenix: (context) => new FenixEmulator(context),
  vitrage: (context) => new VitrageEmulator(context),
};
export const EMULATOR_NAMES = Object.keys(MAKERS);

/** The emulators that a configuration names: started and stopped together. */
export class EmulatorGroup {
  readonly #emulators: readonly Emulator[];

  /** @throws DoctorError CONFIG_INVALID for a name that there is not */
  constructor(names: readonly string[], context: EmulatorContext) {
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
      register(emulator.service.name, emulator.service.type, emulator.url);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#emulators.map((emulator) => emulator.stop()));
  }
}
