import { definePlugin } from '@nfv-doctor/core/plugin-api';
import { vitrageInspector } from './inspector/index.js';

export default definePlugin({
  manifest: { name: 'vitrage', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [vitrageInspector],
});
