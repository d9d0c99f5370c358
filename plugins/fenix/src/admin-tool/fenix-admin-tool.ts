import {
  type AdminTool,
  checkShape,
  type Clock,
  combineErrors,
  type Controller,
  DoctorError,
  type EventBus,
  formatUtc,
  type Health,
  type Logger,
  type MaintenanceRequest,
  MaintenanceRequestSchema,
  type MaintenanceSession,
  mapBounded,
  type MessageBus,
  type Notification,
  parseUtc,
  type TimerHandle,
} from '@nfv-doctor/core/plugin-api';
import type { FenixClient, FenixRequest } from '../client.js';
import type { FenixConfig } from './config.js';
import { EVENT_TYPES, readNotification } from './notifications.js';
import { refuseHopeless } from './refusals.js';
import { SessionBook } from './session-book.js';

export interface FenixServices {
  clock: Clock;
  events: EventBus;
  log: Logger;
  controller: Controller | undefined;
  messageBus: MessageBus | undefined;
}

const AT_ONCE = 4;
/** What Fenix writes as the reason when it disables a host. */
const FENIX_REASON = 'maintenance';
/** A deleted session goes on to the end of its step, and may disable hosts in it. */
const LAST_STEP_MS = 5_000;

/** Leaves maintenance sessions to Fenix; does before and after what Fenix does not: says why not, and puts hosts back. */
export class FenixAdminTool implements AdminTool {
  endpoint: URL | undefined;
  deadlineFault: string | undefined;
  readonly client: FenixClient;
  readonly #config: FenixConfig;
  readonly #services: FenixServices;
  readonly #books = new Map<string, SessionBook>();
  readonly #timers = new Map<string, TimerHandle>();
  readonly #working = new Set<Promise<unknown>>();
  /** Told on the bus before the answer to the POST had come. */
  readonly #early: Notification[] = [];
  #unsubscribe: (() => Promise<void>) | undefined;
  #creating = 0;
  #stopped = true;
  #stopping = new AbortController();
  #trouble = '';

  constructor(config: FenixConfig, client: FenixClient, services: FenixServices) {
    this.#config = config;
    this.client = client;
    this.#services = services;
  }

  async start(signal: AbortSignal): Promise<void> {
    this.endpoint = await this.client.endpoint();
    await this.client.sessions(signal);
    this.#stopped = false;
    this.#stopping = new AbortController();
    this.#unsubscribe = await this.#services.messageBus?.subscribe(EVENT_TYPES, (each) => this.#hear(each));
  }

  async stop(signal: AbortSignal): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    const unsubscribe = this.#unsubscribe;
    this.#unsubscribe = undefined;
    await unsubscribe?.();
    this.#stopping.abort(new DoctorError('ABORTED', 'the admin tool stops'));
    await Promise.allSettled(this.#working);
    if (!this.#config.delete_on_stop) return;
    const problems: DoctorError[] = [];
    for (const book of [...this.#books.values()])
      try {
        await this.#forget(book, signal);
      } catch (error) {
        problems.push(
          new DoctorError(
            'BACKEND_ERROR',
            `Fenix still has session ${book.sessionId}: ${(error as Error).message}`,
            {
              cause: error,
            },
          ),
        );
      }
    await Promise.allSettled(this.#working);
    if (problems.length > 0) throw combineErrors(problems);
  }

  health(): Health {
    if (this.#stopped) return { status: 'down', detail: 'not started' };
    return this.#trouble === ''
      ? { status: 'up', detail: '' }
      : { status: 'degraded', detail: this.#trouble };
  }

  async create(request: MaintenanceRequest): Promise<{ sessionId: string }> {
    const given = checkShape(MaintenanceRequestSchema, request, 'request');
    const { controller, clock } = this.#services;
    const hosts = await controller?.compute.hosts();
    const { maintenanceAt, hostnames } = refuseHopeless(given, hosts, {
      clock,
      minimumLeadMs: this.#config.minimum_lead,
    });
    this.#creating++;
    try {
      const sessionId = await this.#post(given, maintenanceAt);
      const enabled = hosts?.filter(
        ({ hostname, status }) => status === 'enabled' && hostnames.includes(hostname),
      );
      const book = new SessionBook(
        sessionId,
        maintenanceAt,
        hostnames,
        enabled?.map(({ hostname }) => hostname) ?? [],
      );
      this.#books.set(sessionId, book);
      this.#services.events.emit('maintenance.session', { sessionId, state: book.state });
      this.#replay();
      this.#lookLater(book);
      return { sessionId };
    } finally {
      this.#creating--;
      if (this.#creating === 0) this.#early.length = 0;
    }
  }

  /** As it was known at the last look: asking more often asks Fenix no more often. */
  async session(sessionId: string): Promise<MaintenanceSession> {
    const known = this.#books.get(sessionId);
    if (known) return known.show();
    const state = await this.client.state(sessionId);
    if (state === undefined) throw new DoctorError('NOT_FOUND', `Fenix has no session ${sessionId}`);
    // made by somebody else: followed from now on, but never deleted nor its hosts touched
    const book = new SessionBook(sessionId, undefined, [], []);
    book.setState(state);
    return book.show();
  }

  async sessions(): Promise<MaintenanceSession[]> {
    const ids = await this.client.sessions();
    return mapBounded(ids, AT_ONCE, (id) => this.session(id));
  }

  async remove(sessionId: string): Promise<void> {
    const book = this.#books.get(sessionId);
    if (book) return this.#forget(book);
    if ((await this.client.state(sessionId)) === undefined)
      throw new DoctorError('NOT_FOUND', `Fenix has no session ${sessionId}`);
    await this.client.remove(sessionId);
  }

  async #post(given: MaintenanceRequest, maintenanceAt: number): Promise<string> {
    const request: FenixRequest = {
      state: 'MAINTENANCE',
      maintenance_at: formatUtc(maintenanceAt),
      hosts: given.hosts ?? [],
      metadata: given.metadata ?? {},
      workflow: given.workflow ?? this.#config.workflow,
      ...(given.actions === undefined ? {} : { actions: given.actions }),
      ...(given.download === undefined ? {} : { download: given.download }),
    };
    const before = new Set(await this.client.sessions());
    try {
      return (await this.client.create(request)).sessionId;
    } catch (error) {
      // the answer was lost, perhaps not the session
      const isLost = DoctorError.is(error) && /^CLOUD_(TIMEOUT|UNREACHABLE)$/.test(error.code);
      const after = isLost ? await this.client.sessions().catch(() => []) : [];
      const [made, ...others] = after.filter((id) => !before.has(id));
      if (made === undefined || others.length > 0) throw error;
      this.#services.log.warn(
        { event: 'fenix.answer_lost', sessionId: made },
        'the session was made all the same',
      );
      return made;
    }
  }

  /** Deletes a session. What it is doing goes on to the end of its step, so hosts are put back afterwards too. */
  async #forget(book: SessionBook, signal?: AbortSignal): Promise<void> {
    const { sessionId } = book;
    this.#timers.get(sessionId)?.cancel();
    this.#timers.delete(sessionId);
    await this.client.remove(sessionId, signal).catch(async (error: unknown) => {
      // deleting what is not there is a 500 without a reason
      if ((await this.client.state(sessionId, signal)) !== undefined) throw error;
    });
    const wasRunning = !book.ended;
    if (wasRunning) {
      book.reason = 'aborted by the administrator';
      book.setState('MAINTENANCE_FAILED');
      this.#tell(book);
    }
    this.#books.delete(sessionId);
    if (!wasRunning) return;
    await this.#putHostsBack(book, signal);
    this.#work(this.#putHostsBackLater(book));
  }

  async #putHostsBackLater(book: SessionBook): Promise<void> {
    const { clock, log } = this.#services;
    // when Doctor stops there is no later
    await clock.sleep(LAST_STEP_MS, this.#stopping.signal).catch(() => {});
    await this.#putHostsBack(book).catch((error: unknown) =>
      log.warn(
        { event: 'fenix.hosts_left', sessionId: book.sessionId, err: error },
        'hosts may still be disabled',
      ),
    );
  }

  #hear(notification: Notification): void {
    const message = readNotification(notification);
    if (!message) return;
    const sessionId = 'host' in message ? message.host.session_id : message.project.session_id;
    const book = this.#books.get(sessionId);
    if (!book) {
      if (this.#creating > 0) this.#early.push(notification);
      return;
    }
    const { events } = this.#services;
    if ('host' in message) {
      book.host(message.host);
      events.emit('maintenance.host', { message: message.host });
      return;
    }
    const { project_id, state, reply_at } = message.project;
    book.asked(project_id, state);
    // a deadline has whole seconds
    if (reply_at !== null && (parseUtc(reply_at) ?? 0) < this.#services.clock.now() - 1_000)
      this.deadlineFault =
        'this Fenix subtracts the time for an answer from the present instead of adding it';
    events.emit('maintenance.message', { message: message.project });
    if (state === 'INSTANCE_ACTION_DONE' || state === 'ADMIN_ACTION_DONE' || book.ended) return;
    if (book.setState(state)) this.#tell(book);
    this.#lookLater(book);
  }

  #replay(): void {
    for (const notification of this.#early.splice(0)) this.#hear(notification);
  }

  #lookLater(book: SessionBook): void {
    this.#timers.get(book.sessionId)?.cancel();
    if (this.#stopped || book.ended) return;
    const { poll_interval, end_poll_interval } = this.#config;
    const wait = book.isEnding ? Math.min(end_poll_interval, poll_interval) : poll_interval;
    const timer = this.#services.clock.setTimeout(() => this.#work(this.#look(book)), wait).unref();
    this.#timers.set(book.sessionId, timer);
  }

  async #look(book: SessionBook): Promise<void> {
    try {
      const state = await this.client.state(book.sessionId);
      this.#trouble = '';
      if (state === undefined)
        book.reason = 'the session is gone: somebody deleted it, or Fenix lost it in a restart';
      if (book.setState(state ?? 'MAINTENANCE_FAILED')) {
        if (book.state === 'MAINTENANCE_FAILED') await this.#putHostsBack(book);
        this.#tell(book);
      }
    } catch (error) {
      this.#trouble = (error as Error).message;
      this.#services.log.warn({ event: 'fenix.look_failed', sessionId: book.sessionId, err: error });
    }
    this.#lookLater(book);
  }

  /** Fenix leaves the hosts disabled that it had not maintained yet. */
  async #putHostsBack({ enabledBefore, sessionId }: SessionBook, signal?: AbortSignal): Promise<void> {
    const { controller, log } = this.#services;
    if (!this.#config.put_hosts_back || !controller) return;
    const { compute } = controller;
    const own = new Set(enabledBefore);
    const left = (await compute.hosts(signal)).filter(
      ({ hostname, status, disabledReason }) =>
        own.has(hostname) && status === 'disabled' && disabledReason === FENIX_REASON,
    );
    await mapBounded(left, AT_ONCE, ({ hostname }) => compute.setEnabled(hostname, true, undefined, signal));
    if (left.length > 0)
      log.info({ event: 'fenix.hosts_put_back', sessionId, hosts: left.map(({ hostname }) => hostname) });
  }

  #tell({ sessionId, state, reason }: SessionBook): void {
    this.#services.events.emit('maintenance.session', { sessionId, state, ...(reason ? { reason } : {}) });
  }

  #work(work: Promise<unknown>): void {
    const running = work.finally(() => this.#working.delete(running));
    this.#working.add(running);
  }
}
