export { EmulatorGroup, EMULATOR_NAMES, type GroupContext } from './group.js';
export { CongressEmulator, type CongressEmulatorOptions } from './congress/index.js';
export type { Emulator, EmulatorContext, EmulatorNotification, ServiceCredentials } from './types.js';
export { VitrageEmulator } from './vitrage/index.js';
export { FenixEmulator, type FenixTimes } from './fenix/index.js';
export { AodhEmulator, type BusSubscription } from './aodh/index.js';
