import { definePlugin } from '@nfv-doctor/core/plugin-api';
import { fenixAdminTool } from './admin-tool/index.js';

export default definePlugin({
  manifest: { name: 'fenix', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [fenixAdminTool],
});
