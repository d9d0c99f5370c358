import type { Host } from '../domain/host.js';
import type { Instance } from '../domain/instance.js';
import { DoctorError } from '../errors/index.js';
import type { ComputeController, CreateInstance, Flavor } from '../roles/controller/compute.js';
import type { Controller } from '../roles/controller/index.js';
import type { FloatingIp, Network, NetworkController, Port } from '../roles/controller/network.js';

/** One call to a `FakeCloud`. */
export interface CloudCall {
  /** e.g. `forceDown`, `resetState`. */
  name: string;
  /** Host, instance or port. */
  resource: string;
  value?: unknown;
}

/**
 * The part of a cloud that inspectors and consumers act upon, in memory: hosts, instances and ports with Nova's and Neutron's rules,
 * a list of all calls, and failures on demand. Other calls of the Controller throw.
 */
export class FakeCloud implements Controller {
  readonly hosts = new Map<string, Host>();
  readonly instances = new Map<string, Instance>();
  readonly ports = new Map<string, Port>();
  readonly flavors: Flavor[] = [];
  readonly networks: Network[] = [];
  readonly floatingIps = new Map<string, FloatingIp>();
  readonly calls: CloudCall[] = [];
  /** Called before each call takes effect; throw, hang or wait to be a cloud that does. */
  before: (call: CloudCall, signal?: AbortSignal) => Promise<void> | void = () => {};

  readonly identity = unsupported<Controller['identity']>('identity');
  readonly image = unsupported<Controller['image']>('image');
  readonly compute = this.#compute();
  readonly network = this.#network();

  addHost(hostname: string): Host {
    const host: Host = {
      hostname,
      serviceId: `service-${hostname}`,
      state: 'up',
      status: 'enabled',
      forcedDown: false,
    };
    this.hosts.set(hostname, host);
    return host;
  }
  /** An ACTIVE instance with one port. */
  addInstance(id: string, hostname: string, more: Partial<Instance> = {}): Instance {
    const instance: Instance = {
      id,
      name: `name-of-${id}`,
      projectId: 'project-1',
      status: 'ACTIVE',
      hostname,
      addresses: {},
      metadata: {},
      ...more,
    };
    this.instances.set(id, instance);
    this.ports.set(`port-of-${id}`, {
      id: `port-of-${id}`,
      deviceId: id,
      networkId: 'network-1',
      addresses: [],
      dataPlaneStatus: null,
    });
    return instance;
  }
  /** Calls of one name, in order. */
  called(name: string): CloudCall[] {
    return this.calls.filter((call) => call.name === name);
  }
  as(): Controller {
    return this;
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  health() {
    return { status: 'up' as const, detail: '' };
  }

  async #enter(call: CloudCall, signal?: AbortSignal): Promise<void> {
    this.calls.push(call);
    await this.before(call, signal);
  }
  #instance(id: string): Instance {
    const instance = this.instances.get(id);
    if (instance) return instance;
    throw new DoctorError('CLOUD_NOT_FOUND', `Instance ${id} could not be found.`);
  }

  #compute(): ComputeController {
    return Object.assign(unsupported<ComputeController>('compute'), {
      hosts: async (signal?: AbortSignal) => {
        await this.#enter({ name: 'hosts', resource: '' }, signal);
        return [...this.hosts.values()].map((host) => ({ ...host }));
      },
      forceDown: async (hostname: string, down: boolean, signal?: AbortSignal) => {
        await this.#enter({ name: 'forceDown', resource: hostname, value: down }, signal);
        const host = this.hosts.get(hostname);
        if (!host) throw new DoctorError('CLOUD_NOT_FOUND', `Host ${hostname} could not be found.`);
        host.forcedDown = down;
        host.state = down ? 'down' : 'up';
      },
      instances: async (filter: { hostname?: string } = {}, signal?: AbortSignal) => {
        await this.#enter({ name: 'instances', resource: filter.hostname ?? '' }, signal);
        return [...this.instances.values()]
          .filter(({ hostname }) => filter.hostname === undefined || hostname === filter.hostname)
          .map((instance) => ({ ...instance }));
      },
      instance: async (id: string, signal?: AbortSignal) => {
        await this.#enter({ name: 'instance', resource: id }, signal);
        return { ...this.#instance(id) };
      },
      resetState: async (id: string, state: 'error' | 'active', signal?: AbortSignal) => {
        await this.#enter({ name: 'resetState', resource: id, value: state }, signal);
        this.#instance(id).status = state === 'error' ? 'ERROR' : 'ACTIVE';
      },
      flavors: async () => [...this.flavors],
      createInstance: async (request: CreateInstance, signal?: AbortSignal) => {
        const id = `created-${this.called('createInstance').length + 1}`;
        await this.#enter({ name: 'createInstance', resource: id, value: request }, signal);
        const host = [...this.hosts.values()].find(
          ({ state, status }) => state === 'up' && status === 'enabled',
        );
        const { name, flavorId: flavor, imageId, metadata = {} } = request;
        return this.addInstance(id, host?.hostname ?? '', {
          name,
          flavor,
          imageId,
          metadata,
          hostStatus: 'UP',
        });
      },
      deleteInstance: async (id: string, signal?: AbortSignal) => {
        await this.#enter({ name: 'deleteInstance', resource: id }, signal);
        this.instances.delete(id);
        this.ports.delete(`port-of-${id}`);
      },
    });
  }

  #network(): NetworkController {
    return Object.assign(unsupported<NetworkController>('network'), {
      ports: async (instanceId: string, signal?: AbortSignal) => {
        await this.#enter({ name: 'ports', resource: instanceId }, signal);
        return [...this.ports.values()]
          .filter(({ deviceId }) => deviceId === instanceId)
          .map((port) => ({ ...port }));
      },
      setDataPlaneStatus: async (portId: string, status: Port['dataPlaneStatus'], signal?: AbortSignal) => {
        await this.#enter({ name: 'setDataPlaneStatus', resource: portId, value: status }, signal);
        const port = this.ports.get(portId);
        if (!port) throw new DoctorError('CLOUD_NOT_FOUND', `Port ${portId} could not be found.`);
        port.dataPlaneStatus = status;
      },
      networks: async () => [...this.networks],
      floatingIps: async () => [...this.floatingIps.values()],
      moveFloatingIp: async (id: string, portId: string | null, signal?: AbortSignal) => {
        await this.#enter({ name: 'moveFloatingIp', resource: id, value: portId }, signal);
        const floatingIp = this.floatingIps.get(id);
        if (!floatingIp) throw new DoctorError('CLOUD_NOT_FOUND', `Floating IP ${id} could not be found.`);
        floatingIp.portId = portId;
        return { ...floatingIp };
      },
    });
  }
}

/** Every method throws: a test that needs it must say what it does. Absent properties stay absent for `in`. */
function unsupported<T extends object>(part: string): T {
  return new Proxy({} as T, {
    get(target, name) {
      if (name in target) return Reflect.get(target, name) as unknown;
      // optional methods are asked for before they are called
      if (typeof name === 'symbol' || OPTIONAL.has(name)) return undefined;
      return () => {
        throw new DoctorError('INTERNAL', `FakeCloud does not do ${part}.${name}`);
      };
    },
  });
}
const OPTIONAL = new Set(['then', 'instancePages']);
