import { type ConfigSchema, core, provide } from '@nfv-doctor/core/plugin-api';
import { LocalInstaller } from './local-installer.js';

const config = {
  hosts: {
    doc: 'compute hosts as Nova names them: list of {hostname, address, port?} or {hostname, addresses: [{plane, address, port?}]}',
    format: Array,
    default: [] as unknown[],
  },
  hosts_file: { doc: 'YAML or JSON file with such a list, instead of hosts', format: String, default: '' },
  cut_command: {
    doc: 'shell command that cuts the network of $DOCTOR_HOST ($DOCTOR_ADDRESS); may print {"at_ms": Unix time in ms}',
    format: String,
    default: '',
  },
  restore_command: {
    doc: 'shell command that brings it back; is also run when nothing is cut',
    format: String,
    default: '',
  },
  command_timeout: { doc: 'time that one of these may take', format: 'duration', default: 10_000 },
} satisfies ConfigSchema;

const installer = <Type extends string>(type: Type, doc: string) =>
  provide({
    role: 'installer',
    type,
    doc,
    config,
    deps: { clock: core.clock, events: core.events, run: core.run },
    create: (ctx, services) => new LocalInstaller(ctx, services),
  });

export const localInstaller = installer(
  'local',
  'an OpenStack that is there already, reached by clouds.yaml or OS_* variables',
);
export const devstackInstaller = installer('devstack', 'a DevStack on this machine: the same as local');
