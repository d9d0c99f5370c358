import type { ConfigSchema, ConfigValues } from '@nfv-doctor/core/plugin-api';

/** Section `monitor` with `type: sample`. */
export const monitorConfig = {
  probe: {
    doc: 'how hosts are probed: icmp (echo; raw socket, else fping, else ping), tcp (connect to the port), udp (echo on the port), auto (as the installer says for each address; icmp where it says nothing)',
    format: ['auto', 'icmp', 'tcp', 'udp'],
    default: 'auto',
  },
  icmp_with: {
    doc: 'how icmp is sent: auto (the first of these that works), raw (needs CAP_NET_RAW and the package raw-socket), fping, ping',
    format: ['auto', 'raw', 'fping', 'ping'],
    default: 'auto',
  },
  port: { doc: 'port for tcp and udp where the address of a host has none', format: 'port', default: 7 },
  refused_is_alive: {
    doc: 'tcp: a refused connection is an answer of the host (its reset proves that it lives)',
    format: Boolean,
    default: true,
  },
  interval: { doc: 'time between two probes of an address', format: 'duration', default: 100 },
  timeout: { doc: 'time within which a probe must be answered', format: 'duration', default: 100 },
  packets: {
    doc: 'how often a probe is sent within its time-out while no answer has come, so that one lost packet is no miss (not with fping and ping)',
    format: 'count',
    default: 2,
  },
  misses: { doc: 'missed probes in a row after which an address is silent', format: 'count', default: 2 },
  planes: {
    doc: 'which addresses of a host must be silent for it to be down: all, any, a number of them, or names of planes separated by commas',
    format: String,
    default: 'all',
  },
  up_after: { doc: 'answered probes in a row after which an address is back', format: 'count', default: 1 },
  flap_changes: {
    doc: 'a host that changed so often within flap_window is flapping: it counts as up only after flap_hold without a miss; 0: never flapping',
    format: 'nat',
    default: 4,
  },
  flap_window: { doc: 'window of flap_changes', format: 'duration', default: 60_000 },
  flap_hold: { doc: 'how long a flapping host must answer everything', format: 'duration', default: 10_000 },
  max_loop_lag: {
    doc: "lag of the monitor's own event loop above which the probes under way prove nothing",
    format: 'duration',
    default: 20,
  },
  on_all_lost: {
    doc: "what no host answering any more gets: report, or suspect (the monitor's own network: held until a host or a canary answers)",
    format: ['report', 'suspect'],
    default: 'report',
  },
  canary: {
    doc: 'addresses (ADDRESS or ADDRESS:PORT) that answer when the own network works, beside the hosts; needed to tell when on_all_lost is suspect and there are few hosts',
    format: 'strings',
    default: [] as string[],
  },
  unseen: {
    doc: 'a host that never answered since it is watched: ignore (a wrong address condemns nobody) or report it as down',
    format: ['ignore', 'report'],
    default: 'ignore',
  },
  evidence: { doc: 'results of each address that are kept as evidence', format: 'nat', default: 10 },
  hosts: {
    doc: 'hosts to watch from the start, beside those the installer knows: {NAME: ADDRESS or [{plane, address, port}]}',
    format: Object,
    default: {} as Record<string, unknown>,
  },
  overrides: {
    doc: 'other values for some hosts: {NAME, or a pattern with *: {interval, timeout, packets, misses, planes, up_after}}; times in ms or as text',
    format: Object,
    default: {} as Record<string, unknown>,
  },
} satisfies ConfigSchema;
export type MonitorConfig = ConfigValues<typeof monitorConfig>;
