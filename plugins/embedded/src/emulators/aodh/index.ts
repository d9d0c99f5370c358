export { AodhEmulator, type BusSubscription } from './emulator.js';
