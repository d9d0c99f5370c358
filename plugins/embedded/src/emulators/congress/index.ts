export { CongressEmulator, type CongressEmulatorOptions } from './emulator.js';
