import type { ServiceContext } from '../http/service.js';
import type { NotificationHub } from '../notifications/notifications.js';
import { type AgentHost, addAgentRoutes } from './agents.js';
import { addExtensionRoutes } from './extensions.js';
import { addFloatingIpRoutes } from './floating-ips.js';
import { addNetworkRoutes, createNetwork, createSubnet } from './networks.js';
import { Neutron } from './neutron.js';
import { addPortRoutes } from './ports.js';
import { addQuotaRoutes } from './quotas.js';
import { addRouterRoutes } from './routers.js';
import { addSecurityGroupRoutes } from './security-groups.js';

/** Builds Neutron with the external network `public`, owned by the admin project. */
export function createNeutron(
  context: ServiceContext,
  hub: NotificationHub,
  adminProject: string,
  hosts: readonly AgentHost[],
): Neutron {
  const neutron = new Neutron(context, hub);
  addExtensionRoutes(neutron);
  addNetworkRoutes(neutron);
  addPortRoutes(neutron);
  addRouterRoutes(neutron);
  addFloatingIpRoutes(neutron);
  addSecurityGroupRoutes(neutron);
  addQuotaRoutes(neutron);
  addAgentRoutes(neutron, hosts);
  const external = createNetwork(neutron, adminProject, 'public', true);
  createSubnet(neutron, external, { name: 'public', cidr: '172.24.4.0/24', enable_dhcp: false });
  return neutron;
}
