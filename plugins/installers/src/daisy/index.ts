import { fromTable } from '../nodes/index.js';
import { remoteProvider } from '../remote/index.js';

export const daisyInstaller = remoteProvider(
  'daisy',
  'an OpenStack that Daisy installed, through its server',
  {
    machine: 'Daisy server',
    user: 'root',
    nodeUser: 'root',
    nodeKeyPath: '.ssh/id_rsa',
    rcFile: '/etc/kolla/admin-openrc.sh',
    settings: [],
    listCommand: '. ./daisyrc_admin && daisy host-list',
    controllers: 'CONTROLLER_LB',
    computes: 'COMPUTER',
  },
  { parse: fromTable, rcOn: 'installer' },
);
