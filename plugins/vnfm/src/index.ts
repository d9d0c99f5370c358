import { definePlugin } from '@nfv-doctor/core/plugin-api';
import { vnfmAppManager } from './app-manager/index.js';

export default definePlugin({
  manifest: { name: 'vnfm', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [vnfmAppManager],
});
