export { openstackCloud } from './provider.js';
