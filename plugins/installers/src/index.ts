import { definePlugin } from '@nfv-doctor/core/plugin-api';
import { apexInstaller } from './apex/index.js';
import { daisyInstaller } from './daisy/index.js';
import { devstackInstaller, localInstaller } from './local/index.js';
import { mcpInstaller } from './mcp/index.js';

export default definePlugin({
  manifest: { name: 'installers', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [apexInstaller, daisyInstaller, devstackInstaller, localInstaller, mcpInstaller],
});
