import { withDoctorDriver } from './congress.js';
import { withMaintenanceDefinitions } from './event-definitions.js';
import { withAlarmPublisher } from './event-pipeline.js';
import { withCpuAllocationRatio } from './nova.js';

export type NodeRole = 'controller' | 'compute';

/** One change of the nodes' configuration that Doctor needs. */
export interface Setting {
  /** On which nodes. */
  roles: readonly NodeRole[];
  /** Where the file may be: the first that exists is changed. */
  paths: readonly string[];
  /** When none exists, the first is made from the first of these that exists; a node without any has nothing to change. */
  templates?: readonly string[];
  edit(text: string): string;
  /** What reads the file: names of a unit or container, of which a node has one or none; by the nodes' role. */
  services: Readonly<Partial<Record<NodeRole, readonly string[]>>>;
}

const CONTAINERS = '/var/lib/config-data/puppet-generated';

/** Where TripleO's containers, Kolla's and packages have a service's file. */
const places = (service: string, file: string, kolla: readonly string[] = []): string[] => [
  `${CONTAINERS}/${service}/etc/${service}/${file}`,
  ...kolla.map((name) => `/etc/kolla/${name}/${file}`),
  `/etc/${service}/${file}`,
];

const CEILOMETER = [
  'tripleo_ceilometer_agent_notification',
  'openstack-ceilometer-notification',
  'ceilometer-agent-notification',
  'ceilometer_agent_notification',
  'ceilometer_notification',
];

export const SETTINGS = {
  /** Events reach Aodh. */
  event_pipeline: {
    roles: ['controller'],
    paths: places('ceilometer', 'event_pipeline.yaml', ['ceilometer-notification']),
    edit: withAlarmPublisher,
    services: { controller: CEILOMETER },
  },
  /** Maintenance messages become events with traits. */
  event_definitions: {
    roles: ['controller'],
    paths: places('ceilometer', 'event_definitions.yaml', ['ceilometer-notification']),
    templates: [
      '/etc/ceilometer/event_definitions.yaml',
      '/usr/lib/python3/dist-packages/ceilometer/pipeline/data/event_definitions.yaml',
      '/usr/lib/python2.7/site-packages/ceilometer/pipeline/data/event_definitions.yaml',
      '/usr/lib/python3.6/site-packages/ceilometer/pipeline/data/event_definitions.yaml',
    ],
    edit: withMaintenanceDefinitions,
    services: { controller: CEILOMETER },
  },
  /** A virtual CPU is a real one, so that "there is room" means the same to Nova and to a maintenance session. */
  cpu_allocation_ratio: {
    roles: ['controller', 'compute'],
    paths: [
      `${CONTAINERS}/nova_libvirt/etc/nova/nova.conf`,
      ...places('nova', 'nova.conf', ['nova-compute', 'nova-scheduler']),
    ],
    edit: (text: string) => withCpuAllocationRatio(text, 1),
    services: {
      controller: ['tripleo_nova_scheduler', 'openstack-nova-scheduler', 'nova-scheduler', 'nova_scheduler'],
      compute: ['tripleo_nova_compute', 'openstack-nova-compute', 'nova-compute', 'nova_compute'],
    },
  },
  /** Congress can have a `doctor` data source. */
  congress_driver: {
    roles: ['controller'],
    paths: places('congress', 'congress.conf'),
    edit: withDoctorDriver,
    services: { controller: ['openstack-congress-server', 'congress-server', 'congress', 'congress_api'] },
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];
