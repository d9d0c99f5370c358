export { AlertmanagerEmulator } from './emulator.js';
export { RealAlertmanager } from './real.js';
