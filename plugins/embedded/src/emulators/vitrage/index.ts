export { VitrageEmulator } from './emulator.js';
