import { randomText } from './ids.js';
import { systemClock } from './clock.js';
import { FailurePlan, type FailureRule } from './faults/failures.js';
import { drawLatency } from './faults/latency.js';
import { seededRandom } from './faults/random.js';
import { Glance } from './glance/glance.js';
import { openHostNetworks } from './hosts/network.js';
import type { HostNetwork } from './hosts/host-network.js';
import type { Service, ServiceContext } from './http/service.js';
import { Catalog } from './keystone/catalog.js';
import type { Keystone } from './keystone/identity.js';
import { createKeystone } from './keystone/keystone.js';
import { IdentityStore, type Project } from './keystone/store.js';
import { TokenStore } from './keystone/tokens.js';
import { createNeutron, type Neutron } from './neutron/index.js';
import { NotificationHub, type NotificationListener } from './notifications/notifications.js';
import { ComputeHost, createNova, type Nova } from './nova/index.js';
import { type EmbeddedCloudOptions, hostSpecs } from './options.js';
import { createPlacement } from './placement/placement.js';

/** The one region. */
const REGION = 'RegionOne';

/** The administrator's way in. */
export interface AdminCredentials {
  authUrl: string;
  username: string;
  password: string;
  userDomainName: string;
  projectName: string;
  projectDomainName: string;
  regionName: string;
}

/** A host as the cloud's owner sees it. */
export interface EmbeddedHost {
  hostname: string;
  /** Where a probe reaches it; empty without host network. */
  addresses: { plane: string; address: string; port: number }[];
  vcpus: number;
  memoryMb: number;
  diskGb: number;
}

/** When a link went down, in ms of the clock's monotonic time; at most the tolerance later. */
export interface CutMoment {
  at: number;
  toleranceMs: number;
}

/** An OpenStack-compatible cloud in this process, on loopback ports. */
export interface EmbeddedCloud {
  /** Opens the ports. Rejects with the system's error when one is in use; nothing is left open then. */
  start(): Promise<void>;
  /** Closes everything, also calls under way. Idempotent. */
  stop(): Promise<void>;
  /** Keystone, such as `http://127.0.0.1:40001/v3`; known after start. */
  readonly identityUrl: string;
  readonly credentials: AdminCredentials;
  /** Known after start. */
  readonly hosts: readonly EmbeddedHost[];
  /** Adds a listener of the services' notifications; the returned function takes it away. */
  onNotification(listener: NotificationListener): () => void;
  /** Cuts the host's link: probes miss, nova-compute falls silent. */
  cutNetwork(hostname: string): Promise<CutMoment>;
  /** Brings the link back. */
  restoreNetwork(hostname: string): Promise<void>;
  /** Makes calls fail from now on; the returned function ends that. */
  addFailure(rule: FailureRule): () => void;
  /** Makes every token invalid, as a change of Keystone's keys does. */
  revokeTokens(): void;
  /** Adds a service that runs beside the cloud to the catalog of tokens to come. */
  registerService(name: string, type: string, url: string): void;
}

/** Makes an embedded cloud; it does nothing until it is started. */
export function createEmbeddedCloud(options: EmbeddedCloudOptions = {}): EmbeddedCloud {
  return new Cloud(options);
}

class Cloud implements EmbeddedCloud {
  readonly #options: EmbeddedCloudOptions;
  readonly #context: ServiceContext;
  readonly #hub: NotificationHub;
  readonly #identity = new IdentityStore();
  readonly #tokens: TokenStore;
  readonly #catalog = new Catalog(REGION);
  readonly #computeHosts: ComputeHost[];
  readonly #password: string;
  readonly #keystone: Keystone;
  readonly #neutron: Neutron;
  readonly #nova: Nova;
  readonly #glance: Glance;
  readonly #placement: Service;
  readonly #turns = new Map<ComputeHost, Promise<void>>();
  #networks: readonly HostNetwork[] = [];
  #started = false;

  constructor(options: EmbeddedCloudOptions) {
    this.#options = options;
    const clock = options.clock ?? systemClock;
    const onError = options.onError ?? (() => undefined);
    this.#password = options.adminPassword ?? randomText(24);
    this.#tokens = new TokenStore(clock, options.tokenLifetimeMs ?? 3_600_000);
    this.#hub = new NotificationHub(
      () => clock.now(),
      (error) => onError('notification listener', error),
    );
    this.#context = this.#makeContext(clock, onError);
    this.#computeHosts = hostSpecs(options.hosts).map((spec, index) => new ComputeHost(spec, index, clock));
    const admin = this.#bootstrap();

    this.#keystone = createKeystone(this.#context, this.#identity, this.#tokens, this.#catalog);
    this.#neutron = createNeutron(this.#context, this.#hub, admin.id, this.#agents());
    this.#glance = new Glance(this.#context);
    this.#glance.addImage('cirros', admin.id, Buffer.from('A disk image would be here.'));
    this.#nova = createNova(this.#context, this.#hub, {
      neutron: this.#neutron,
      hosts: this.#computeHosts,
      options: {
        bootMs: options.bootMs ?? 0,
        deleteMs: options.deleteMs ?? 0,
        migrationMs: options.migrationMs ?? 200,
        confirmMs: options.confirmMs ?? 50,
        liveMigrationMs: options.liveMigrationMs ?? 300,
        ownersSeeHostStatus: options.ownersSeeHostStatus ?? true,
        quota: { ...options.quota },
      },
      findImage: (id, call) => {
        const image = this.#glance.find(id, call);
        if (image === undefined) return undefined;
        const { name, status, min_disk, min_ram } = image;
        return { id, name: name ?? '', status, minDiskGb: min_disk, minRamMb: min_ram };
      },
      imageUrl: () => this.#glance.service.url,
    });
    this.#placement = createPlacement(this.#context, this.#computeHosts);
  }

  get identityUrl(): string {
    return `${this.#keystone.service.url}/v3`;
  }

  get credentials(): AdminCredentials {
    return {
      authUrl: this.identityUrl,
      username: 'admin',
      password: this.#password,
      userDomainName: 'Default',
      projectName: 'admin',
      projectDomainName: 'Default',
      regionName: REGION,
    };
  }

  get hosts(): readonly EmbeddedHost[] {
    return this.#computeHosts.map(({ spec }, index) => {
      const network = this.#networks[index];
      const addresses = network
        ? [{ plane: 'management', address: network.address, port: network.port }]
        : [];
      return { ...spec, addresses };
    });
  }

  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    try {
      const ports = this.#options.ports ?? {};
      this.#networks = await openHostNetworks(this.#options.network ?? 'loopback', this.#computeHosts.length);
      await this.#keystone.service.listen(ports.identity ?? 0);
      await this.#nova.service.listen(ports.compute ?? 0);
      await this.#neutron.service.listen(ports.network ?? 0);
      await this.#glance.service.listen(ports.image ?? 0);
      await this.#placement.listen(ports.placement ?? 0);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#catalog.add('keystone', 'identity', this.identityUrl);
    this.#catalog.add('nova', 'compute', `${this.#nova.service.url}/v2.1`);
    this.#catalog.add('neutron', 'network', this.#neutron.service.url);
    this.#catalog.add('glance', 'image', this.#glance.service.url);
    this.#catalog.add('placement', 'placement', this.#placement.url);
  }

  async stop(): Promise<void> {
    this.#nova.timers.stop();
    const services = [this.#keystone, this.#nova, this.#neutron, this.#glance].map(({ service }) => service);
    await Promise.all([...services, this.#placement].map((service) => service.close()));
    await Promise.all(this.#turns.values());
    await Promise.all(this.#networks.map((network) => network.close()));
    this.#networks = [];
  }

  onNotification(listener: NotificationListener): () => void {
    return this.#hub.listen(listener);
  }

  cutNetwork(hostname: string): Promise<CutMoment> {
    const { clock } = this.#context;
    return this.#inTurn(hostname, async (host, network) => {
      const at = clock.monotonic();
      await network?.cut();
      host.setReachable(false);
      return { at, toleranceMs: clock.monotonic() - at };
    });
  }

  restoreNetwork(hostname: string): Promise<void> {
    return this.#inTurn(hostname, async (host, network) => {
      await network?.restore();
      host.setReachable(true);
    });
  }

  addFailure(rule: FailureRule): () => void {
    return this.#context.failures.add(rule);
  }

  revokeTokens(): void {
    this.#tokens.revokeWhere();
  }

  registerService(name: string, type: string, url: string): void {
    this.#catalog.add(name, type, url);
  }

  /** What is done to the link of one host is done one after the other. */
  async #inTurn<T>(
    hostname: string,
    work: (host: ComputeHost, network: HostNetwork | undefined) => Promise<T>,
  ): Promise<T> {
    const [host, network] = this.#find(hostname);
    const turn = (this.#turns.get(host) ?? Promise.resolve()).then(() => work(host, network));
    this.#turns.set(
      host,
      turn.then(
        () => undefined,
        () => undefined,
      ),
    );
    return turn;
  }

  #find(hostname: string): [ComputeHost, HostNetwork | undefined] {
    const index = this.#computeHosts.findIndex((host) => host.hostname === hostname);
    const host = this.#computeHosts[index];
    if (host !== undefined) return [host, this.#networks[index]];
    const known = this.#computeHosts.map((one) => one.hostname).join(', ');
    throw new RangeError(`The embedded cloud has no host ${hostname}; it has ${known}.`);
  }

  #makeContext(
    clock: ServiceContext['clock'],
    onError: (where: string, error: unknown) => void,
  ): ServiceContext {
    const { latency = { distribution: 'none' }, latencies = {}, failures = [], seed = 1 } = this.#options;
    const random = seededRandom(seed);
    return {
      clock,
      latency: (operation) => drawLatency(latencies[operation] ?? latency, random),
      // A source of its own: a change of the latencies does not change which calls fail.
      failures: new FailurePlan(failures, seededRandom(seed + 1)),
      findToken: (id) => this.#tokens.find(id),
      identityUrl: () => this.identityUrl,
      onInternalError: onError,
    };
  }

  /** Roles, the project and the user admin, as Keystone's bootstrap makes them. */
  #bootstrap(): Project {
    const store = this.#identity;
    const [admin] = ['admin', 'member', 'reader'].map((name) => store.addRole(name, { immutable: true }));
    for (const name of ['_member_', 'service', 'data_plane_integrator']) store.addRole(name);
    const project = store.addProject('admin', 'Bootstrap project for initializing the cloud.');
    store.addProject('service');
    const user = store.addUser('admin', this.#password);
    for (const target of [project.id, 'system', 'domain:default'])
      store.grant(user.id, target, admin?.id ?? '');
    return project;
  }

  #agents(): Parameters<typeof createNeutron>[3] {
    return this.#computeHosts.map((host) => ({
      hostname: host.hostname,
      lastSeen: () => host.lastSeen(),
      devices: () => this.#neutron.ports.by('binding:host_id', host.hostname).size,
    }));
  }
}
