import {
  type Alarm,
  type AlarmRequest,
  type AlarmState,
  type Clock,
  type CloudSession,
  DoctorError,
  type EventBus,
  type Health,
  type HttpKit,
  type HttpServer,
  type Logger,
  type MessageBus,
  type Notification,
  type Notifier,
  type ProjectOwner,
  type Store,
  type TimerHandle,
} from '@nfv-doctor/core/plugin-api';
import { AlarmBook, type Caller } from './alarms/alarm-book.js';
import type { CompiledAlarm, StoredAlarm } from './alarms/compiled-alarm.js';
import { historyRow } from './alarms/history.js';
import { createApi } from './api/server.js';
import type { NotifierConfig } from './config.js';
import { Dispatcher } from './delivery/dispatcher.js';
import type { Delivery, Outcome } from './delivery/webhook.js';
import { Engine, type Fired } from './engine/engine.js';
import { StateChangeHold } from './engine/state-change-hold.js';
import { notifierMetrics } from './metrics.js';
import { NotifierStore } from './persistence/notifier-store.js';
import type { NotificationRow } from './persistence/schema.js';
import { pythonTime } from './time.js';
import { warmUp } from './warm-up.js';

export interface NotifierDependencies {
  clock: Clock;
  log: Logger;
  events: EventBus;
  http: HttpKit;
  store: Store;
  messageBus: MessageBus;
  cloudSession?: CloudSession | undefined;
}

const OWED_PER_READ = 500;
const REMEMBERED_IDS = 10_000;
const PRUNE_INTERVAL_MS = 60_000;

/**
 * The alarm engine: event alarms with Aodh's API, evaluated in memory, delivered by webhook at least once.
 *
 * Order of things for an alarm that fires: its state and what is owed go into one transaction (shared with whatever else is
 * written in that moment), and the webhook is sent at once, beside it. The promise that the message bus gets is kept only when
 * the transaction is committed. So whichever moment the process dies in, either the bus still has the notification and hands
 * it over again (same idempotency key), or the store has what is owed and the next start sends it first.
 */
export class SampleNotifier implements Notifier {
  readonly book: AlarmBook;
  readonly #engine: Engine;
  readonly #hold: StateChangeHold;
  readonly #dispatcher: Dispatcher;
  readonly #metrics: ReturnType<typeof notifierMetrics>;
  readonly #ends: (() => void | Promise<void>)[] = [];
  #store: NotifierStore | undefined;
  #server: HttpServer | undefined;
  #pruning: TimerHandle | undefined;
  #ownProject = '';
  #writeError: string | undefined;

  constructor(
    readonly config: NotifierConfig,
    readonly deps: NotifierDependencies,
  ) {
    const { clock, events } = deps;
    this.book = new AlarmBook(clock);
    this.#engine = new Engine(this.book, clock, events);
    this.#hold = new StateChangeHold(clock, config.hold_timeout);
    this.#metrics = notifierMetrics(deps.http.metrics);
    this.#dispatcher = new Dispatcher(config, clock, {
      loadBody: (id) => this.#loadBody(id),
      finished: (delivery, outcome) => this.#finished(delivery, outcome),
    });
  }

  get endpoint(): URL | undefined {
    return this.#server?.url;
  }

  /** Deliveries that wait or are under way. */
  get pending(): number {
    return this.#dispatcher.pending;
  }

  async start(): Promise<void> {
    const { config, deps } = this;
    if (config.auth === 'token' && !config.token)
      throw new DoctorError('CONFIG_INVALID', 'notifier.auth is token, but notifier.token is empty; set it');
    if (config.auth === 'keystone' && !deps.cloudSession)
      throw new DoctorError(
        'CONFIG_INVALID',
        'notifier.auth is keystone, but there is no cloud to ask; configure cloud',
      );
    this.#store = await NotifierStore.open(deps.store);
    for (const alarm of await this.#store.alarms()) this.book.load(alarm);
    this.#engine.resume(await this.#store.lastSequence(), await this.#store.recentIds(REMEMBERED_IDS));
    await this.#sendOwed();
    if (this.config.hold_until_state_changed)
      this.#ends.push(
        deps.events.on('checkpoint', ({ name, instanceId }) => {
          if (name === 'T03' && instanceId) this.#hold.confirm(instanceId);
        }),
      );
    this.#ends.push(await deps.messageBus.subscribe(['*'], (notification) => this.notify(notification)));
    this.#pruning = deps.clock.setInterval(() => this.#prune(), PRUNE_INTERVAL_MS).unref();
    const server = createApi(this, config, deps);
    this.#server = server;
    await warmUp(await server.listen(), config, deps.clock);
  }

  async stop(): Promise<void> {
    this.#pruning?.cancel();
    for (const end of this.#ends.splice(0)) await end();
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
    this.#hold.close();
    await this.#dispatcher.close();
    await this.#store?.idle();
    this.#store = undefined;
  }

  health(): Health {
    if (!this.#store) return { status: 'down', detail: 'not started' };
    if (this.#writeError) return { status: 'degraded', detail: this.#writeError };
    return { status: 'up', detail: '' };
  }

  /** Resolves when everything that the notification caused is committed: only then may the bus forget it. */
  async notify(notification: Notification): Promise<void> {
    const result = this.#engine.process(notification);
    if (!result) return;
    this.#metrics.events.inc();
    const { event, fired } = result;
    if (event.instanceId && event.source !== 'doctor')
      this.#heedCloud(event.instanceId, event.values.get('state')?.[2]);
    if (fired.length === 0) return;
    const commits = fired.map((each) => {
      this.#send(each);
      return this.#write(each.write);
    });
    await Promise.all(commits);
  }

  async createAlarm(request: AlarmRequest, owner?: ProjectOwner): Promise<Alarm> {
    return this.create(request, await this.callerOf(owner));
  }

  async listAlarms(owner?: ProjectOwner): Promise<Alarm[]> {
    return this.book.list(await this.callerOf(owner));
  }

  async getAlarm(alarmId: string, owner?: ProjectOwner): Promise<Alarm> {
    return this.book.get(alarmId, await this.callerOf(owner)).alarm;
  }

  async updateAlarm(alarmId: string, change: Partial<AlarmRequest>, owner?: ProjectOwner): Promise<Alarm> {
    const caller = await this.callerOf(owner);
    const { alarm } = this.book.get(alarmId, caller);
    const { state: _state, ...settings } = alarm;
    return this.replace(alarmId, { ...(settings as AlarmRequest), ...change }, caller);
  }

  async setAlarmState(alarmId: string, state: AlarmState, owner?: ProjectOwner): Promise<void> {
    await this.setState(alarmId, state, await this.callerOf(owner));
  }

  async deleteAlarm(alarmId: string, owner?: ProjectOwner): Promise<void> {
    try {
      await this.delete(alarmId, await this.callerOf(owner));
    } catch (error) {
      if (!(DoctorError.is(error) && error.code === 'NOT_FOUND')) throw error;
    }
  }

  async create(request: AlarmRequest, caller: Caller): Promise<StoredAlarm> {
    const compiled = this.book.make(request, caller);
    const { alarm } = compiled;
    const history = historyRow(alarm, 'creation', alarm, this.deps.clock.now());
    await this.#stored().write({ kind: 'alarm', alarm, history });
    this.book.put(compiled);
    this.deps.events.emit('alarm.created', {
      alarmId: alarm.alarm_id,
      name: alarm.name,
      projectId: alarm.project_id,
    });
    return alarm;
  }

  async replace(alarmId: string, request: AlarmRequest, caller: Caller): Promise<StoredAlarm> {
    const compiled = this.book.remake(this.book.get(alarmId, caller), request, caller);
    const { alarm } = compiled;
    const history = historyRow(alarm, 'rule change', request, this.deps.clock.now());
    await this.#stored().write({ kind: 'alarm', alarm, history });
    this.book.put(compiled);
    return alarm;
  }

  async delete(alarmId: string, caller: Caller): Promise<void> {
    const { alarm } = this.book.get(alarmId, caller);
    this.book.remove(alarmId);
    const history = historyRow(alarm, 'deletion', alarm, this.deps.clock.now());
    await this.#stored().write({ kind: 'delete', alarmId, history });
  }

  async setState(alarmId: string, state: AlarmState, caller: Caller): Promise<void> {
    const compiled: CompiledAlarm = this.book.get(alarmId, caller);
    this.book.setState(compiled, state);
    const { alarm } = compiled;
    const detail = { state, state_reason: alarm.state_reason };
    const history = historyRow(alarm, 'state transition', detail, this.deps.clock.now());
    await this.#stored().write({ kind: 'alarm', alarm, history });
  }

  /** Sends a stored notification once more, under a key of its own. @returns what is owed now */
  async replay(id: string, caller: Caller): Promise<NotificationRow> {
    const original = await this.#stored().notification(id);
    if (!original || !(caller.admin || original.project_id === caller.projectId))
      throw new DoctorError('NOT_FOUND', `Notification ${id} not found`);
    const now = this.deps.clock.now();
    const sequence = this.#engine.nextSequence();
    const row: NotificationRow = {
      ...original,
      id: `${original.id.slice(0, 28)}-${sequence}`,
      sequence,
      status: 'pending',
      attempts: 0,
      created_at: now,
      finished_at: null,
      last_error: null,
      replay_of: original.id,
    };
    await this.#stored().write({ kind: 'fired', owed: [row] });
    this.#dispatcher.add(toDelivery(row));
    return row;
  }

  /** What is kept, for the API. */
  stored(): NotifierStore {
    return this.#stored();
  }

  /** The caller that an in-process `owner` stands for; without one, Doctor itself. */
  async callerOf(owner?: ProjectOwner): Promise<Caller> {
    if (owner) return { projectId: owner.projectId, userId: owner.userId, admin: false };
    if (!this.#ownProject && this.deps.cloudSession)
      this.#ownProject = (await this.deps.cloudSession.identity()).projectId ?? '';
    return { projectId: this.#ownProject, userId: '', admin: true };
  }

  #stored(): NotifierStore {
    if (!this.#store) throw new DoctorError('ABORTED', 'the notifier is not running');
    return this.#store;
  }

  async #loadBody(id: string): Promise<string | undefined> {
    const store = this.#stored();
    // it may still be on its way into the store: writes keep their order
    await store.write({ kind: 'fired', owed: [] });
    return (await store.notification(id))?.body;
  }

  #heedCloud(instanceId: string, state: unknown): void {
    if (state === 'error') this.#hold.confirm(instanceId);
    else if (state !== undefined) this.#hold.withdraw(instanceId);
  }

  #send({ compiled, event, transition, owed }: Fired): void {
    const { alarm } = compiled;
    this.#metrics.fired.inc({ state: transition.current });
    this.deps.events.emit('alarm.fired', {
      alarmId: alarm.alarm_id,
      name: alarm.name,
      current: transition.current,
      previous: transition.previous,
      ...(event.instanceId ? { instanceId: event.instanceId } : {}),
    });
    const deliver = () => {
      for (const row of owed) this.#dispatcher.add(toDelivery(row));
    };
    const held =
      this.config.hold_until_state_changed && event.source === 'doctor' && transition.current === 'alarm';
    if (held && event.instanceId) this.#hold.hold(event.instanceId, deliver);
    else deliver();
  }

  async #write(write: Parameters<NotifierStore['write']>[0]): Promise<void> {
    try {
      await this.#stored().write(write);
      this.#writeError = undefined;
    } catch (error) {
      this.#writeError = error instanceof Error ? error.message : String(error);
      this.deps.log.error({ event: 'notifier.not_stored', err: error });
      throw error;
    }
  }

  #finished(delivery: Delivery, outcome: Outcome): void {
    const { id, alarmId, attempts } = delivery;
    const url = withoutSecret(delivery.url);
    const delivered = outcome.result === 'delivered';
    const error = delivered ? null : outcome.message;
    this.#metrics.deliveries.inc({ result: delivered ? 'delivered' : 'undelivered' });
    const at = this.deps.clock.now();
    const status = delivered ? 'delivered' : 'undelivered';
    // when this is not stored, the notification is sent again after a restart: at least once
    this.#write({ kind: 'finished', id, status, attempts, at, error }).catch(() => {});
    if (delivered) this.deps.events.emit('alarm.delivered', { alarmId, url, attempts });
    else {
      const message = error ?? '';
      this.deps.log.warn({ event: 'alarm.undelivered', alarmId, attempts, message });
      this.deps.events.emit('alarm.undelivered', { alarmId, url, attempts, message });
    }
  }

  async #sendOwed(): Promise<void> {
    for (let after = 0; ; ) {
      const rows = await this.#stored().owed(after, OWED_PER_READ);
      for (const row of rows) this.#dispatcher.add(toDelivery(row));
      const last = rows.at(-1);
      if (!last || rows.length < OWED_PER_READ) return;
      after = last.sequence;
    }
  }

  #prune(): void {
    const before = this.deps.clock.now() - this.config.retention;
    this.#store?.prune(before, pythonTime(before)).catch((error: unknown) => {
      this.deps.log.warn({ event: 'notifier.not_pruned', err: error });
    });
  }
}

const toDelivery = (row: NotificationRow): Delivery => ({
  id: row.id,
  alarmId: row.alarm_id,
  url: row.url,
  body: row.body,
  attempts: row.attempts,
  createdAt: row.created_at,
  replayOf: row.replay_of ?? undefined,
});

/** Query and credentials of an action may be secrets of its owner. */
function withoutSecret(url: string): string {
  const parsed = new URL(url);
  return `${parsed.origin}${parsed.pathname}`;
}
