import type { ConfigSchema } from '@nfv-doctor/core/plugin-api';
import { SETTING_NAMES, type SettingName } from '../settings/index.js';
import type { HostKeyChecking } from '../ssh/index.js';

/** What differs between installers of one kind: who logs in where, and what is asked there. */
export interface RemoteDefaults {
  /** The installer as people call it, e.g. `undercloud`. */
  machine: string;
  user: string;
  nodeUser: string;
  /** File on the installer with the key for the nodes; empty: nodes take the installer's own key. */
  nodeKeyPath: string;
  rcFile: string;
  settings: readonly SettingName[];
  /** Command that lists the nodes. */
  listCommand: string;
  controllers: string;
  computes: string;
}

/** Configuration that all installers over SSH have. */
export const remoteConfig = (defaults: RemoteDefaults) =>
  ({
    address: { doc: `address of the ${defaults.machine}`, format: String, default: '', env: 'INSTALLER_IP' },
    port: { doc: 'its SSH port; 0: what ssh_config says, else 22', format: 'nat', default: 0 },
    user: { doc: 'user there; empty: what ssh_config says', format: String, default: defaults.user },
    key_file: {
      doc: 'private key, without a passphrase; empty: the SSH agent and ssh_config',
      format: 'path',
      default: '',
      env: 'SSH_KEY',
    },
    jump_host: {
      doc: `[user@]address[:port] on the way to the ${defaults.machine}`,
      format: String,
      default: '',
    },
    node_user: { doc: 'user on the nodes', format: String, default: defaults.nodeUser },
    node_port: { doc: "the nodes' SSH port; 0: what ssh_config says, else 22", format: 'nat', default: 0 },
    node_key_file: {
      doc: 'private key for the nodes, here; empty: see node_key_path',
      format: 'path',
      default: '',
    },
    node_key_path: {
      doc: `file on the ${defaults.machine} with the key for the nodes, copied while Doctor runs; empty: key_file is for the nodes, too`,
      format: String,
      default: defaults.nodeKeyPath,
    },
    nodes_behind: {
      doc: `whether nodes are reached through the ${defaults.machine}`,
      format: Boolean,
      default: true,
    },
    ssh_program: { doc: "OpenSSH's client", format: String, default: 'ssh' },
    ssh_config: { doc: "ssh_config to read; empty: the user's, none: none", format: String, default: '' },
    known_hosts_file: { doc: "known_hosts; empty: the user's", format: 'path', default: '' },
    host_key_checking: {
      doc: 'yes: host keys must be in known_hosts; accept-new: new ones are added; no: any is taken',
      format: ['yes', 'accept-new', 'no'],
      default: 'yes' as HostKeyChecking,
    },
    sudo: {
      doc: 'command that runs another one as root, unless the user is root',
      format: String,
      default: 'sudo -n',
    },
    connect_timeout: { doc: 'time until a connection is there', format: 'duration', default: 15_000 },
    alive_timeout: { doc: 'silence after which a connection is lost', format: 'duration', default: 15_000 },
    command_timeout: { doc: 'time that one command may take', format: 'duration', default: 60_000 },
    restart_timeout: {
      doc: 'time that the restart of a service may take',
      format: 'duration',
      default: 120_000,
    },
    list_command: { doc: 'command that lists the nodes', format: String, default: defaults.listCommand },
    controllers: {
      doc: 'regular expression for the names or roles of controllers',
      format: String,
      default: defaults.controllers,
    },
    computes: {
      doc: 'regular expression for the names or roles of computes',
      format: String,
      default: defaults.computes,
    },
    rc_file: {
      doc: "shell file with the administrator's OS_* variables; empty: credentials are configured elsewhere",
      format: String,
      default: defaults.rcFile,
    },
    settings: {
      doc: `changes of the nodes' configuration while Doctor runs, of: ${SETTING_NAMES.join(', ')}`,
      format: 'strings',
      default: [...defaults.settings] as string[],
    },
    setting_paths: {
      doc: "where a setting's file may be, instead of the usual places: {SETTING: [path, ...]}",
      format: Object,
      default: {} as Record<string, unknown>,
    },
    setting_services: {
      doc: 'units or containers to restart for a setting, instead of the usual names: {SETTING: [name, ...]}',
      format: Object,
      default: {} as Record<string, unknown>,
    },
    tunnels: {
      doc: "ports of the controllers that lead to this machine's: list of {port, listen_port?, listen_address?}, e.g. of consumer, inspector, app manager",
      format: Array,
      default: [] as unknown[],
    },
    cut_interfaces: {
      doc: "interfaces of a compute that are taken down to cut its network; empty: the one with the node's address",
      format: 'strings',
      default: [] as string[],
    },
    cut_delay: {
      doc: 'from the command to the cut, so that its answer comes through',
      format: 'duration',
      default: 300,
    },
  }) satisfies ConfigSchema;

export interface RemoteConfig {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly key_file: string;
  readonly jump_host: string;
  readonly node_user: string;
  readonly node_port: number;
  readonly node_key_file: string;
  readonly node_key_path: string;
  readonly nodes_behind: boolean;
  readonly ssh_program: string;
  readonly ssh_config: string;
  readonly known_hosts_file: string;
  readonly host_key_checking: string;
  readonly sudo: string;
  readonly connect_timeout: number;
  readonly alive_timeout: number;
  readonly command_timeout: number;
  readonly restart_timeout: number;
  readonly list_command: string;
  readonly controllers: string;
  readonly computes: string;
  readonly rc_file: string;
  readonly settings: readonly string[];
  readonly setting_paths: Record<string, unknown>;
  readonly setting_services: Record<string, unknown>;
  readonly tunnels: readonly unknown[];
  readonly cut_interfaces: readonly string[];
  readonly cut_delay: number;
}
