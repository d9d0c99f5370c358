import { definePlugin } from '@nfv-doctor/core/plugin-api';
import { sampleAdminTool } from './admin-tool/index.js';
import { sampleAppManager } from './app-manager/index.js';
import { sampleConsumer } from './consumer/index.js';
import { sampleInspector } from './inspector/index.js';
import { sampleMessageBus } from './message-bus/index.js';
import { sampleMonitor } from './monitor/index.js';
import { sampleNotifier } from './notifier/index.js';

/** Doctor's sample plugins. */
export default definePlugin({
  manifest: { name: 'sample', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [
    sampleAdminTool,
    sampleAppManager,
    sampleNotifier,
    sampleMessageBus,
    sampleConsumer,
    sampleInspector,
    sampleMonitor,
  ],
});
