import {
  type Clock,
  type ComputeController,
  type EventBus,
  type HostMessage,
  type MessageBus,
  type Notifier,
  type Vocabulary,
} from '@nfv-doctor/core/plugin-api';
import { DoctorError } from '@nfv-doctor/core/plugin-api';
import type { ActionPlugin } from '../actions/index.js';
import type { Effect, EffectResult, OutgoingMessage, SessionState } from '../session.js';
import { hostNotification, messageId, projectMessage, projectNotification } from './messages.js';
import { moveInstance } from './move.js';
import { retried } from './retry.js';
import { type Found, lookAround, type SurveyContext } from './survey.js';
import type { WakeUps } from './wake-ups.js';

export interface EffectContext {
  clock: Clock;
  events: EventBus;
  bus: MessageBus;
  compute: ComputeController;
  notifier: Notifier;
  wakeUps: Pick<WakeUps, 'watch'>;
  actions: ReadonlyMap<string, ActionPlugin>;
  /** Where applications reach the REST API. */
  baseUrl(): URL;
  /** Project of the administrator: host messages belong to it. */
  adminProjectId(): string;
  vocabulary: Vocabulary;
  timeoutMs: number;
  pollIntervalMs: number;
  cpuRatio: number;
  memoryRatio: number;
  reservedMemoryMb: number;
  demanded?: SurveyContext['demanded'];
}

/** The deadlines as they are now: after a restart there are later ones. */
function withDeadlines(message: OutgoingMessage, { projects }: SessionState): OutgoingMessage {
  const question = projects[message.projectId]?.question;
  if (message.replyAt === undefined || question?.step !== message.step) return message;
  return { ...message, replyAt: question.replyAt, actionsAt: question.actionsAt };
}

/** Does what transitions ask for. Each effect may be run again after a crash: it looks first, or carries its key. */
export class EffectRunner {
  constructor(readonly context: EffectContext) {}

  survey(signal: AbortSignal): Promise<Found> {
    return this.#retried(signal, () => lookAround(this.context, signal));
  }

  /** @throws the reason why it failed for good */
  async run(
    effect: Exclude<Effect, { kind: 'survey' }>,
    state: SessionState,
    signal: AbortSignal,
  ): Promise<EffectResult | undefined> {
    switch (effect.kind) {
      case 'message':
        await this.#message(effect, state, signal);
        return undefined;
      case 'host_message':
        await this.#hostMessage(effect, state, signal);
        return undefined;
      case 'set_enabled':
        await this.#setEnabled(effect.host, effect.enabled, state.sessionId, signal);
        return undefined;
      case 'check_empty':
        return this.#checkEmpty(effect.host, signal);
      case 'move':
        return this.#move(effect, state, signal);
      case 'action':
        await this.#action(effect, state, signal);
        return undefined;
    }
  }

  #retried<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    return retried(this.context.clock, this.context.timeoutMs, signal, call);
  }

  async #message(effect: Extract<Effect, { kind: 'message' }>, state: SessionState, signal: AbortSignal) {
    const { bus, clock, events, vocabulary } = this.context;
    const payload = projectMessage(state, withDeadlines(effect.message, state), {
      baseUrl: this.context.baseUrl(),
      vocabulary,
    });
    const id = messageId(state.sessionId, effect.key);
    events.emit('maintenance.message', { message: payload });
    await this.#retried(signal, () => bus.publish(projectNotification(id, payload, clock.now()), signal));
  }

  async #hostMessage(
    effect: Extract<Effect, { kind: 'host_message' }>,
    { sessionId }: SessionState,
    signal: AbortSignal,
  ) {
    const { bus, clock, events } = this.context;
    const message: HostMessage = {
      session_id: sessionId,
      project_id: this.context.adminProjectId(),
      host: effect.host,
      state: effect.state,
    };
    const id = messageId(sessionId, effect.key);
    events.emit('maintenance.host', { message });
    await this.#retried(signal, () => bus.publish(hostNotification(id, message, clock.now()), signal));
  }

  #setEnabled(host: string, enabled: boolean, sessionId: string, signal: AbortSignal): Promise<void> {
    const { compute } = this.context;
    const reason = enabled ? undefined : `maintenance session ${sessionId}`;
    return this.#retried(signal, () => compute.setEnabled(host, enabled, reason, signal));
  }

  async #checkEmpty(hostname: string, signal: AbortSignal): Promise<EffectResult> {
    const { compute } = this.context;
    const instances = await this.#retried(signal, () =>
      compute.instances({ hostname, allProjects: true }, signal),
    );
    return { instanceIds: instances.filter(({ status }) => status !== 'DELETED').map(({ id }) => id) };
  }

  #move(effect: Extract<Effect, { kind: 'move' }>, { sessionId }: SessionState, signal: AbortSignal) {
    const { instanceId, from, to, action } = effect.move;
    this.context.events.emit('maintenance.move', {
      sessionId,
      instanceId,
      from,
      to,
      action,
      state: 'started',
    });
    return moveInstance(effect.move, this.context, signal);
  }

  async #action(
    { key, phase, name, host }: Extract<Effect, { kind: 'action' }>,
    { sessionId, options }: SessionState,
    signal: AbortSignal,
  ): Promise<void> {
    const action = this.context.actions.get(name);
    if (!action) throw new DoctorError('NOT_FOUND', `there is no action "${name}" any more`);
    await action.run(
      {
        sessionId,
        phase,
        key: `${sessionId}/${key}`,
        metadata: options.metadata,
        ...(host === undefined ? {} : { host }),
      },
      signal,
    );
  }
}
