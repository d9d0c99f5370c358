export { CollectdEmulator } from './emulator.js';
export { RealCollectd } from './real.js';
