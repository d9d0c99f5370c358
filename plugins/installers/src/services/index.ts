export { restartService } from './restart.js';
