import { definePlugin } from '@nfv-doctor/core/plugin-api';
import { collectdMonitor } from './monitor/index.js';

export default definePlugin({
  manifest: { name: 'collectd', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [collectdMonitor],
});
