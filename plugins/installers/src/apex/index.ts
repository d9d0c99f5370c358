import { fromServerList } from '../nodes/index.js';
import { remoteProvider } from '../remote/index.js';

export const apexInstaller = remoteProvider(
  'apex',
  'an OpenStack that Apex or TripleO installed, through its undercloud',
  {
    machine: 'undercloud',
    user: 'stack',
    nodeUser: 'heat-admin',
    nodeKeyPath: '.ssh/id_rsa',
    rcFile: 'overcloudrc',
    settings: ['event_pipeline', 'event_definitions'],
    listCommand: '. ./stackrc && openstack server list -f json',
    controllers: 'controller',
    computes: 'compute',
  },
  { parse: fromServerList, rcOn: 'installer' },
);
