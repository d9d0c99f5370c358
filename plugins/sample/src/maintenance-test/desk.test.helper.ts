import {
  type Clock,
  createEventBus,
  type EventBus,
  type Logger,
  type MaintenanceRequest,
  type MessageBus,
  MAINTENANCE_HOST,
  MAINTENANCE_SCHEDULED,
  type Notifier,
  type ProjectMessage,
} from '@nfv-doctor/core/plugin-api';
import { createTestContext, FakeMessageBus, type VirtualClock } from '@nfv-doctor/core/testing';
import type { ActionPlugin } from '../admin-tool/actions/index.js';
import { type DeskContext, SessionDesk } from '../admin-tool/desk.js';
import { EffectRunner, WakeUps } from '../admin-tool/effects/index.js';
import type { SessionRepository, StoredSession } from '../admin-tool/repository.js';
import type { ModelCloud } from './model-cloud.test.helper.js';

/** Sessions as JSON in memory: what a crash would leave is what is here. */
export class MemoryRepository implements SessionRepository {
  readonly rows = new Map<string, { state: string; outbox: Map<string, string> }>();
  /** Called before each write takes effect; throw to be a full disk. */
  before: () => void = () => {};
  writes = 0;

  async load(): Promise<StoredSession[]> {
    return [...this.rows.values()].map(({ state, outbox }) => ({
      state: JSON.parse(state) as StoredSession['state'],
      outbox: [...outbox.values()].map((effect) => JSON.parse(effect) as StoredSession['outbox'][number]),
    }));
  }
  async insert({ state, outbox }: StoredSession): Promise<void> {
    this.before();
    this.writes++;
    this.rows.set(state.sessionId, {
      state: JSON.stringify(state),
      outbox: new Map(outbox.map((effect) => [effect.key, JSON.stringify(effect)])),
    });
  }
  async save(...[state, add, remove]: Parameters<SessionRepository['save']>): Promise<void> {
    this.before();
    this.writes++;
    const row = this.rows.get(state.sessionId);
    if (!row) throw new Error('saved before it was inserted');
    row.state = JSON.stringify(state);
    if (remove !== undefined) row.outbox.delete(remove);
    for (const effect of add) row.outbox.set(effect.key, JSON.stringify(effect));
  }
  async delete(sessionId: string): Promise<void> {
    this.rows.delete(sessionId);
  }
}

export interface DeskUnderTest {
  desk: SessionDesk;
  bus: FakeMessageBus;
  events: EventBus;
  repository: MemoryRepository;
  /** The times the effects publish; ids of messages in order. */
  stop(): Promise<void>;
}

export interface DeskOptions {
  clock: VirtualClock;
  cloud: ModelCloud;
  repository?: MemoryRepository;
  actions?: Record<string, ActionPlugin>;
  defaults?: Partial<DeskContext['defaults']>;
  pollIntervalMs?: number;
}

let silent: Promise<Logger> | undefined;
/** A logger that writes nothing. */
export const silentLog = (): Promise<Logger> =>
  (silent ??= createTestContext().then(async ({ log, close }) => {
    await close();
    return log;
  }));

/** The real desk, runner, transition, planner and effects over a cloud, a bus and a database in memory. */
export async function startDesk(options: DeskOptions): Promise<DeskUnderTest> {
  const { clock, cloud, repository = new MemoryRepository() } = options;
  const log = await silentLog();
  const events = createEventBus(clock, log);
  const bus = new FakeMessageBus();
  cloud.publish = (notification) => void bus.deliver(notification);
  const wakeUps = new WakeUps(bus as MessageBus, clock);
  const actions = new Map(Object.entries(options.actions ?? {}));
  const effects = new EffectRunner({
    clock,
    events,
    bus,
    compute: cloud.compute,
    notifier: cloud as unknown as Notifier,
    wakeUps,
    actions,
    baseUrl: () => new URL('http://127.0.0.1:1/'),
    adminProjectId: () => 'admin',
    vocabulary: 'doctor',
    timeoutMs: 60_000,
    pollIntervalMs: options.pollIntervalMs ?? 500,
    cpuRatio: 1,
    memoryRatio: 1,
    reservedMemoryMb: 0,
  });
  const desk = new SessionDesk({
    clock,
    events,
    log,
    repository,
    effects,
    compute: cloud.compute,
    actions,
    defaultActions: [],
    vocabulary: 'doctor',
    expectedMoveMs: 1000,
    silentHostMs: 60_000,
    defaults: {
      maxParallelHosts: 1,
      maxParallelMoves: 10,
      replyTimeoutMs: 60_000,
      moveTimeoutMs: 600_000,
      defaultAction: 'MIGRATE',
      closeWaitingHosts: true,
      constraints: [],
      ...options.defaults,
    } as DeskContext['defaults'],
  });
  noteMessages(bus, cloud, clock);
  const untell = events.on('maintenance.session', ({ sessionId, state }) =>
    cloud.note({ kind: 'session', sessionId, state }),
  );
  await wakeUps.start();
  await desk.resume();
  return {
    desk,
    bus,
    events,
    repository,
    async stop() {
      untell();
      await desk.stop();
      await wakeUps.stop();
    },
  };
}

/** Writes messages down for the checker, each once. */
export function noteMessages(bus: FakeMessageBus, cloud: ModelCloud, clock: Clock): void {
  const seen = new Set<string>();
  void bus.subscribe([MAINTENANCE_SCHEDULED, MAINTENANCE_HOST], ({ eventType, messageId, payload }) => {
    if (seen.has(messageId)) return;
    seen.add(messageId);
    if (eventType === MAINTENANCE_HOST) {
      const { session_id, host, state } = payload as {
        session_id: string;
        host: string;
        state: 'IN_MAINTENANCE' | 'MAINTENANCE_COMPLETE';
      };
      return cloud.note({ kind: 'host_message', sessionId: session_id, hostname: host, state });
    }
    const { session_id, project_id, state, reply_at } = payload as unknown as ProjectMessage;
    cloud.note({
      kind: 'message',
      sessionId: session_id,
      projectId: project_id,
      state,
      wall: clock.now(),
      replyAt: reply_at === null ? null : Date.parse(`${reply_at.replace(' ', 'T')}Z`),
    });
  });
}

/** A request for a session that begins in 10 s. */
export const requestIn = (
  clock: VirtualClock,
  more: Partial<MaintenanceRequest> & Record<string, unknown> = {},
): MaintenanceRequest => ({
  maintenance_at: new Date(clock.now() + 10_000).toISOString(),
  ...more,
});
