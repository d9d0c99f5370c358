import { setMaxListeners } from 'node:events';
import type { Clock } from '../domain/clock.js';
import type { ProjectOwner } from '../domain/credentials.js';
import type { InstanceAction } from '../domain/maintenance.js';
import { DoctorError } from '../errors/index.js';
import type { Logger } from '../log/index.js';
import type { ManagedApplication } from '../roles/app-manager.js';
import type { Controller } from '../roles/controller/index.js';
import type { AdminGateway, Answer } from './gateway.js';
import type { InstanceContext } from './instances.js';
import type { AppMessage } from './message.js';
import { replaceInstances } from './own-action.js';
import type { ApplicationPolicy } from './policy.js';
import { type ApplicationRecord, type ApplicationStore, markHandled, receive } from './record.js';
import { scaleIn, scaleOut } from './scaling.js';
import { switchOver } from './switch-over.js';

export interface ApplicationContext {
  owner: ProjectOwner;
  /** The cloud as the owner sees it. */
  cloud: Controller;
  gateway: AdminGateway;
  store: ApplicationStore;
  clock: Clock;
  log: Logger;
  /** What it decides. */
  policy: ApplicationPolicy;
  config: {
    /** Time within which an instance must be made or gone, ms. */
    readonly instance_timeout: number;
    /** Time between two looks at the cloud while waiting, ms. */
    readonly poll_interval: number;
  };
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** One application in maintenance: takes its messages one after another, stores what it is about to do, answers. */
export class Application {
  #last: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();
  #problem: string | undefined;

  constructor(
    readonly record: ApplicationRecord,
    readonly context: ApplicationContext,
  ) {
    // each call under way listens to it
    setMaxListeners(0, this.#stop.signal);
  }

  get managed(): ManagedApplication {
    const { redundant, scalable, floatingIpId } = this.record;
    return {
      owner: this.context.owner,
      redundant: [...redundant],
      scalable: [...scalable],
      ...(floatingIpId === undefined ? {} : { floatingIpId }),
    };
  }

  /** What went wrong last, until it goes right. */
  get problem(): string | undefined {
    return this.#problem ?? this.context.policy.problem?.();
  }

  /** Goes on with what an earlier process accepted. */
  resume(): void {
    if (this.record.replacing.length > 0) this.#enqueue(() => this.#replace());
    for (const message of this.record.inbox) this.#enqueue(() => this.#handle(message));
  }

  /** Takes a message; resolves when it is stored. @returns false for a duplicate */
  async accept(message: AppMessage): Promise<boolean> {
    const { clock, policy, store } = this.context;
    const received = await receive(this.record, message, clock.now(), store);
    if (!received) return false;
    policy.heard?.(received);
    this.#enqueue(() => this.#handle(received));
    return true;
  }

  /** Resolves when everything accepted so far is done. */
  settled(): Promise<void> {
    return this.#last;
  }

  async stop(): Promise<void> {
    this.#stop.abort(new DoctorError('ABORTED', 'the app manager stops'));
    await this.#last;
  }

  #enqueue(work: () => Promise<void>): void {
    const { log } = this.context;
    this.#last = this.#last.then(async () => {
      if (this.#stop.signal.aborted) return;
      try {
        await work();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#problem = textOf(error);
        log.error({ event: 'maintenance.app_failed', err: error });
      }
    });
  }

  #save = (): Promise<void> => this.context.store.save(this.record);

  get #instances(): InstanceContext {
    const { cloud, clock, config } = this.context;
    return { cloud, clock, timeoutMs: config.instance_timeout, pollIntervalMs: config.poll_interval };
  }

  async #handle(message: AppMessage): Promise<void> {
    const { log } = this.context;
    // it came while the inbox was gone through after a restart
    if (this.record.handled.includes(message.id)) return;
    try {
      const answer = await this.#decide(message);
      if (answer) await this.#answer(message, answer);
      if (answer?.state.startsWith('ACK')) await this.#replace();
      this.#problem = undefined;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#problem = `${message.word} of session ${message.sessionId}: ${textOf(error)}`;
      log.warn({
        event: 'maintenance.app_answer',
        state: message.word,
        sessionId: message.sessionId,
        err: error,
      });
    }
    markHandled(this.record, message.id);
    await this.#save();
  }

  async #answer(message: AppMessage, answer: Answer): Promise<void> {
    const { gateway, policy } = this.context;
    const { signal } = this.#stop;
    try {
      await gateway.answer(message.replyUrl, answer, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      // nobody waits for own actions that were promised in an answer that did not arrive
      const actions = answer.instance_actions ?? {};
      this.record.replacing = this.record.replacing.filter(({ oldId }) => actions[oldId] === undefined);
      policy.withdrawn?.(actions);
      throw error;
    }
  }

  /** The answer; undefined when none is wanted, or none is given. */
  async #decide(message: AppMessage): Promise<Answer | undefined> {
    const { policy } = this.context;
    try {
      if (!(await policy.consider(message, this.#stop.signal))) return undefined;
      return await this.#prepare(message);
    } catch (error) {
      this.#stop.signal.throwIfAborted();
      if (message.state === 'MAINTENANCE_FAILED' || message.state === 'ADMIN_ACTION_DONE') throw error;
      // better no than a silence that costs the whole reply time
      return nack(message, textOf(error));
    }
  }

  async #prepare(message: AppMessage): Promise<Answer | undefined> {
    switch (message.state) {
      case 'MAINTENANCE':
        return ack(message);
      case 'DOWN_SCALE':
        await this.#scaleIn(message);
        return ack(message, { instance_ids: this.#all() });
      case 'PREPARE_MAINTENANCE':
      case 'PLANNED_MAINTENANCE':
        return ack(message, { instance_actions: await this.#actions(message) });
      case 'MAINTENANCE_COMPLETE':
        await this.#scaleOut();
        return ack(message);
      case 'MAINTENANCE_FAILED':
        await this.#scaleOut();
        return undefined;
      default:
        return undefined;
    }
  }

  #all(): string[] {
    return [...this.record.redundant, ...this.record.scalable];
  }

  async #scaleIn(message: AppMessage): Promise<void> {
    const { gateway, policy } = this.context;
    const { signal } = this.#stop;
    if (this.record.releasing?.messageId !== message.id) {
      const asked = await gateway.instances(message.instanceIds, signal);
      this.record.releasing = { messageId: message.id, ids: policy.chooseReleased(asked) };
      await this.#save();
    }
    await scaleIn(this.record, this.record.releasing.ids, this.#instances, this.#save, signal);
    await policy.changed?.(signal);
  }

  async #scaleOut(): Promise<void> {
    const { policy } = this.context;
    const { signal } = this.#stop;
    if (this.record.released.length === 0) return;
    await scaleOut(this.record, this.#instances, this.#save, signal);
    await policy.changed?.(signal);
  }

  async #actions(message: AppMessage): Promise<Record<string, InstanceAction>> {
    const { gateway, policy } = this.context;
    const { signal } = this.#stop;
    const { instanceIds } = await gateway.instances(message.instanceIds, signal);
    const actions = await policy.chooseActions(instanceIds, message, signal);
    // the service leaves who will be touched, before anybody is told that they may be
    if (await switchOver(this.record, new Set(instanceIds), this.#instances, signal)) await this.#save();
    await this.#promise(actions, message);
    return actions;
  }

  /** What is promised is stored before. */
  async #promise(actions: Record<string, InstanceAction>, message: AppMessage): Promise<void> {
    const { blueprints, redundant, replacing } = this.record;
    for (const [oldId, action] of Object.entries(actions)) {
      const blueprint = blueprints[oldId];
      if (action !== 'OWN_ACTION' || !blueprint || replacing.some((each) => each.oldId === oldId)) continue;
      replacing.push({ oldId, blueprint, redundant: redundant.includes(oldId) });
    }
    this.context.policy.promised?.(actions, message);
    await this.#save();
  }

  #replace(): Promise<void> {
    const { policy } = this.context;
    return replaceInstances(this.record, this.#instances, this.#save, this.#stop.signal, policy);
  }
}

const ack = ({ sessionId, word }: AppMessage, more: Partial<Answer> = {}): Answer => ({
  session_id: sessionId,
  state: `ACK_${word}`,
  ...more,
});
const nack = ({ sessionId, word }: AppMessage, reason: string): Answer => ({
  session_id: sessionId,
  state: `NACK_${word}`,
  reason,
});
