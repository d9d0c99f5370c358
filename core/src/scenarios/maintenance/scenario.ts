import { prepareImage, prepareNetwork, prepareOwner } from '../common/index.js';
import type { Scenario } from '../engine/types.js';
import { ganttSection } from './gantt/index.js';
import type { MaintenanceContext, MaintenanceState, MaintenanceVariant } from './state.js';
import { cutWaitingHost, watchAllHosts } from './steps/fault.js';
import { measureHosts } from './steps/hosts.js';
import { fillHosts } from './steps/instances.js';
import { createService, manageApplication } from './steps/service.js';
import { awaitCapacity, awaitSession, record, startSession } from './steps/session.js';
import { verifyMaintenance } from './steps/verify.js';

const PLAIN: MaintenanceVariant = {
  outcome: 'MAINTENANCE_DONE',
  slotsPerHost: 2,
  strangers: 0,
  hostDies: false,
};

const namesOf = ({ state, prefix }: Pick<MaintenanceContext, 'state' | 'prefix'>) => {
  const names = new Map(state.instances.map(({ id, name }) => [id, name.replace(`${prefix}-`, '')]));
  return (id: string) => names.get(id) ?? `new ${id.slice(0, 8)}`;
};

export interface MaintenanceScenarioOptions extends Partial<MaintenanceVariant> {
  name: string;
  title: string;
  /** What the variant changes in the configuration. */
  config?: NonNullable<Scenario['config']>;
}

/**
 * Every host is maintained, one wave after another; the application is asked before each step, and its service address points
 * at an active instance at every moment.
 */
export function maintenanceScenario({
  name,
  title,
  config,
  ...variant
}: MaintenanceScenarioOptions): Scenario<MaintenanceState> {
  return {
    name,
    title,
    roles: [
      'installer',
      'message_bus',
      'controller',
      'notifier',
      'inspector',
      'app_manager',
      'admin_tool',
      ...(variant.hostDies ? (['monitor'] as const) : []),
    ],
    ...(config ? { config } : {}),
    state: () => ({ variant: { ...PLAIN, ...variant }, hosts: [], capacity: 0, instances: [], watched: [] }),
    steps: [
      prepareImage(),
      measureHosts,
      prepareOwner(({ state }) => {
        // an instance that is re-created stands beside the old one for a moment
        const instances = state.capacity + 2;
        return {
          instances,
          cores: instances * (state.flavor?.vcpus ?? 1),
          memoryMb: instances * (state.flavor?.memoryMb ?? 1),
        };
      }),
      prepareNetwork(),
      fillHosts,
      createService,
      manageApplication,
      watchAllHosts,
      record,
      startSession,
      cutWaitingHost,
      awaitSession,
      awaitCapacity,
      verifyMaintenance,
    ],
    result({ state }) {
      return {
        hosts: state.hosts.length,
        instances: state.instances.length + state.variant.strangers,
        ...(state.verdict === undefined
          ? {}
          : { serviceDowntimeMs: Math.round(state.verdict.downtimeMs), messages: state.verdict.messages }),
        ...(state.sessionMs === undefined ? {} : { sessionMs: Math.round(state.sessionMs) }),
      };
    },
    sections: ({ state, prefix }) =>
      state.recorder ? [ganttSection(title, state.recorder.log, namesOf({ state, prefix }))] : [],
  };
}
