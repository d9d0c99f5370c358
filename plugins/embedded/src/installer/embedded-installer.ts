import {
  type Clock,
  type CloudCredentials,
  type DeployedHost,
  DoctorError,
  type Health,
  type Installer,
  type Logger,
  type MessageBus,
  type NetworkCut,
  type ProbeKind,
  type RunInfo,
  type TimerHandle,
} from '@nfv-doctor/core/plugin-api';
import { type CutMoment, createEmbeddedCloud, type EmbeddedCloud } from '../cloud/index.js';
import { EmulatorGroup } from '../emulators/index.js';
import type { EmbeddedConfig } from './config.js';
import { toNotification } from './notification.js';
import { cloudOptions } from './options.js';

/** What the host gives to the installer. */
export interface EmbeddedInstallerDeps {
  clock: Clock;
  run: RunInfo;
  log: Logger;
  /** Gets the cloud's notifications; absent when the cloud runs alone. */
  messageBus: MessageBus | undefined;
}

/** Installer `embedded`: the deployment is a cloud in this process. */
export class EmbeddedInstaller implements Installer {
  readonly #config: EmbeddedConfig;
  readonly #deps: EmbeddedInstallerDeps;
  readonly #cuts = new Map<string, TimerHandle>();
  #cloud: EmbeddedCloud | undefined;
  #emulators: EmulatorGroup | undefined;

  constructor(config: EmbeddedConfig, deps: EmbeddedInstallerDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  /** The cloud behind, for tests and tools that reach below OpenStack's APIs; only between start and stop. */
  get cloud(): EmbeddedCloud {
    if (this.#cloud !== undefined) return this.#cloud;
    throw new DoctorError('CONFLICT', 'the embedded cloud does not run; start the installer first');
  }

  async start(signal: AbortSignal): Promise<void> {
    const { clock, run, log } = this.#deps;
    const cloud = createEmbeddedCloud({
      ...this.#options(),
      clock,
      seed: run.seed,
      onError: (where, err) =>
        log.error({ event: 'embedded.error', where, err }, 'error in the embedded cloud'),
    });
    try {
      await cloud.start();
    } catch (error) {
      throw startError(error);
    }
    this.#cloud = cloud;
    if (signal.aborted) {
      await this.stop();
      throw signal.reason;
    }
    this.#forwardNotifications(cloud);
    await this.#startEmulators(cloud);
    log.info({ event: 'embedded.started', authUrl: cloud.identityUrl, hosts: cloud.hosts.length });
  }

  async stop(): Promise<void> {
    for (const timer of this.#cuts.values()) timer.cancel();
    this.#cuts.clear();
    const emulators = this.#emulators;
    this.#emulators = undefined;
    await emulators?.stop();
    const cloud = this.#cloud;
    this.#cloud = undefined;
    await cloud?.stop();
  }

  health(): Health {
    return this.#cloud === undefined
      ? { status: 'down', detail: 'the embedded cloud does not run' }
      : { status: 'up', detail: '' };
  }

  async credentials(): Promise<CloudCredentials> {
    return { ...this.cloud.credentials };
  }

  async hosts(): Promise<DeployedHost[]> {
    // the kernel answers ICMP for all of 127/8, whatever is cut
    const probes: ProbeKind[] = this.#config.network === 'loopback' ? ['udp', 'tcp'] : ['icmp', 'udp', 'tcp'];
    return this.cloud.hosts.map(({ hostname, addresses }) => ({
      hostname,
      addresses: addresses.map((one) => ({ ...one, probes })),
    }));
  }

  async describeAccess(): Promise<Record<string, string>> {
    const entries = this.cloud.hosts.map(({ hostname, addresses }) => [
      `host ${hostname}`,
      addresses.map(({ address, port }) => `${address}:${port}`).join(', ') || 'cannot be probed',
    ]);
    return Object.fromEntries(entries);
  }

  async cutNetwork(hostname: string, durationMs: number, signal?: AbortSignal): Promise<NetworkCut> {
    signal?.throwIfAborted();
    const { cloud } = this;
    if (!cloud.hosts.some((host) => host.hostname === hostname)) {
      const known = cloud.hosts.map((host) => host.hostname).join(', ');
      throw new DoctorError('NOT_FOUND', `the embedded cloud has no host ${hostname}; it has ${known}`);
    }
    if (this.#cuts.has(hostname))
      throw new DoctorError('CONFLICT', `the network of ${hostname} is cut already`);
    const { clock, log } = this.#deps;
    let restored: Promise<void> | undefined;
    const restore = (): Promise<void> => {
      restored ??= this.#restore(hostname, planned);
      return restored;
    };
    const planned = clock.setTimeout(() => {
      restore().catch((err: unknown) => log.error({ event: 'embedded.restore_failed', hostname, err }));
    }, durationMs);
    this.#cuts.set(hostname, planned);
    const { at, toleranceMs } = await this.#cut(cloud, hostname);
    log.info({ event: 'embedded.network_cut', hostname, durationMs });
    return { hostname, cutAt: at, toleranceMs, restore };
  }

  async #restore(hostname: string, planned: TimerHandle): Promise<void> {
    // The installer may have stopped meanwhile.
    if (this.#cuts.get(hostname) !== planned) return;
    planned.cancel();
    await this.#cloud?.restoreNetwork(hostname);
    this.#cuts.delete(hostname);
    this.#deps.log.info({ event: 'embedded.network_restored', hostname });
  }

  async #cut(cloud: EmbeddedCloud, hostname: string): Promise<CutMoment> {
    try {
      return await cloud.cutNetwork(hostname);
    } catch (error) {
      this.#cuts.get(hostname)?.cancel();
      this.#cuts.delete(hostname);
      const message = `the network of ${hostname} could not be cut: ${(error as Error).message}`;
      throw new DoctorError('BACKEND_ERROR', message, { cause: error });
    }
  }

  /** Services beside the cloud use its APIs and Doctor's bus as deployed ones would. */
  async #startEmulators(cloud: EmbeddedCloud): Promise<void> {
    const { clock, log, messageBus } = this.#deps;
    const group = new EmulatorGroup(this.#config.emulators, {
      clock,
      credentials: () => cloud.credentials,
      publish: (notification) => {
        messageBus
          ?.publish({ ...notification, timestamp: isoOf(notification.timestamp) })
          .catch((err: unknown) =>
            log.warn({ event: 'embedded.publish_failed', err }, 'a notification was lost'),
          );
      },
      log: (event, detail) => log.info({ event, ...detail }),
      hosts: () =>
        cloud.hosts.flatMap(({ hostname, addresses: [first] }) =>
          first ? [{ hostname, address: first.address, port: first.port }] : [],
        ),
      subscribe: async (listener) => {
        if (messageBus) return messageBus.subscribe(['*'], listener);
        const end = cloud.onNotification((notification) => listener(toNotification(notification)));
        return async () => end();
      },
      watchers: { collectd: this.#config.collectd, alertmanager: this.#config.alertmanager },
      realHosts: this.#config.network === 'namespaces',
    });
    this.#emulators = group;
    try {
      await group.start((name, type, url) => cloud.registerService(name, type, url));
    } catch (error) {
      await this.stop();
      throw startError(error);
    }
  }

  #options(): ReturnType<typeof cloudOptions> {
    try {
      return cloudOptions(this.#config);
    } catch (error) {
      throw new DoctorError('CONFIG_INVALID', (error as Error).message, { cause: error });
    }
  }

  /** Nova's and Neutron's notifications go to Doctor's bus, as they go to RabbitMQ in a real cloud. */
  #forwardNotifications(cloud: EmbeddedCloud): void {
    const { messageBus, log } = this.#deps;
    if (messageBus === undefined) return;
    cloud.onNotification((notification) => {
      messageBus
        .publish(toNotification(notification))
        .catch((err: unknown) =>
          log.warn({ event: 'embedded.publish_failed', err }, 'a notification was lost'),
        );
    });
  }
}

/** `2030-01-01 00:00:00.000000` as ISO 8601. */
const isoOf = (timestamp: string) => `${timestamp.slice(0, 23).replace(' ', 'T')}Z`;

function startError(error: unknown): DoctorError {
  if (DoctorError.is(error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new DoctorError(
      'PORT_IN_USE',
      `the embedded cloud cannot listen: ${message}; choose another port in installer.ports`,
      {
        cause: error,
      },
    );
  }
  return new DoctorError('PLUGIN_START', `the embedded cloud did not start: ${message}`, { cause: error });
}
