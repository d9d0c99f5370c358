import {
  type Clock,
  DoctorError,
  type EventBus,
  type Logger,
  type TimerHandle,
} from '@nfv-doctor/core/plugin-api';
import type { EffectRunner } from './effects/index.js';
import { Mutex } from './mutex.js';
import type { SessionRepository, StoredSession } from './repository.js';
import type { Effect, EffectResult, SessionEvent, SessionState, Survey } from './session.js';
import { Silence } from './silence.js';
import { nextDeadline, transition } from './transition/index.js';

export interface RunnerContext {
  clock: Clock;
  events: EventBus;
  log: Logger;
  repository: SessionRepository;
  effects: EffectRunner;
  /** One survey at a time, over all sessions: what one plans, the next one sees. */
  planning: Mutex;
  /** How long hosts that Nova does not hear of are waited for. */
  silentHostMs: number;
  /** What the other sessions hold. */
  others(sessionId: string): Pick<Survey, 'claims' | 'foreign'>;
}

/** Between two looks at hosts that are silent. */
const SILENCE_PAUSE_MS = 2000;

/** Ends effects without an event: they stay in the outbox for the next start. */
class Stopped extends Error {}
/** Ends an action because its session fails. */
class GivenUp extends Error {}

/** One session at work: stores each step before it is acted on, runs the effects, and minds the deadlines. */
export class SessionRunner {
  #state: SessionState;
  /** Steps are taken one after another. */
  readonly #steps = new Mutex();
  /** Messages of a session go out in their order. */
  readonly #messages = new Mutex();
  readonly #running = new Map<string, AbortController>();
  #timer: TimerHandle | undefined;
  #stopped = false;
  #listeners = new Set<() => void>();
  readonly #silence: Silence;
  #silent = '';
  /** Why the session stands still: what it did could not be recorded. */
  halted: DoctorError | undefined;

  constructor(
    readonly session: StoredSession,
    readonly context: RunnerContext,
  ) {
    this.#state = session.state;
    const hostnames = session.state.hosts.map(({ hostname }) => hostname);
    this.#silence = new Silence(hostnames, context.clock, context.silentHostMs);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Begins with a new session, or goes on with a stored one. */
  async start({ resumed }: { resumed: boolean }): Promise<void> {
    this.#tellState();
    if (resumed && this.#state.phase.kind !== 'ended') await this.dispatch(() => ({ type: 'resumed' }));
    for (const effect of this.session.outbox) this.#begin(effect);
    this.#arm();
  }

  /** Stands still; everything goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    for (const controller of this.#running.values()) controller.abort(new Stopped('stopped'));
    await this.#steps.run(async () => {});
  }

  /** Resolves when the session has ended (or stands still), or rejects when aborted. */
  async ended(signal: AbortSignal): Promise<void> {
    while (this.#state.phase.kind !== 'ended' && !this.halted) {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const abort = () => reject(signal.reason as Error);
        signal.addEventListener('abort', abort, { once: true });
        const listener = () => {
          this.#listeners.delete(listener);
          signal.removeEventListener('abort', abort);
          resolve();
        };
        this.#listeners.add(listener);
      });
    }
  }

  /**
   * Takes a step. `make` sees the state as it is when its turn comes; undefined: nothing happened.
   * @throws what `make` throws; DoctorError STORE when the step could not be recorded (nothing has been done then)
   */
  dispatch(make: (state: SessionState) => SessionEvent | undefined): Promise<void> {
    return this.#steps.run(async () => {
      if (this.#stopped) throw new Stopped('stopped');
      if (this.halted) throw this.halted;
      const event = make(this.#state);
      if (!event) return;
      const { clock, repository } = this.context;
      const { state, effects } = transition(this.#state, event, clock.now());
      const ended = 'effect' in event ? event.effect.key : event.type === 'survey' ? event.key : undefined;
      try {
        await repository.save(state, effects, ended);
      } catch (error) {
        this.#halt(DoctorError.from(error, 'STORE'));
        throw this.halted;
      }
      const before = this.#state.state;
      this.#state = state;
      if (state.state !== before) this.#tellState();
      this.#tellMove(event);
      for (const effect of effects) this.#begin(effect);
      if (state.phase.kind === 'putting_back') this.#giveUpActions();
      this.#arm();
      this.#wake();
    });
  }

  #halt(error: DoctorError): void {
    this.halted = error;
    this.#timer?.cancel();
    for (const controller of this.#running.values())
      controller.abort(new Stopped('the session stands still'));
    const { sessionId } = this.#state;
    this.context.log.error(
      { event: 'maintenance.halted', sessionId, err: error },
      'the session stands still',
    );
    this.#wake();
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
  }

  #tellState(): void {
    const { sessionId, state, reason } = this.#state;
    this.context.log.info({ event: 'maintenance.session', sessionId, state, reason });
    this.context.events.emit('maintenance.session', { sessionId, state, ...(reason ? { reason } : {}) });
  }

  #tellMove(event: SessionEvent): void {
    if ((event.type !== 'done' && event.type !== 'failed') || event.effect.kind !== 'move') return;
    const { instanceId, from, to, action } = event.effect.move;
    this.context.events.emit('maintenance.move', {
      sessionId: this.#state.sessionId,
      instanceId,
      from,
      to,
      action,
      state: event.type,
      ...(event.type === 'failed' ? { message: event.reason } : {}),
    });
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const deadline = nextDeadline(this.#state);
    if (deadline === undefined || this.#stopped || this.halted) return;
    const { clock } = this.context;
    this.#timer = clock.setTimeout(
      () => this.#settle(this.dispatch(() => ({ type: 'time' }))),
      // no timer holds more than 2^31 ms
      Math.min(Math.max(0, deadline - clock.now()), 2_000_000_000),
    );
  }

  #giveUpActions(): void {
    for (const [key, controller] of this.#running)
      if (key.includes('/action/')) controller.abort(new GivenUp(this.#state.reason));
  }

  #begin(effect: Effect): void {
    const controller = new AbortController();
    this.#running.set(effect.key, controller);
    this.#settle(this.#run(effect, controller.signal).finally(() => this.#running.delete(effect.key)));
  }

  async #run(effect: Effect, signal: AbortSignal): Promise<void> {
    try {
      if (effect.kind === 'survey') return await this.#survey(effect.key, signal);
      const work = () => this.context.effects.run(effect, this.#state, signal);
      const ordered = effect.kind === 'message' || effect.kind === 'host_message';
      const result = await (ordered ? this.#messages.run(work) : work());
      await this.dispatch(() => done(effect, result));
    } catch (error) {
      if (error instanceof Stopped || signal.reason instanceof Stopped || error === this.halted) return;
      const reason = error instanceof Error ? error.message : String(error);
      const again = mayDoElsewhere(error);
      await this.dispatch(() => ({ type: 'failed', effect, reason, ...(again ? { again } : {}) }));
    }
  }

  async #survey(key: string, signal: AbortSignal): Promise<void> {
    while (!(await this.#planned(key, signal))) await this.context.clock.sleep(SILENCE_PAUSE_MS, signal);
  }

  /** @returns false: hosts are silent, and the plan waits for them; nobody else has to wait meanwhile */
  #planned(key: string, signal: AbortSignal): Promise<boolean> {
    const { effects, planning, others, log } = this.context;
    return planning.run(async () => {
      const found = await effects.survey(signal);
      const silent = this.#silence.awaited(found.hosts);
      const told = this.#silent;
      this.#silent = silent.join(', ');
      if (silent.length > 0 && this.#state.phase.kind === 'surveying') {
        if (this.#silent !== told)
          log.warn(
            { event: 'maintenance.hosts_silent', sessionId: this.#state.sessionId, hosts: silent },
            `Nova has not heard of ${this.#silent} lately; the plan waits for them`,
          );
        return false;
      }
      await this.dispatch(({ sessionId }) => ({
        type: 'survey',
        key,
        survey: { ...found, ...others(sessionId) },
      }));
      return true;
    });
  }

  /** What is left of errors has been logged, and shows in the session and in the health. */
  #settle(promise: Promise<void>): void {
    promise.catch((error: unknown) => {
      if (error instanceof Stopped || error === this.halted) return;
      const { sessionId } = this.#state;
      this.#halt(DoctorError.from(error, 'INTERNAL', `session ${sessionId}`));
    });
  }
}

/** The cloud did not begin the move, or took it back: the instance is where it was. */
const mayDoElsewhere = (error: unknown): boolean =>
  DoctorError.is(error) &&
  (['CLOUD_BAD_REQUEST', 'CLOUD_CONFLICT', 'CLOUD_OVER_LIMIT'].includes(error.code) ||
    error.details.takenBack === true);

const done = (effect: Effect, result: EffectResult | undefined): SessionEvent => ({
  type: 'done',
  effect,
  ...(result ? { result } : {}),
});
