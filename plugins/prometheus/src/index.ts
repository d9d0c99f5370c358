import { definePlugin } from '@nfv-doctor/core/plugin-api';
import { prometheusMonitor } from './monitor/index.js';

export default definePlugin({
  manifest: { name: 'prometheus', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [prometheusMonitor],
});
