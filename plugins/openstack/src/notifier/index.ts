export { aodhNotifier } from './provider.js';
