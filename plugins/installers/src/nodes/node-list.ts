import { isIPv4 } from 'node:net';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import type { ListedNode } from './node.js';

/** Which names (or roles, for installers that tell them) are which nodes'. */
export interface RolePatterns {
  controllers: RegExp;
  computes: RegExp;
}

const roleOf = (text: string, { controllers, computes }: RolePatterns): ListedNode['role'] | undefined =>
  controllers.test(text) ? 'controller' : computes.test(text) ? 'compute' : undefined;

const listed = (
  name: string,
  address: string | undefined,
  role: ListedNode['role'] | undefined,
): ListedNode[] => (role === undefined || address === undefined ? [] : [{ name, address, role }]);

function json(output: string, what: string): unknown {
  try {
    return JSON.parse(output) as unknown;
  } catch {
    throw new DoctorError(
      'BACKEND_PROTOCOL',
      `${what}: expected JSON, found "${output.trim().slice(0, 120)}"`,
    );
  }
}

/**
 * Nodes of `openstack server list -f json`: networks are `ctlplane=192.0.2.8` up to Train and `{"ctlplane": [...]}` since.
 * Servers that are not ACTIVE are no nodes.
 */
export function fromServerList(output: string, patterns: RolePatterns): ListedNode[] {
  const servers = json(output, 'openstack server list');
  if (!Array.isArray(servers)) throw new DoctorError('BACKEND_PROTOCOL', 'openstack server list: is no list');
  return (servers as { Name?: string; Status?: string; Networks?: unknown }[]).flatMap(
    ({ Name: name = '', Status: status = 'ACTIVE', Networks: networks }) =>
      status === 'ACTIVE' ? listed(name, ctlplaneAddress(networks), roleOf(name, patterns)) : [],
  );
}

function ctlplaneAddress(networks: unknown): string | undefined {
  if (typeof networks === 'string') return /(?:^|[;,\s])ctlplane=([^,;\s]+)/.exec(networks)?.[1];
  const { ctlplane } = (networks ?? {}) as { ctlplane?: unknown };
  return Array.isArray(ctlplane) && typeof ctlplane[0] === 'string' ? ctlplane[0] : undefined;
}

/** Nodes of `salt --out json --static`: minion → address, or a list of addresses; `false` for a minion that did not answer. */
export function fromSaltPillar(output: string, patterns: RolePatterns): ListedNode[] {
  const minions = json(output, 'salt');
  if (typeof minions !== 'object' || minions === null || Array.isArray(minions))
    throw new DoctorError('BACKEND_PROTOCOL', 'salt: is no mapping of minions');
  return Object.entries(minions).flatMap(([name, value]) => {
    const address: unknown = Array.isArray(value) ? value[0] : value;
    return listed(
      name,
      typeof address === 'string' && address !== '' ? address : undefined,
      roleOf(name, patterns),
    );
  });
}

/**
 * Nodes of a table as `daisy host-list` prints it: a column Name, a role in some other column. A node named
 * `host-192-0-2-7` has that address, else some column holds it.
 */
export function fromTable(output: string, patterns: RolePatterns): ListedNode[] {
  const rows = output
    .split('\n')
    .filter((line) => line.trim().startsWith('|'))
    .map((line) =>
      line
        .trim()
        .replace(/^\||\|$/g, '')
        .split('|')
        .map((cell) => cell.trim()),
    );
  const [header, ...nodes] = rows;
  const nameAt = header?.findIndex((cell) => cell.toLowerCase() === 'name') ?? -1;
  if (nameAt < 0)
    throw new DoctorError(
      'BACKEND_PROTOCOL',
      `the list of nodes is no table with a column Name: "${output.trim().slice(0, 120)}"`,
    );
  return nodes.flatMap((cells) => {
    const name = cells[nameAt] ?? '';
    const others = cells.filter((_cell, index) => index !== nameAt).join(' | ');
    return listed(name, addressIn(name) ?? cells.find((cell) => isIPv4(cell)), roleOf(others, patterns));
  });
}

function addressIn(name: string): string | undefined {
  const address = /(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})$/.exec(name)?.slice(1).join('.');
  return address !== undefined && isIPv4(address) ? address : undefined;
}
