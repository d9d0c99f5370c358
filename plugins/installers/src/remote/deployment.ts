import {
  type Clock,
  type CloudCredentials,
  combineErrors,
  type DeployedHost,
  DoctorError,
  type Logger,
} from '@nfv-doctor/core/plugin-api';
import PQueue from 'p-queue';
import { type ListedNode, type Node, novaHostScript, type RolePatterns } from '../nodes/index.js';
import { SETTINGS } from '../settings/index.js';
import { quote, type SshSession, Tunnels } from '../ssh/index.js';
import type { CheckedConfig } from './check-config.js';
import type { RemoteConfig } from './config.js';
import type { Connections } from './connections.js';
import { credentialsOf, rcScript } from './credentials.js';
import { NodeConfiguration } from './node-configuration.js';

/** What differs between installers. */
export interface RemoteKind {
  /** The installer as people call it, e.g. `undercloud`. */
  machine: string;
  /** Nodes from what `list_command` printed. */
  parse(output: string, patterns: RolePatterns): ListedNode[];
  /** Where `rc_file` is. */
  rcOn: 'installer' | 'controller';
}

const PARALLEL_NODES = 8;

/** A deployment whose nodes are connected: its nodes, their configuration, tunnels. */
export class Deployment {
  readonly #tunnels: Tunnels[] = [];
  readonly #configurations: NodeConfiguration[] = [];
  readonly #hosts = new Map<string, Node>();
  nodes: Node[] = [];

  constructor(
    readonly kind: RemoteKind,
    readonly config: RemoteConfig,
    readonly checked: CheckedConfig,
    readonly connections: Connections,
    readonly installer: SshSession,
    readonly services: { clock: Clock; log: Logger },
  ) {}

  /** Lists the nodes and asks computes for the name that Nova knows them by. */
  async discover(signal?: AbortSignal): Promise<void> {
    const output = await this.installer.exec(this.config.list_command, { signal });
    const listed = this.kind.parse(output, this.checked);
    for (const role of ['controller', 'compute'] as const)
      if (!listed.some((node) => node.role === role))
        throw new DoctorError(
          'BACKEND_PROTOCOL',
          `${this.installer.target.name}: "${this.config.list_command}" lists no ${role} (installer.${role}s is ${String(this.checked[`${role}s`])})`,
        );
    this.nodes = listed.map((node) => this.connections.node(node, this.installer));
    const nova = this.checked.paths.cpu_allocation_ratio ?? SETTINGS.cpu_allocation_ratio.paths;
    const named = await each(this.computes(), async (node) => {
      const options = { root: true, signal, what: 'ask for its host name' };
      return [(await node.session.exec(novaHostScript(nova), options)).trim(), node] as const;
    });
    for (const [hostname, node] of named) this.#hosts.set(hostname, node);
  }

  /** Changes the nodes' configuration; puts back first what an earlier process left. */
  async configure(signal?: AbortSignal): Promise<void> {
    const { settings, paths, services } = this.checked;
    const options = { settings, paths, services, restartTimeoutMs: this.config.restart_timeout };
    this.#configurations.push(
      ...this.nodes.map((node) => new NodeConfiguration(node, options, this.services.log)),
    );
    const results = await each(this.#configurations, (configuration) => configuration.apply(signal));
    for (const name of settings)
      if (!results.some(({ found }) => found.includes(name)))
        throw new DoctorError(
          'BACKEND_ERROR',
          `installer.settings: no node has the file for ${name}; looked for ${(paths[name] ?? SETTINGS[name].paths).join(', ')} (installer.setting_paths says where else)`,
        );
  }

  async openTunnels(signal?: AbortSignal): Promise<void> {
    if (this.checked.tunnels.length === 0) return;
    await each(this.controllers(), async ({ session }) => {
      const tunnels = new Tunnels(session, this.services);
      this.#tunnels.push(tunnels);
      for (const tunnel of this.checked.tunnels) await tunnels.open(tunnel, signal);
    });
  }

  async closeTunnels(): Promise<void> {
    await Promise.all(this.#tunnels.splice(0).map((tunnels) => tunnels.close()));
  }

  /** Names of the nodes whose tunnels are lost at the moment. */
  get lostTunnels(): string[] {
    return this.#tunnels.flatMap((tunnels) => (tunnels.lost ? [tunnels.session.target.name] : []));
  }

  /** @throws DoctorError with a line for each node whose files could not be put back */
  async restore(signal?: AbortSignal): Promise<void> {
    await each(this.#configurations, (configuration) => configuration.restore(signal));
    this.#configurations.length = 0;
  }

  async credentials(signal?: AbortSignal): Promise<CloudCredentials | undefined> {
    const { rc_file: file } = this.config;
    if (file === '') return undefined;
    const onController = this.kind.rcOn === 'controller';
    const session = onController ? this.controllers()[0]?.session : this.installer;
    if (!session) return undefined;
    const options = { root: onController, signal, what: `read ${file}` };
    const credentials = credentialsOf(
      await session.exec(rcScript(file), options),
      `${session.target.name}: ${file}`,
    );
    if (credentials.cacert === undefined) return credentials;
    const certificate = await session.exec(`cat ${quote(credentials.cacert)}`, options);
    return { ...credentials, cacert: await this.connections.keep('cacert.pem', certificate) };
  }

  hosts(): DeployedHost[] {
    return [...this.#hosts].map(([hostname, { address }]) => ({
      hostname,
      addresses: [{ plane: 'management', address }],
    }));
  }

  /** @throws DoctorError NOT_FOUND */
  host(hostname: string): Node {
    const node = this.#hosts.get(hostname);
    if (node) return node;
    const known = [...this.#hosts.keys()].join(', ') || 'none';
    throw new DoctorError('NOT_FOUND', `installer: no host ${hostname}; there are: ${known}`);
  }

  computes(): Node[] {
    return this.nodes.filter(({ role }) => role === 'compute');
  }

  controllers(): Node[] {
    return this.nodes.filter(({ role }) => role === 'controller');
  }
}

/** All of them, some at once; every failure is told. */
async function each<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const queue = new PQueue({ concurrency: PARALLEL_NODES });
  const results = await Promise.allSettled(items.map((item) => queue.add(() => work(item))));
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [DoctorError.from(result.reason, 'BACKEND_ERROR')] : [],
  );
  if (failures.length > 0) throw combineErrors(failures);
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
