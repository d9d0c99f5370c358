import { definePlugin } from '@nfv-doctor/core/plugin-api';
import { congressInspector } from './inspector/index.js';

export default definePlugin({
  manifest: { name: 'congress', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [congressInspector],
});
