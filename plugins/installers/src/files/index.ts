export { RemoteFiles } from './remote-files.js';
