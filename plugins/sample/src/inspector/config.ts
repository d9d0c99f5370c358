import type { ConfigSchema, ConfigValues } from '@nfv-doctor/core/plugin-api';

/** Section `inspector` with `type: sample`. */
export const inspectorConfig = {
  host: { doc: 'address to listen on', format: String, default: '127.0.0.1' },
  port: { doc: 'port of the southbound HTTP API (PUT /events); 0: a free one', format: 'port', default: 0 },
  token: {
    doc: 'token that requests which change state must bring (Authorization: Bearer or X-Auth-Token); needed beyond loopback',
    format: String,
    default: '',
    sensitive: true,
  },
  body_limit: { doc: 'largest body of a request', format: 'bytes', default: 4 * 1_048_576 },
  mode: {
    doc: 'shortcut: instance events are published at once, beside the state changes; conservative: the cloud publishes them when the state has changed',
    format: ['shortcut', 'conservative'],
    default: 'shortcut',
  },
  hold_until_changed: {
    doc: "shortcut: publish an instance's event only when its state has changed, for consumers that act at once",
    format: Boolean,
    default: false,
  },
  set_ports_down: {
    doc: "set data_plane_status of the instances' ports to DOWN (Neutron's data-plane-status extension)",
    format: Boolean,
    default: false,
  },
  concurrency: { doc: 'state changes of one host that are under way at once', format: 'count', default: 64 },
  total_concurrency: {
    doc: 'state changes of all hosts that are under way at once',
    format: 'count',
    default: 256,
  },
  publish_concurrency: {
    doc: 'notifications of one host that wait for the message bus at once',
    format: 'count',
    default: 1024,
  },
  force_down_head_start: {
    doc: 'how long the instances wait for the answer to force-down, which other calls beside it would slow down',
    format: 'duration',
    default: 100,
  },
  call_timeout: { doc: 'time-out of one call to the cloud', format: 'duration', default: 5_000 },
  budget: {
    doc: 'time from an event to the last attempt at one of its actions',
    format: 'duration',
    default: 30_000,
  },
  retry_pause: {
    doc: 'first pause between two attempts; it doubles each time, half of it is random',
    format: 'duration',
    default: 50,
  },
  max_retry_pause: { doc: 'longest pause between two attempts', format: 'duration', default: 2_000 },
  snapshot_interval: {
    doc: 'time between two snapshots of the map of hosts and instances, give or take a tenth; 0: only at start and after the message bus reconnected',
    format: 'duration',
    default: 60_000,
  },
  snapshot_timeout: {
    doc: 'time within which the cloud must have listed all instances',
    format: 'duration',
    default: 120_000,
  },
  confirm_by: {
    doc: 'number of distinct monitors that must report a host before it is acted upon',
    format: 'count',
    default: 1,
  },
  max_hosts_down: {
    doc: 'brake: when more hosts go down within brake_window, the observer is suspected and further ones are held; 0: no brake',
    format: 'nat',
    default: 10,
  },
  brake_window: { doc: 'window of max_hosts_down', format: 'duration', default: 10_000 },
  on_storm: {
    doc: 'what hosts beyond max_hosts_down get: hold (until enough came back, or an operator confirms) or act',
    format: ['hold', 'act'],
    default: 'hold',
  },
} satisfies ConfigSchema;
export type InspectorConfig = ConfigValues<typeof inspectorConfig>;
