import { definePlugin } from '@nfv-doctor/core/plugin-api';
import { openstackCloud } from './cloud/index.js';
import { openstackController } from './controller/index.js';
import { rabbitMessageBus } from './message-bus/index.js';
import { aodhNotifier } from './notifier/index.js';

export default definePlugin({
  manifest: { name: 'openstack', version: '1.0.0', apiVersion: '^1.0.0' },
  provides: [openstackCloud, openstackController, rabbitMessageBus, aodhNotifier],
});
