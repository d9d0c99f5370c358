import type { ComputeHost } from './compute-host.js';
import type { Flavor, Server, ServerGroup } from './model.js';

/** What a place is sought for. */
export interface Placement {
  server: Server;
  flavor: Flavor;
  /** Only this host will do. */
  target?: string | undefined;
  /** Not on these. */
  exclude?: readonly string[];
}

/** The best host for the instance; undefined: no valid host. */
export function selectHost(hosts: Iterable<ComputeHost>, placement: Placement): ComputeHost | undefined {
  const { server, flavor, target, exclude } = placement;
  const neighbours = server.group === undefined ? undefined : membersPerHost(server.group, server);
  let best: ComputeHost | undefined;
  let bestWeight = Number.NEGATIVE_INFINITY;
  for (const host of hosts) {
    if (target !== undefined && host.hostname !== target) continue;
    if (exclude?.includes(host.hostname)) continue;
    if (host.disabled || !host.isUp() || !host.fits(flavor)) continue;
    if (neighbours !== undefined && !allowed(server.group as ServerGroup, neighbours, host.hostname))
      continue;
    const weight = weigh(host, server.group, neighbours);
    if (weight <= bestWeight) continue;
    best = host;
    bestWeight = weight;
  }
  return best;
}

/** Members of the group on each host; one on its way counts at both ends. */
function membersPerHost(group: ServerGroup, except: Server): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (host: string | null | undefined): void => {
    if (host) counts.set(host, (counts.get(host) ?? 0) + 1);
  };
  for (const member of group.members) {
    if (member === except) continue;
    count(member.host);
    const destination = member.migration?.destination;
    if (destination !== member.host) count(destination);
  }
  return counts;
}

function allowed(group: ServerGroup, neighbours: Map<string, number>, host: string): boolean {
  const here = neighbours.get(host) ?? 0;
  if (group.policy === 'anti-affinity') return here < (group.rules.max_server_per_host ?? 1);
  if (group.policy === 'affinity') return neighbours.size === 0 || here > 0;
  return true;
}

/** Nova's weighers: spread over free memory and free vCPUs; soft policies weigh more. */
function weigh(
  host: ComputeHost,
  group: ServerGroup | undefined,
  neighbours: Map<string, number> | undefined,
): number {
  const memory = 1 - host.memoryUsedMb / host.spec.memoryMb;
  const vcpus = 1 - host.vcpusUsed / host.spec.vcpus;
  const here = neighbours?.get(host.hostname) ?? 0;
  if (group?.policy === 'soft-anti-affinity') return memory + vcpus - 10 * here;
  if (group?.policy === 'soft-affinity') return memory + vcpus + 10 * here;
  return memory + vcpus;
}
