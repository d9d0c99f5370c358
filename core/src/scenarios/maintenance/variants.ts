import { maintenanceScenario } from './scenario.js';

/** The use case itself; `doctor test all` runs it. */
export const maintenance = maintenanceScenario({ name: 'maintenance', title: 'Maintenance' });

const sizes = (count: number, vcpus: number, memory_mb: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => ({
    hostname: `${prefix}-${index + 1}`,
    vcpus,
    memory_mb,
    disk_gb: 1028,
  }));

/** Run by name: `doctor test maintenance_nack`. */
export const maintenanceVariants = [
  maintenanceScenario({
    name: 'maintenance_nack',
    title: 'Maintenance that the application rejects',
    outcome: 'MAINTENANCE_FAILED',
    reason: /NACK_PLANNED_MAINTENANCE/,
    config: () => ({ 'app_manager.refuse_states': ['PLANNED_MAINTENANCE'] }),
  }),
  maintenanceScenario({
    name: 'maintenance_no_answer',
    title: 'Maintenance that the application does not answer',
    outcome: 'MAINTENANCE_FAILED',
    reason: /no answer to PLANNED_MAINTENANCE/,
    config: () => ({
      'app_manager.silent_states': ['PLANNED_MAINTENANCE'],
      'admin_tool.reply_timeout': '5 s',
    }),
  }),
  maintenanceScenario({
    name: 'maintenance_host_dies',
    title: 'Maintenance during which a host dies',
    outcome: 'MAINTENANCE_FAILED',
    reason: /went down|is down/,
    hostDies: true,
    // long enough for the monitor's verdict
    config: () => ({
      'admin_tool.actions': { work: { kind: 'none', duration: '4 s' } },
      'admin_tool.default_actions': ['work'],
    }),
  }),
  maintenanceScenario({
    name: 'maintenance_two_projects',
    title: 'Maintenance with a project that did not subscribe',
    slotsPerHost: 3,
    strangers: 3,
  }),
  maintenanceScenario({
    name: 'maintenance_no_scale_in',
    title: 'Maintenance of an application that cannot scale in',
    outcome: 'MAINTENANCE_FAILED',
    reason: /NACK_DOWN_SCALE: cannot release/,
    config: () => ({ 'app_manager.min_scalable': 100_000 }),
  }),
  maintenanceScenario({
    name: 'maintenance_live_migrate',
    title: 'Maintenance with live migration',
    config: () => ({
      'app_manager.redundant_action': 'LIVE_MIGRATE',
      'app_manager.scalable_action': 'LIVE_MIGRATE',
    }),
  }),
  maintenanceScenario({
    name: 'maintenance_own_action',
    title: 'Maintenance of an application that re-creates its instances',
    config: () => ({
      'app_manager.redundant_action': 'OWN_ACTION',
      'app_manager.scalable_action': 'OWN_ACTION',
    }),
  }),
  maintenanceScenario({
    name: 'maintenance_many_hosts',
    title: 'Maintenance of hosts of two sizes, side by side',
    config: (typeOf) => ({
      'admin_tool.max_parallel_hosts': 4,
      // another cloud is taken as it is
      ...(typeOf('installer') === 'embedded'
        ? { 'installer.hosts.list': [...sizes(8, 8, 16_384, 'small'), ...sizes(4, 16, 32_768, 'large')] }
        : {}),
    }),
  }),
];
