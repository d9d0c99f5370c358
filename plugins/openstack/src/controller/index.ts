export { openstackController } from './provider.js';
