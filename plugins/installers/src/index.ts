import { definePlugin } from '@nfv-doctor/core/plugin-api';
import { devstackInstaller, localInstaller } from './local/index.js';

export default definePlugin({
  manifest: { name: 'installers', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [localInstaller, devstackInstaller],
});
