import {
  type Clock,
  type CloudCredentials,
  type DeployedHost,
  DoctorError,
  type EventBus,
  type Health,
  type Installer,
  type NetworkCut,
  type RoleContext,
  type RunInfo,
} from '@nfv-doctor/core/plugin-api';
import { cutByCommand } from '../fault/command-cut.js';
import { readHosts } from './hosts.js';

export interface LocalConfig {
  hosts: readonly unknown[];
  hosts_file: string;
  cut_command: string;
  restore_command: string;
  /** ms */
  command_timeout: number;
}

/** A cloud that is there already: credentials come from clouds.yaml or OS_*, hosts from the configuration. Changes nothing. */
export class LocalInstaller implements Installer {
  #hosts: DeployedHost[] = [];
  readonly #cuts = new Set<NetworkCut>();

  constructor(
    readonly ctx: RoleContext<LocalConfig>,
    readonly services: { clock: Clock; events: EventBus; run: RunInfo },
  ) {}

  async start(): Promise<void> {
    const { hosts, hosts_file } = this.ctx.config;
    this.#hosts = await readHosts(hosts, hosts_file, this.services.run.configFolder);
  }

  /** Brings back every network that is still cut. */
  async stop(): Promise<void> {
    const results = await Promise.allSettled([...this.#cuts].map((cut) => cut.restore()));
    const failed = results.flatMap((result) =>
      result.status === 'rejected' ? [(result.reason as Error).message] : [],
    );
    if (failed.length > 0)
      throw new DoctorError('BACKEND_ERROR', `networks that could not be restored: ${failed.join('; ')}`);
  }

  health(): Health {
    return { status: 'up', detail: '' };
  }

  async credentials(): Promise<CloudCredentials | undefined> {
    return undefined;
  }

  async hosts(): Promise<DeployedHost[]> {
    return this.#hosts;
  }

  async cutNetwork(hostname: string, durationMs: number, signal?: AbortSignal): Promise<NetworkCut> {
    const { cut_command: cut, restore_command: restore, command_timeout: timeoutMs } = this.ctx.config;
    const host = this.#hosts.find((each) => each.hostname === hostname);
    if (!host)
      throw new DoctorError(
        'NOT_FOUND',
        `installer: no host ${hostname}; there are: ${this.#hosts.map((each) => each.hostname).join(', ') || 'none'}`,
      );
    if (cut === '' || restore === '')
      throw new DoctorError(
        'CONFIG_INVALID',
        "installer.cut_command and installer.restore_command: must be set to cut a host's network",
      );
    const { clock, events } = this.services;
    const made = await cutByCommand(
      host,
      durationMs,
      { cut, restore, timeoutMs },
      { clock, log: this.ctx.log },
      signal,
    );
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
}
