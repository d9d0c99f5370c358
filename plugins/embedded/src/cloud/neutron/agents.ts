import { forbidden } from '../http/errors.js';
import { newUuid } from '../ids.js';
import { sqlSeconds } from '../time.js';
import type { Neutron } from './neutron.js';

/** What the agents' list needs to know of a host. */
export interface AgentHost {
  hostname: string;
  /** When the agent was last heard, ms since the epoch. */
  lastSeen(): number;
  /** Ports bound to it. */
  devices(): number;
}

/** Neutron takes an agent for dead after this long without a report. */
const AGENT_DOWN_MS = 75_000;

/** The Open vSwitch agents, one on each host; they go silent with their host. */
export function addAgentRoutes(neutron: Neutron, hosts: readonly AgentHost[]): void {
  const startedAt = sqlSeconds(neutron.clock.now());
  const ids = new Map(hosts.map((host) => [host.hostname, newUuid()]));
  neutron.service.route('GET', '/v2.0/agents', 'agents.list', (call) => {
    if (!call.token.admin) throw forbidden('rule:get_agent is disallowed by policy');
    const wanted = call.query['host'];
    const shown = hosts.filter((host) => wanted === undefined || [wanted].flat().includes(host.hostname));
    return { body: { agents: shown.map((host, index) => render(host, index)) } };
  });

  function render(host: AgentHost, index: number): unknown {
    const seen = host.lastSeen();
    return {
      admin_state_up: true,
      agent_type: 'Open vSwitch agent',
      alive: neutron.clock.now() - seen < AGENT_DOWN_MS,
      availability_zone: null,
      binary: 'neutron-openvswitch-agent',
      configurations: {
        arp_responder_enabled: false,
        bridge_mappings: { public: 'br-ex' },
        datapath_type: 'system',
        devices: host.devices(),
        enable_distributed_routing: false,
        extensions: [],
        in_distributed_mode: false,
        integration_bridge: 'br-int',
        l2_population: false,
        ovs_hybrid_plug: false,
        tunnel_types: ['vxlan'],
        tunneling_ip: `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`,
      },
      created_at: startedAt,
      description: null,
      heartbeat_timestamp: sqlSeconds(seen),
      host: host.hostname,
      id: ids.get(host.hostname),
      resources_synced: null,
      started_at: startedAt,
      topic: 'N/A',
    };
  }
}
