import { openLoopbackHosts } from './loopback.js';
import { openNamespaceHosts } from './namespaces.js';
import type { HostNetwork } from './host-network.js';

/** The hosts' presence on the network, in the order of the hosts; empty for `none`. */
export async function openHostNetworks(
  kind: 'loopback' | 'namespaces' | 'none',
  count: number,
): Promise<readonly HostNetwork[]> {
  if (kind === 'none') return [];
  return kind === 'loopback' ? openLoopbackHosts(count) : openNamespaceHosts(count);
}
