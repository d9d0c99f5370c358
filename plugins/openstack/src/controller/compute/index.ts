export { NovaController } from './compute.js';
