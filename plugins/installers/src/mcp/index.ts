import { fromSaltPillar } from '../nodes/index.js';
import { remoteProvider } from '../remote/index.js';

export const mcpInstaller = remoteProvider(
  'mcp',
  'an OpenStack that MCP installed, through its Salt master',
  {
    machine: 'Salt master',
    user: 'ubuntu',
    nodeUser: 'ubuntu',
    nodeKeyPath: '',
    rcFile: '/root/keystonercv3',
    settings: ['event_pipeline', 'event_definitions'],
    listCommand: "sudo -n salt --out json --static '*' pillar.get _param:single_address",
    controllers: '^ctl\\d',
    computes: '^cmp\\d',
  },
  { parse: fromSaltPillar, rcOn: 'controller' },
);
