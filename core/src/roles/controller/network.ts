export interface Network {
  id: string;
  name: string;
  external: boolean;
  projectId?: string;
}

export interface Subnet {
  id: string;
  name: string;
  networkId: string;
  cidr: string;
}

export interface Router {
  id: string;
  name: string;
}

export interface Port {
  id: string;
  /** The instance it belongs to. */
  deviceId: string;
  networkId: string;
  addresses: string[];
  /** null until somebody set it. */
  dataPlaneStatus: 'ACTIVE' | 'DOWN' | null;
}

export interface FloatingIp {
  id: string;
  address: string;
  /** null when it points nowhere. */
  portId: string | null;
  fixedAddress: string | null;
  projectId?: string;
}

/** Neutron. Deleting what is not there is no error. */
export interface NetworkController {
  networks(filter?: { name?: string; external?: boolean }, signal?: AbortSignal): Promise<Network[]>;
  createNetwork(name: string, signal?: AbortSignal): Promise<Network>;
  deleteNetwork(id: string, signal?: AbortSignal): Promise<void>;
  createSubnet(networkId: string, name: string, cidr: string, signal?: AbortSignal): Promise<Subnet>;
  deleteSubnet(id: string, signal?: AbortSignal): Promise<void>;
  createRouter(name: string, externalNetworkId?: string, signal?: AbortSignal): Promise<Router>;
  addRouterInterface(routerId: string, subnetId: string, signal?: AbortSignal): Promise<void>;
  removeRouterInterface(routerId: string, subnetId: string, signal?: AbortSignal): Promise<void>;
  deleteRouter(id: string, signal?: AbortSignal): Promise<void>;
  ports(instanceId: string, signal?: AbortSignal): Promise<Port[]>;
  /** Neutron's data-plane-status extension. `null` takes a status back; where Neutron cannot, the port becomes ACTIVE. */
  setDataPlaneStatus(portId: string, status: 'ACTIVE' | 'DOWN' | null, signal?: AbortSignal): Promise<void>;
  floatingIps(signal?: AbortSignal): Promise<FloatingIp[]>;
  createFloatingIp(externalNetworkId: string, portId?: string, signal?: AbortSignal): Promise<FloatingIp>;
  /** Points the floating IP at another port, or nowhere. */
  moveFloatingIp(id: string, portId: string | null, signal?: AbortSignal): Promise<FloatingIp>;
  deleteFloatingIp(id: string, signal?: AbortSignal): Promise<void>;
}
