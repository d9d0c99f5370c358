export { FenixEmulator } from './emulator.js';
export type { FenixTimes } from './workflow.js';
