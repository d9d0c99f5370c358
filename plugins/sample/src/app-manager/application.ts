import { setMaxListeners } from 'node:events';
import {
  type Clock,
  type Controller,
  DoctorError,
  type InstanceAction,
  type Logger,
  type ManagedApplication,
  type ProjectOwner,
} from '@nfv-doctor/core/plugin-api';
import type { AppManagerConfig } from './config.js';
import type { AdminGateway, Answer } from './gateway.js';
import type { InstanceContext } from './instances.js';
import type { AppMessage } from './message.js';
import { replaceInstances } from './own-action.js';
import { type ApplicationRecord, type ApplicationStore, markHandled } from './record.js';
import { chooseReleased, scaleIn, scaleOut } from './scaling.js';
import { switchOver } from './switch-over.js';

export interface ApplicationContext {
  owner: ProjectOwner;
  /** The cloud as the owner sees it. */
  cloud: Controller;
  gateway: AdminGateway;
  store: ApplicationStore;
  clock: Clock;
  log: Logger;
  config: Pick<
    AppManagerConfig,
    | 'redundant_action'
    | 'scalable_action'
    | 'instance_actions'
    | 'min_scalable'
    | 'scale_in_step'
    | 'refuse_states'
    | 'silent_states'
    | 'instance_timeout'
    | 'poll_interval'
  >;
}

/** One application in maintenance: takes its messages one after another, stores what it is about to do, answers. */
export class Application {
  #last: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();

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

  /** Goes on with what an earlier process accepted. */
  resume(): void {
    if (this.record.replacing.length > 0) this.#enqueue(() => this.#replace());
    for (const message of this.record.inbox) this.#enqueue(() => this.#handle(message));
  }

  /** Takes a message; resolves when it is stored. @returns false for a duplicate */
  async accept(message: AppMessage): Promise<boolean> {
    const { inbox, handled } = this.record;
    if (handled.includes(message.id) || inbox.some(({ id }) => id === message.id)) return false;
    inbox.push(message);
    await this.#save();
    this.#enqueue(() => this.#handle(message));
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
        if (!this.#stop.signal.aborted) log.error({ event: 'maintenance.app_failed', err: error });
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
    try {
      const answer = await this.#decide(message);
      if (answer) await this.context.gateway.answer(message.replyUrl, answer, this.#stop.signal);
      if (answer?.state.startsWith('ACK')) await this.#replace();
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      // nobody waits for own actions that were promised in an answer that was refused
      if (DoctorError.is(error) && error.code === 'CONFLICT') this.record.replacing = [];
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

  /** The answer; undefined when none is wanted, or none is given. */
  async #decide(message: AppMessage): Promise<Answer | undefined> {
    const { config } = this.context;
    if (config.silent_states.includes(message.state)) return undefined;
    if (config.refuse_states.includes(message.state)) return nack(message, 'refused by configuration');
    try {
      return await this.#prepare(message);
    } catch (error) {
      this.#stop.signal.throwIfAborted();
      if (message.state === 'MAINTENANCE_FAILED') throw error;
      // better no than a silence that costs the whole reply time
      return nack(message, error instanceof Error ? error.message : String(error));
    }
  }

  async #prepare(message: AppMessage): Promise<Answer | undefined> {
    const { signal } = this.#stop;
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
        await scaleOut(this.record, this.#instances, this.#save, signal);
        return ack(message);
      case 'MAINTENANCE_FAILED':
        await scaleOut(this.record, this.#instances, this.#save, signal);
        return undefined;
      default:
        return undefined;
    }
  }

  #all(): string[] {
    return [...this.record.redundant, ...this.record.scalable];
  }

  async #scaleIn(message: AppMessage): Promise<void> {
    const { gateway, config } = this.context;
    const { signal } = this.#stop;
    if (this.record.releasing?.messageId !== message.id) {
      const asked = await gateway.instances(message.instanceIds, signal);
      const rules = { minScalable: config.min_scalable, step: config.scale_in_step };
      this.record.releasing = { messageId: message.id, ids: chooseReleased(this.record, asked, rules) };
      await this.#save();
    }
    await scaleIn(this.record, this.record.releasing.ids, this.#instances, this.#save, signal);
  }

  async #actions(message: AppMessage): Promise<Record<string, InstanceAction>> {
    const { gateway } = this.context;
    const { signal } = this.#stop;
    const { instanceIds } = await gateway.instances(message.instanceIds, signal);
    const actions = Object.fromEntries(
      instanceIds.map((id) => [id, this.#choose(id, message.allowedActions)]),
    );
    // the service leaves who will be touched, before anybody is told that they may be
    if (await switchOver(this.record, new Set(instanceIds), this.#instances, signal)) await this.#save();
    await this.#promise(actions);
    return actions;
  }

  #choose(id: string, allowed: readonly InstanceAction[]): InstanceAction {
    const { config } = this.context;
    const { redundant, blueprints } = this.record;
    const name = blueprints[id]?.name ?? '';
    const own = (config.instance_actions as Record<string, string>)[name];
    const wanted = (own ??
      (redundant.includes(id) ? config.redundant_action : config.scalable_action)) as InstanceAction;
    if (wanted === 'OWN_ACTION' && !blueprints[id]) return 'MIGRATE';
    return allowed.length === 0 || allowed.includes(wanted) ? wanted : 'MIGRATE';
  }

  /** Own actions are stored before they are promised. */
  async #promise(actions: Record<string, InstanceAction>): Promise<void> {
    const { blueprints, redundant, replacing } = this.record;
    for (const [oldId, action] of Object.entries(actions)) {
      const blueprint = blueprints[oldId];
      if (action !== 'OWN_ACTION' || !blueprint || replacing.some((each) => each.oldId === oldId)) continue;
      replacing.push({ oldId, blueprint, redundant: redundant.includes(oldId) });
    }
    await this.#save();
  }

  #replace(): Promise<void> {
    return replaceInstances(this.record, this.#instances, this.#save, this.#stop.signal);
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
