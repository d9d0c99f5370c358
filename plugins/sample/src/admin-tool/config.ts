import type { ConfigValues } from '@nfv-doctor/core/plugin-api';

/** Options of the admin tool `sample`. Durations are ms once loaded. */
export const adminToolConfig = {
  host: { doc: 'address to listen on', format: String, default: '127.0.0.1' },
  port: {
    doc: 'port of the REST API; 0: a free one (then applications cannot answer across a restart)',
    format: 'port',
    default: 0,
    env: 'DOCTOR_ADMIN_TOOL_PORT',
  },
  public_url: {
    doc: 'base URL under which applications reach the REST API; empty: the address listened on',
    format: 'url_or_empty',
    default: '',
  },
  auth: {
    doc: 'who may call: keystone asks Keystone about the token of each request (administrators see all, a project its own part); none trusts everybody and is for loopback only',
    format: ['keystone', 'none'],
    default: 'keystone',
  },
  admin_roles: {
    doc: 'roles whose holders may start and abort sessions',
    format: 'strings',
    default: ['admin'],
  },
  vocabulary: {
    doc: 'words of outgoing messages: doctor says DOWN_SCALE and ADMIN_ACTION_DONE, fenix SCALE_IN and INSTANCE_ACTION_DONE; both are understood',
    format: ['doctor', 'fenix'],
    default: 'doctor',
  },
  max_parallel_hosts: {
    doc: 'hosts that are maintained side by side where capacity and constraints allow, unless the session says otherwise',
    format: 'count',
    default: 1,
  },
  max_parallel_moves: { doc: 'instances of one host that are moved at once', format: 'count', default: 10 },
  default_action: {
    doc: 'what is done with instances of projects that did not subscribe, and so are not asked',
    format: ['MIGRATE', 'LIVE_MIGRATE'],
    default: 'MIGRATE',
  },
  reply_timeout: { doc: 'time a project has to answer', format: 'duration', default: 120_000 },
  move_timeout: {
    doc: 'time within which an instance must have moved',
    format: 'duration',
    default: 900_000,
  },
  effect_timeout: {
    doc: 'time for which a call to the cloud or the message bus is tried again before the session fails',
    format: 'duration',
    default: 120_000,
  },
  silent_host_timeout: {
    doc: 'time for which a plan waits for hosts that Nova has not heard of lately (state down, not forced down): after a restart of the message broker all look like that for a while',
    format: 'duration',
    default: 90_000,
  },
  poll_interval: {
    doc: 'time between two looks at an instance that moves; notifications of the bus are looked at at once',
    format: 'duration',
    default: 500,
  },
  close_waiting_hosts: {
    doc: 'close hosts that wait for their maintenance to new instances as soon as the first host is maintained, so that nothing is placed where it has to move again',
    format: Boolean,
    default: true,
  },
  cpu_allocation_ratio: {
    doc: 'vCPUs that instances may have per vCPU of a host',
    format: Number,
    default: 1,
  },
  ram_allocation_ratio: {
    doc: 'memory that instances may have per memory of a host',
    format: Number,
    default: 1,
  },
  reserved_host_memory: {
    doc: 'memory of each host that is not for instances, MiB',
    format: 'int',
    default: 0,
  },
  expected_move_time: { doc: 'time a move takes, for estimates', format: 'duration', default: 10_000 },
  actions: {
    doc: 'action plug-ins by name: {kind: command|none|module, phase: pre|host|post, command, ssh, timeout, duration, safe_to_enable_after_failure}',
    format: Object,
    default: {} as Record<string, unknown>,
  },
  default_actions: {
    doc: 'names of the actions that sessions run which name none',
    format: 'strings',
    default: [] as string[],
  },
  action_folder: {
    doc: 'folder in which commands keep their progress, so that none runs twice after a crash; empty: doctor-actions below the folder for temporary files',
    format: String,
    default: '',
  },
} as const;
export type AdminToolConfig = ConfigValues<typeof adminToolConfig>;
