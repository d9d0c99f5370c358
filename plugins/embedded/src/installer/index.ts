export { EmbeddedInstaller } from './embedded-installer.js';
export { embeddedInstaller } from './provider.js';
