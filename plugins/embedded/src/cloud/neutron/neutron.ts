import type { CloudClock } from '../clock.js';
import { type ApiError, forbidden, notFound } from '../http/errors.js';
import { type Call, Service, type ServiceContext } from '../http/service.js';
import { newUuid } from '../ids.js';
import type { Cause, NotificationHub } from '../notifications/notifications.js';
import { isoSeconds } from '../time.js';
import type { AddressPool } from './addresses.js';
import { Collection, type Resource } from './store.js';

/** Ports carry the fields that the rest of the cloud works with by name. */
export interface Port extends Resource {
  network_id: string;
  device_id: string;
  device_owner: string;
  mac_address: string;
  status: string;
  'binding:host_id': string;
  fixed_ips: { ip_address: string; subnet_id: string }[];
  data_plane_status: string | null;
}
export interface Network extends Resource {
  subnets: string[];
  shared: boolean;
  'router:external': boolean;
}
export interface Subnet extends Resource {
  network_id: string;
  cidr: string;
  gateway_ip: string | null;
}
export interface FloatingIp extends Resource {
  floating_ip_address: string;
  floating_network_id: string;
  port_id: string | null;
  fixed_ip_address: string | null;
  router_id: string | null;
  status: string;
}

/** Neutron's state and what its routes share. */
export class Neutron {
  readonly service: Service;
  readonly clock: CloudClock;
  readonly hub: NotificationHub;
  readonly networks: Collection<Network>;
  readonly subnets: Collection<Subnet>;
  readonly ports: Collection<Port>;
  readonly routers: Collection;
  readonly floatingIps: Collection<FloatingIp>;
  readonly securityGroups: Collection;
  readonly securityGroupRules: Collection;
  /** Free addresses by subnet id. */
  readonly pools = new Map<string, AddressPool>();
  /** Overridden quotas by project id. */
  readonly quotas = new Map<string, Record<string, number>>();
  #segment = 1;
  #mac = 0;

  constructor(context: ServiceContext, hub: NotificationHub) {
    this.clock = context.clock;
    this.hub = hub;
    this.networks = new Collection<Network>(this.clock);
    this.subnets = new Collection<Subnet>(this.clock, ['network_id']);
    this.ports = new Collection<Port>(this.clock, [
      'network_id',
      'device_id',
      'device_owner',
      'binding:host_id',
    ]);
    this.routers = new Collection(this.clock);
    this.floatingIps = new Collection<FloatingIp>(this.clock, [
      'port_id',
      'floating_ip_address',
      'router_id',
      'floating_network_id',
    ]);
    this.securityGroups = new Collection(this.clock);
    this.securityGroupRules = new Collection(this.clock, ['security_group_id']);
    this.service = new Service({ name: 'neutron', renderError }, context);
  }

  /** Fields that every new resource starts with. */
  blank(projectId: string, name: string, description = ''): Resource {
    const now = isoSeconds(this.clock.now());
    return {
      id: newUuid(),
      name,
      tenant_id: projectId,
      project_id: projectId,
      description,
      tags: [],
      created_at: now,
      updated_at: now,
      revision_number: 0,
    };
  }

  /** Next VXLAN segment. */
  nextSegment(): number {
    return this.#segment++;
  }

  /** Next MAC address of this cloud. */
  nextMac(): string {
    this.#mac += 1;
    const bytes = [16, 8, 0].map((shift) => ((this.#mac >> shift) & 0xff).toString(16).padStart(2, '0'));
    return `fa:16:3e:${bytes.join(':')}`;
  }

  /** Tells the bus that a resource changed: `port.update.end` and the like. */
  notify(call: Cause, eventType: string, payload: () => Record<string, unknown>): void {
    this.hub.emit(call, {
      exchange: 'neutron',
      topic: 'notifications',
      publisherId: 'network.controller',
      eventType,
      payload,
    });
  }
}

const TYPES: Record<number, string> = { 400: 'HTTPBadRequest', 401: 'HTTPUnauthorized', 404: 'HTTPNotFound' };

function renderError(error: ApiError): unknown {
  if (error.status === 401) return { error: { code: 401, message: error.message, title: 'Unauthorized' } };
  const type = error.type || TYPES[error.status] || 'HTTPError';
  return { NeutronError: { type, message: error.message, detail: '' } };
}

/** The caller's project; a system-scoped admin must name one in the body. */
export function ownProject(call: Call, given: Record<string, unknown> = {}): string {
  const wanted = given['project_id'] ?? given['tenant_id'];
  const own = call.token.project?.id ?? '';
  if (typeof wanted !== 'string' || wanted === own) return own;
  if (call.token.admin) return wanted;
  throw forbidden('(rule:create_resource and rule:admin_or_owner) is disallowed by policy');
}

/** Whether the caller sees the resource. */
export function visible(call: Call, item: Resource): boolean {
  if (call.token.admin || item.project_id === call.token.project?.id) return true;
  return item['shared'] === true || item['router:external'] === true;
}

/** The resource, or 404 in Neutron's words. */
export function findResource<T extends Resource>(
  call: Call,
  collection: Collection<T>,
  kind: string,
  id: string,
): T {
  const item = collection.get(id);
  if (item !== undefined && visible(call, item)) return item;
  throw notFound(`${kind} ${id} could not be found.`, `${kind.replaceAll(' ', '')}NotFound`);
}

/** Refuses a change by somebody who only sees the resource. */
export function requireOwner(call: Call, item: Resource, rule: string): void {
  if (call.token.admin || item.project_id === call.token.project?.id) return;
  throw forbidden(`rule:${rule} is disallowed by policy`);
}
