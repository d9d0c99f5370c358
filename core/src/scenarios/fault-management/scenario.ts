import { CHECKPOINTS } from '../../bus/index.js';
import { prepareFlavor, prepareImage, prepareNetwork, prepareOwner } from '../common/index.js';
import type { Scenario } from '../engine/types.js';
import { type FaultManagementState, profileOf } from './state.js';
import { createAlarms, watchHosts } from './steps/components.js';
import { awaitNotifications, cutNetwork, detectFault } from './steps/fault.js';
import { bootInstances } from './steps/instances.js';
import { restoreNetwork, verifyRecovery } from './steps/recovery.js';
import { verifyCloud, verifyReplacements } from './steps/verify.js';

const round = (ms: number) => Math.round(ms * 1000) / 1000;

/**
 * A compute host loses its link: the owner of every instance on it is notified within the limit, the cloud says the
 * same, replacements run elsewhere, and all is as before when the link is back.
 */
export const faultManagement: Scenario<FaultManagementState> = {
  name: 'fault_management',
  title: 'Fault management',
  // the bus: what only may use it hears of changes and recoveries there
  roles: ['installer', 'message_bus', 'controller', 'notifier', 'inspector', 'monitor', 'consumer'],
  state: () => ({ instances: [], watched: [] }),
  steps: [
    prepareImage(),
    prepareFlavor(),
    prepareOwner(({ options }) => {
      // each instance and its replacement
      const instances = options.vm_count * 2;
      return {
        instances,
        cores: instances * options.flavor_vcpus,
        memoryMb: instances * options.flavor_memory_mb,
        serverGroupMembers: Math.max(10, options.vm_count),
      };
    }),
    prepareNetwork(),
    bootInstances,
    createAlarms,
    watchHosts,
    cutNetwork,
    detectFault,
    awaitNotifications,
    verifyCloud,
    verifyReplacements,
    restoreNetwork,
    verifyRecovery,
  ],
  result(ctx) {
    const profile = profileOf(ctx);
    const { mode } = (ctx.config['inspector'] ?? {}) as { mode?: string };
    return {
      ...(mode === undefined ? {} : { mode }),
      instances: ctx.state.instances.length,
      ...(profile?.notificationTimeMs === undefined
        ? {}
        : { notificationTimeMs: round(profile.notificationTimeMs) }),
      ...(profile?.detectionTimeMs === undefined ? {} : { detectionTimeMs: round(profile.detectionTimeMs) }),
      ...(profile === undefined
        ? {}
        : {
            checkpoints: Object.fromEntries(
              Object.keys(CHECKPOINTS).flatMap((name) => {
                const at = profile.last.checkpoints[name as keyof typeof CHECKPOINTS];
                return at === undefined ? [] : [[name, round(at)]];
              }),
            ),
          }),
    };
  },
  profile: profileOf,
};
