import {
  type Blueprint,
  type Clock,
  type Controller,
  DoctorError,
  type EventBus,
  type Instance,
  type Logger,
} from '@nfv-doctor/core/plugin-api';
import PQueue from 'p-queue';
import { BootWatch } from './boot-watch.js';
import type { ConsumerConfig } from './config.js';

export interface RecoveryDependencies {
  clock: Clock;
  events: EventBus;
  log: Logger;
}

interface Protected {
  blueprint: Blueprint;
  begun: boolean;
  replacement: Promise<Instance>;
  resolve(instance: Instance): void;
  reject(error: unknown): void;
}

/** Makes the instances of one project again on another host, each once, a bounded number at a time. */
export class Recovery {
  readonly #protected = new Map<string, Protected>();
  readonly #queue: PQueue;
  readonly #watch: BootWatch;

  constructor(
    readonly config: ConsumerConfig,
    readonly cloud: Controller,
    readonly deps: RecoveryDependencies,
    readonly signal: AbortSignal,
  ) {
    this.#queue = new PQueue({ concurrency: config.recover_concurrency });
    const { poll_interval: pollIntervalMs, recover_timeout: timeoutMs } = config;
    this.#watch = new BootWatch(cloud, deps.clock, { pollIntervalMs, timeoutMs }, signal);
  }

  add(blueprint: Blueprint): void {
    let resolve!: (instance: Instance) => void;
    let reject!: (error: unknown) => void;
    const replacement = new Promise<Instance>((res, rej) => {
      resolve = res;
      reject = rej;
    });
    replacement.catch(() => {}); // whoever asks gets the error; nobody has to ask
    this.#protected.set(blueprint.instance.id, { blueprint, begun: false, replacement, resolve, reject });
  }

  /** The replacement, once it is there; undefined for an instance that is not protected. */
  replacement(instanceId: string): Promise<Instance> | undefined {
    return this.#protected.get(instanceId)?.replacement;
  }

  /** Begins to recover the instance; a second call for the same changes nothing. */
  begin(instanceId: string): void {
    const entry = this.#protected.get(instanceId);
    if (!entry || entry.begun) return;
    entry.begun = true;
    void this.#recover(entry).then(entry.resolve, (error: unknown) => {
      entry.reject(error);
      if (!this.signal.aborted)
        this.deps.log.error(
          { event: 'consumer.recovery_failed', instanceId, err: error },
          'the instance could not be replaced',
        );
    });
  }

  async #recover({ blueprint }: Protected): Promise<Instance> {
    const { instance } = blueprint;
    for (let attempt = 1; ; attempt++) {
      try {
        const replacement = await this.#recreate(blueprint, attempt);
        await this.#switchOver(blueprint, replacement);
        this.deps.events.emit('instance.recovered', {
          instanceId: instance.id,
          replacementId: replacement.id,
          ...(replacement.hostname ? { hostname: replacement.hostname } : {}),
        });
        return replacement;
      } catch (error) {
        this.signal.throwIfAborted();
        const retryable = DoctorError.is(error) && error.retryable;
        if (!retryable || attempt >= this.config.recover_attempts) throw error;
        this.deps.log.warn(
          { event: 'consumer.recovery_retried', instanceId: instance.id, attempt, err: error },
          'replacing the instance failed, trying again',
        );
        await this.deps.clock.sleep(this.config.poll_interval * attempt, this.signal);
      }
    }
  }

  async #recreate({ instance, ...blueprint }: Blueprint, attempt: number): Promise<Instance> {
    const { id } = await this.#queue.add(
      () =>
        // not to be aborted: an instance that was created must be known
        this.cloud.compute.createInstance({
          name: `${instance.name}-replacement${attempt > 1 ? `-${attempt}` : ''}`,
          flavorId: blueprint.flavorId,
          imageId: blueprint.imageId,
          networkIds: blueprint.networkIds,
          metadata: { ...instance.metadata, replaces: instance.id },
        }),
      { signal: this.signal },
    );
    const replacement = await this.#watch.booted(id);
    const { status, hostStatus, fault } = replacement;
    // the alarm may come before the scheduler knows that the host is down: then the replacement is on it, too
    if (status === 'ACTIVE' && hostStatus !== 'DOWN') return replacement;
    await this.cloud.compute.deleteInstance(id, this.signal);
    throw new DoctorError(
      'CLOUD_ERROR',
      `replacement ${id} of instance ${instance.id} ${status === 'ERROR' ? `is in ERROR: ${fault ?? 'no reason given'}` : 'is on a host that is down'}`,
      { retryable: true },
    );
  }

  async #switchOver({ floatingIpIds }: Blueprint, replacement: Instance): Promise<void> {
    if (floatingIpIds.length === 0) return;
    const [port] = await this.cloud.network.ports(replacement.id, this.signal);
    if (!port)
      throw new DoctorError('CLOUD_ERROR', `replacement ${replacement.id} has no port for its floating IP`);
    for (const id of floatingIpIds) await this.cloud.network.moveFloatingIp(id, port.id, this.signal);
  }
}
