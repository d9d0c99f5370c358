import { definePlugin } from '@nfv-doctor/core/plugin-api';
import { embeddedInstaller } from './installer/index.js';

export * from './cloud/index.js';
export * from './emulators/index.js';
export { EmbeddedInstaller } from './installer/index.js';

/** The embedded cloud, as an installer. */
export default definePlugin({
  manifest: { name: 'embedded', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [embeddedInstaller],
});
