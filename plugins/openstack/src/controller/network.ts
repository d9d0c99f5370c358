import {
  type CloudRequest,
  type CloudSession,
  DoctorError,
  type FloatingIp,
  type Network,
  type NetworkController,
  type Port,
  type Router,
  type Subnet,
} from '@nfv-doctor/core/plugin-api';
import {
  type NeutronFloatingIp,
  type NeutronNetwork,
  type NeutronPort,
  type NeutronRouter,
  type NeutronSubnet,
  toFloatingIp,
  toNetwork,
  toPort,
  toRouter,
  toSubnet,
} from './mapping/network.js';
import { listAll } from './paging.js';
import { entity, ignoreMissing, type Query, segment, withSignal } from './request.js';

type Kind = 'network' | 'subnet' | 'router' | 'port' | 'floatingip';

const collection = (kind: Kind) => `/v2.0/${kind}s`;
const member = (kind: Kind, id: string) => `${collection(kind)}/${segment(id)}`;

/** See {@link NetworkController}. */
export class NeutronController implements NetworkController {
  constructor(private readonly cloud: CloudSession) {}

  async networks(
    filter: { name?: string; external?: boolean } = {},
    signal?: AbortSignal,
  ): Promise<Network[]> {
    const query = { name: filter.name, 'router:external': filter.external };
    return (await this.#list<NeutronNetwork>('network', query, signal)).map(toNetwork);
  }

  async createNetwork(name: string, signal?: AbortSignal): Promise<Network> {
    return toNetwork(await this.#create<NeutronNetwork>('network', { name }, signal));
  }

  deleteNetwork(id: string, signal?: AbortSignal): Promise<void> {
    return this.#delete('network', id, signal);
  }

  async createSubnet(networkId: string, name: string, cidr: string, signal?: AbortSignal): Promise<Subnet> {
    const body = { network_id: networkId, name, cidr, ip_version: cidr.includes(':') ? 6 : 4 };
    return toSubnet(await this.#create<NeutronSubnet>('subnet', body, signal));
  }

  deleteSubnet(id: string, signal?: AbortSignal): Promise<void> {
    return this.#delete('subnet', id, signal);
  }

  async createRouter(name: string, externalNetworkId?: string, signal?: AbortSignal): Promise<Router> {
    const gateway = externalNetworkId ? { external_gateway_info: { network_id: externalNetworkId } } : {};
    return toRouter(await this.#create<NeutronRouter>('router', { name, ...gateway }, signal));
  }

  async addRouterInterface(routerId: string, subnetId: string, signal?: AbortSignal): Promise<void> {
    // a second one for the same subnet is refused, so it is not sent twice
    await this.#send(
      {
        method: 'PUT',
        path: `${member('router', routerId)}/add_router_interface`,
        json: { subnet_id: subnetId },
        idempotent: false,
      },
      signal,
    );
  }

  removeRouterInterface(routerId: string, subnetId: string, signal?: AbortSignal): Promise<void> {
    const path = `${member('router', routerId)}/remove_router_interface`;
    return ignoreMissing(this.#send({ method: 'PUT', path, json: { subnet_id: subnetId } }, signal));
  }

  deleteRouter(id: string, signal?: AbortSignal): Promise<void> {
    return this.#delete('router', id, signal);
  }

  async ports(instanceId: string, signal?: AbortSignal): Promise<Port[]> {
    return (await this.#list<NeutronPort>('port', { device_id: instanceId }, signal)).map(toPort);
  }

  /** Neutron's API allows null, but its Zed release answers 500 to it: a status once set can only become ACTIVE again there. */
  async setDataPlaneStatus(
    portId: string,
    status: 'ACTIVE' | 'DOWN' | null,
    signal?: AbortSignal,
  ): Promise<void> {
    try {
      await this.#putDataPlaneStatus(portId, status, signal);
    } catch (error) {
      const cannotClear = DoctorError.is(error) && error.details['status'] === 500 && status === null;
      if (!cannotClear) throw error;
      await this.#putDataPlaneStatus(portId, 'ACTIVE', signal);
    }
  }

  #putDataPlaneStatus(portId: string, status: string | null, signal: AbortSignal | undefined) {
    const json = { port: { data_plane_status: status } };
    return this.#send({ method: 'PUT', path: member('port', portId), json }, signal);
  }

  async floatingIps(signal?: AbortSignal): Promise<FloatingIp[]> {
    return (await this.#list<NeutronFloatingIp>('floatingip', {}, signal)).map(toFloatingIp);
  }

  async createFloatingIp(
    externalNetworkId: string,
    portId?: string,
    signal?: AbortSignal,
  ): Promise<FloatingIp> {
    const body = { floating_network_id: externalNetworkId, ...(portId ? { port_id: portId } : {}) };
    return toFloatingIp(await this.#create<NeutronFloatingIp>('floatingip', body, signal));
  }

  async moveFloatingIp(id: string, portId: string | null, signal?: AbortSignal): Promise<FloatingIp> {
    const path = member('floatingip', id);
    const json = { floatingip: { port_id: portId } };
    const { body } = await this.#send({ method: 'PUT', path, json }, signal);
    return toFloatingIp(entity<NeutronFloatingIp>(body, 'floatingip', `PUT ${path}`));
  }

  deleteFloatingIp(id: string, signal?: AbortSignal): Promise<void> {
    return this.#delete('floatingip', id, signal);
  }

  #list<T extends { id: string }>(kind: Kind, query: Query, signal?: AbortSignal): Promise<T[]> {
    return listAll<T>(this.cloud, {
      service: 'network',
      path: collection(kind),
      key: `${kind}s`,
      query,
      signal,
    });
  }

  async #create<T>(kind: Kind, attributes: unknown, signal?: AbortSignal): Promise<T> {
    const path = collection(kind);
    const { body } = await this.#send({ method: 'POST', path, json: { [kind]: attributes } }, signal);
    return entity<T>(body, kind, `POST ${path}`);
  }

  #delete(kind: Kind, id: string, signal?: AbortSignal): Promise<void> {
    return ignoreMissing(this.#send({ method: 'DELETE', path: member(kind, id) }, signal));
  }

  #send(request: CloudRequest, signal: AbortSignal | undefined) {
    return this.cloud.request('network', { ...request, ...withSignal(signal) });
  }
}
