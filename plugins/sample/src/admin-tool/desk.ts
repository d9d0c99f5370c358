import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import {
  type Clock,
  type ComputeController,
  DoctorError,
  type EventBus,
  type Logger,
  type MaintenancePlan,
  type MaintenanceRequest,
  type MaintenanceSession,
  type Vocabulary,
} from '@nfv-doctor/core/plugin-api';
import type { ActionPlugin } from './actions/index.js';
import { type CheckedRequest, checkRequest, type CreationContext, refuse } from './creation/index.js';
import type { EffectRunner } from './effects/index.js';
import { Mutex } from './mutex.js';
import type { SessionRepository } from './repository.js';
import { type RunnerContext, SessionRunner } from './session-runner.js';
import type { Question, SessionState, Survey } from './session.js';
import { begin, judge, projectsOn, type RawAnswer } from './transition/index.js';
import { heldBy, viewPlan, viewSession } from './views.js';

export interface DeskContext {
  clock: Clock;
  events: EventBus;
  log: Logger;
  repository: SessionRepository;
  effects: EffectRunner;
  compute: ComputeController;
  actions: ReadonlyMap<string, ActionPlugin>;
  defaultActions: readonly string[];
  defaults: CreationContext['defaults'];
  vocabulary: Vocabulary;
  expectedMoveMs: number;
  silentHostMs: number;
}

/** How long an abort may take: hosts are enabled, moves under way come to their end. */
const ABORT_TIMEOUT_MS = 600_000;

/** All sessions of this admin tool. */
export class SessionDesk {
  readonly #runners = new Map<string, SessionRunner>();
  readonly #planning = new Mutex();
  readonly #stop = new AbortController();

  constructor(readonly context: DeskContext) {
    // each call under way listens to it
    setMaxListeners(0, this.#stop.signal);
  }

  /** Goes on with what an earlier process left. */
  async resume(): Promise<void> {
    for (const session of await this.context.repository.load()) {
      const runner = new SessionRunner(session, this.#runnerContext());
      this.#runners.set(session.state.sessionId, runner);
    }
    for (const runner of this.#runners.values()) await runner.start({ resumed: true });
  }

  async stop(): Promise<void> {
    this.#stop.abort(new DoctorError('ABORTED', 'the admin tool stops'));
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()));
  }

  #runnerContext(): RunnerContext {
    const { clock, events, log, repository, effects, silentHostMs } = this.context;
    return {
      silentHostMs,
      clock,
      events,
      log,
      repository,
      effects,
      planning: this.#planning,
      others: (sessionId) => heldBy(this.#others(sessionId)),
    };
  }

  *#others(sessionId?: string): Generator<SessionState> {
    for (const { state } of this.#runners.values()) if (state.sessionId !== sessionId) yield state;
  }

  #runner(sessionId: string): SessionRunner {
    const runner = this.#runners.get(sessionId);
    if (!runner) throw new DoctorError('NOT_FOUND', `there is no maintenance session ${sessionId}`);
    return runner;
  }

  async #check(request: MaintenanceRequest): Promise<CheckedRequest & { survey: Survey }> {
    const { actions, defaultActions, defaults, clock, effects } = this.context;
    const found = await effects.survey(this.#stop.signal);
    const survey: Survey = { ...found, ...heldBy(this.#others()) };
    const busyHosts = new Map<string, string>();
    for (const { sessionId, phase, hosts } of this.#others())
      if (phase.kind !== 'ended') for (const { hostname } of hosts) busyHosts.set(hostname, sessionId);
    const checked = checkRequest(request, {
      now: clock.now(),
      survey,
      busyHosts,
      actions,
      defaultActions,
      defaults,
    });
    return { ...checked, survey };
  }

  plan(request: MaintenanceRequest): Promise<MaintenancePlan> {
    return this.#planning.run(async () => {
      const checked = await this.#check(request);
      const { actions, expectedMoveMs, clock } = this.context;
      return viewPlan(checked, { now: clock.now(), actions, expectedMoveMs });
    });
  }

  /** @throws DoctorError MAINTENANCE_REFUSED with all the reasons */
  create(request: MaintenanceRequest): Promise<{ sessionId: string }> {
    return this.#planning.run(async () => {
      const { hosts, maintenanceAt, options, reasons, survey } = await this.#check(request);
      refuse(reasons);
      const { state, effects } = begin({
        sessionId: randomUUID(),
        now: this.context.clock.now(),
        maintenanceAt,
        hosts,
        options,
        projects: projectsOn(hosts, survey),
      });
      const session = { state, outbox: effects };
      await this.context.repository.insert(session);
      const runner = new SessionRunner(session, this.#runnerContext());
      this.#runners.set(state.sessionId, runner);
      await runner.start({ resumed: false });
      return { sessionId: state.sessionId };
    });
  }

  sessions(): MaintenanceSession[] {
    return [...this.#runners.values()].map((runner) => this.#view(runner));
  }

  session(sessionId: string): MaintenanceSession {
    return this.#view(this.#runner(sessionId));
  }

  #view(runner: SessionRunner): MaintenanceSession {
    const view = viewSession(runner.state, this.context.vocabulary);
    return runner.halted ? { ...view, reason: `stands still: ${runner.halted.message}` } : view;
  }

  /** Aborts what runs, waits until hosts are put back, and forgets the session. */
  async remove(sessionId: string): Promise<void> {
    const runner = this.#runner(sessionId);
    if (!runner.halted) {
      await runner.dispatch(() => ({ type: 'abort', reason: 'aborted by the administrator' }));
      await runner.ended(AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ABORT_TIMEOUT_MS)]));
    }
    await runner.stop();
    await this.context.repository.delete(sessionId);
    this.#runners.delete(sessionId);
  }

  /** Resolves when the session has ended. */
  ended(sessionId: string, signal: AbortSignal): Promise<void> {
    return this.#runner(sessionId).ended(signal);
  }

  /** The open question to a project, and its instances. @throws DoctorError NOT_FOUND */
  async project(
    sessionId: string,
    projectId: string,
  ): Promise<{ question?: Question; instanceIds: string[] }> {
    const { state } = this.#runner(sessionId);
    const project = state.projects[projectId];
    if (!project)
      throw new DoctorError('NOT_FOUND', `project ${projectId} has no part in session ${sessionId}`);
    const { question } = project;
    if (question?.instanceIds) return { question, instanceIds: question.instanceIds };
    const instances = await this.context.compute.instances(
      { projectId, allProjects: true },
      this.#stop.signal,
    );
    return { ...(question ? { question } : {}), instanceIds: instances.map(({ id }) => id) };
  }

  /** Takes an answer. @throws DoctorError why it is refused; nothing has changed then */
  async answer(sessionId: string, raw: RawAnswer): Promise<void> {
    const runner = this.#runner(sessionId);
    const { clock, events } = this.context;
    const tell = (accepted: boolean, reason?: string) =>
      events.emit('maintenance.answer', {
        sessionId,
        projectId: raw.projectId,
        state: raw.state,
        accepted,
        ...(reason ? { reason } : {}),
      });
    try {
      await runner.dispatch((state) => judge(state, raw, clock.now()));
    } catch (error) {
      tell(false, error instanceof Error ? error.message : String(error));
      throw error;
    }
    tell(true);
  }

  /** The inspector has declared a host down. */
  async hostDown(hostname: string): Promise<void> {
    for (const runner of this.#runners.values())
      if (runner.state.phase.kind !== 'ended' && !runner.halted)
        await runner.dispatch(() => ({ type: 'host_down', hostname }));
  }

  /** Sessions that stand still. */
  problems(): string[] {
    return [...this.#runners.values()].flatMap(({ halted, state }) =>
      halted ? [`session ${state.sessionId} stands still: ${halted.message}`] : [],
    );
  }
}
