import type { ConfigSchema, ConfigValues } from '../plugin-api/define-plugin.js';

/** Options that every scenario has. Durations are numbers of milliseconds once loaded. */
const commonOptions = {
  case: {
    doc: 'scenario to run',
    format: ['all', 'fault_management', 'maintenance'],
    default: 'all',
    env: 'TEST_CASE',
  },
  step_timeout: {
    doc: 'time within which a step of a scenario must end, where it has no time-out of its own',
    format: 'duration',
    default: 300_000,
  },
  cleanup_timeout: {
    doc: 'time within which the clean-up of a step must end; what is left then is reported',
    format: 'duration',
    default: 120_000,
  },
  poll_interval: {
    doc: 'time between two looks at the cloud while waiting for a condition',
    format: 'duration',
    default: 200,
  },
  boot_timeout: {
    doc: 'time within which instances must become active, and be gone after their deletion',
    format: 'duration',
    default: 180_000,
  },
  concurrency: {
    doc: "calls of a scenario's own set-up and clean-up that are under way at once",
    format: 'count',
    default: 8,
  },
  image_name: {
    doc: 'image to boot from; one that exists already is used and kept, else it is created for the run',
    format: String,
    default: 'doctor-image',
    env: 'IMAGE_NAME',
  },
  image_file: {
    doc: 'file with the data of the image to create; empty: one kibibyte of zeros (enough for clouds that do not really boot)',
    format: 'path',
    default: '',
    env: 'IMAGE_FILE',
  },
  image_format: {
    doc: 'disk format of the image to create',
    format: ['raw', 'qcow2', 'vmdk', 'vdi', 'iso', 'ami'],
    default: 'qcow2',
    env: 'IMAGE_FORMAT',
  },
  flavor_vcpus: { doc: 'vCPUs of an instance', format: 'count', default: 1 },
  flavor_memory_mb: { doc: 'memory of an instance, MiB', format: 'count', default: 512 },
  flavor_disk_gb: { doc: 'disk of an instance, GiB', format: 'int', default: 1 },
  network_cidr: {
    doc: 'address range of the network made for the run',
    format: String,
    default: '10.97.0.0/16',
  },
} satisfies ConfigSchema;

/** Options of the fault management scenario. */
export const faultManagementOptions = {
  vm_count: { doc: 'instances on the host that fails', format: 'count', default: 1, env: 'VM_COUNT' },
  outage: {
    doc: "how long the host's network is cut; the classic test has 3 min",
    format: 'duration',
    default: 2_000,
  },
  notification_limit: {
    doc: 'longest allowed time from the detection of the fault to the notification of the last owner',
    format: 'duration',
    default: 1_000,
  },
  detection_timeout: {
    doc: 'time within which the monitor must have noticed that the host is down',
    format: 'duration',
    default: 30_000,
  },
  notification_timeout: {
    doc: 'time after the detection for which notifications are waited for before the test fails',
    format: 'duration',
    default: 30_000,
  },
  recovery_timeout: {
    doc: 'time within which the host and its instances must be back after the network is',
    format: 'duration',
    default: 60_000,
  },
} satisfies ConfigSchema;

/** Options of the maintenance scenarios. */
export const maintenanceOptions = {
  maintenance_lead: {
    doc: 'time between the request for a maintenance session and its begin',
    format: 'duration',
    default: 3_000,
  },
  maintenance_timeout: {
    doc: 'time within which a maintenance session must end',
    format: 'duration',
    default: 1_800_000,
  },
} satisfies ConfigSchema;

/** Section `test` of the configuration. */
export const testOptions = {
  ...commonOptions,
  ...faultManagementOptions,
  ...maintenanceOptions,
} satisfies ConfigSchema;
export type TestOptions = ConfigValues<typeof testOptions>;
