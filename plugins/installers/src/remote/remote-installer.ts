import {
  type Clock,
  type CloudCredentials,
  combineErrors,
  type DeployedHost,
  DoctorError,
  type EventBus,
  type Health,
  type Installer,
  type NetworkCut,
  type RoleContext,
  type RunInfo,
} from '@nfv-doctor/core/plugin-api';
import { cutOverSsh } from '../fault/remote-cut.js';
import { checkConfig } from './check-config.js';
import type { RemoteConfig } from './config.js';
import { Connections } from './connections.js';
import { Deployment, type RemoteKind } from './deployment.js';

export interface RemoteServices {
  clock: Clock;
  events: EventBus;
  run: RunInfo;
}

/** An OpenStack whose nodes are reached over SSH, through the machine that installed them. */
export class RemoteInstaller implements Installer {
  #connections: Connections | undefined;
  #deployment: Deployment | undefined;
  readonly #cuts = new Set<NetworkCut>();

  constructor(
    readonly kind: RemoteKind,
    readonly ctx: RoleContext<RemoteConfig>,
    readonly services: RemoteServices,
  ) {}

  async start(signal: AbortSignal): Promise<void> {
    const { config, log } = this.ctx;
    const { machine } = this.kind;
    const checked = checkConfig(config, machine);
    this.#connections = await Connections.open(config, this.services.run.configFolder, machine);
    const installer = await this.#connections.installer(signal);
    const services = { clock: this.services.clock, log };
    const deployment = new Deployment(this.kind, config, checked, this.#connections, installer, services);
    this.#deployment = deployment;
    await deployment.discover(signal);
    await deployment.configure(signal);
    await deployment.openTunnels(signal);
  }

  /** Networks back, tunnels closed, every file as it was; then the connections end. */
  async stop(signal?: AbortSignal): Promise<void> {
    const failures: DoctorError[] = [];
    const attempt = async (work: Promise<unknown> | undefined): Promise<void> => {
      await work?.catch((error: unknown) => failures.push(DoctorError.from(error, 'BACKEND_ERROR')));
    };
    await Promise.all([...this.#cuts].map((cut) => attempt(cut.restore())));
    await attempt(this.#deployment?.closeTunnels());
    await attempt(this.#deployment?.restore(signal));
    await attempt(this.#connections?.close());
    this.#connections = undefined;
    this.#deployment = undefined;
    if (failures.length > 0) throw combineErrors(failures);
  }

  health(): Health {
    if (!this.#deployment) return { status: 'down', detail: 'not started' };
    const lost = this.#deployment.lostTunnels;
    return lost.length === 0
      ? { status: 'up', detail: '' }
      : { status: 'degraded', detail: `tunnels are lost to ${lost.join(', ')}` };
  }

  async credentials(): Promise<CloudCredentials | undefined> {
    return this.#deployment?.credentials();
  }

  async hosts(): Promise<DeployedHost[]> {
    return this.#started().hosts();
  }

  async describeAccess(): Promise<Record<string, string>> {
    const { nodes, installer } = this.#started();
    const all = [{ name: this.kind.machine, session: installer }, ...nodes];
    return Object.fromEntries(
      all.map(({ name, session: { target } }) => [
        name,
        `${target.user === undefined ? '' : `${target.user}@`}${target.address}`,
      ]),
    );
  }

  async cutNetwork(hostname: string, durationMs: number, signal?: AbortSignal): Promise<NetworkCut> {
    const { clock, events } = this.services;
    const { cut_interfaces: interfaces, cut_delay: delayMs } = this.ctx.config;
    const { session, address } = this.#started().host(hostname);
    const options = { hostname, interfaces, address, durationMs, delayMs };
    const made = await cutOverSsh(session, options, { clock, log: this.ctx.log }, signal);
    events.emit('network.cut', { hostname });
    const tracked: NetworkCut = {
      ...made,
      restore: async () => {
        await made.restore();
        if (this.#cuts.delete(tracked)) events.emit('network.restored', { hostname });
      },
    };
    this.#cuts.add(tracked);
    return tracked;
  }

  #started(): Deployment {
    if (this.#deployment) return this.#deployment;
    throw new DoctorError('CONFLICT', 'installer: is not started');
  }
}
