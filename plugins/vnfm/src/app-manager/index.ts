export { vnfmAppManager } from './provider.js';
