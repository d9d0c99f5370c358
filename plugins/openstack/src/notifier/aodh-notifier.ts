import {
  type Alarm,
  type AlarmRequest,
  type AlarmState,
  type Clock,
  type CloudSession,
  DoctorError,
  type EventBus,
  type Health,
  type Logger,
  mapBounded,
  type MessageBus,
  type Notifier,
  type ProjectOwner,
} from '@nfv-doctor/core/plugin-api';
import type { AodhConfig } from './config.js';
import { INSTANCE_UPDATE, InstanceWatch } from './instance-watch.js';
import { type AodhAlarm, toAlarm } from './mapping.js';

const ALARMS = '/v2/alarms';
const RESET_PAUSE_MS = 500;
const alarmUrl = (id: string) => `${ALARMS}/${encodeURIComponent(id)}`;

export interface AodhDependencies {
  cloud: CloudSession;
  clock: Clock;
  events: EventBus;
  /** Where recoveries are heard of; without one alarms stay in alarm. */
  messageBus?: MessageBus | undefined;
}

/**
 * See {@link Notifier}. Aodh matches and notifies; Doctor only manages the alarms, each with its owner's session,
 * and sets them back to ok when their instance is well again.
 */
export class AodhNotifier implements Notifier {
  endpoint: URL | undefined;
  readonly #cloud: CloudSession;
  /** What was made here and is still there, by id. */
  readonly #made = new Map<string, ProjectOwner | undefined>();
  readonly #watch: InstanceWatch;
  readonly #resets = new Set<Promise<void>>();
  #unsubscribe: (() => Promise<void>) | undefined;
  #stopping = new AbortController();

  constructor(
    private readonly deps: AodhDependencies,
    private readonly config: AodhConfig,
    private readonly log: Logger,
  ) {
    const { cloud } = deps;
    this.#cloud = config.endpoint ? cloud.as({ endpointOverrides: { alarming: config.endpoint } }) : cloud;
    this.#watch = new InstanceWatch(deps.events, (alarmId) => this.#recovered(alarmId));
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#stopping = new AbortController();
    this.endpoint = await this.#cloud.endpoint('alarming');
    await this.#cloud.request('alarming', { method: 'GET', path: ALARMS, query: { limit: 1 }, signal });
    this.#unsubscribe = await this.deps.messageBus?.subscribe(INSTANCE_UPDATE, (notification) =>
      this.#watch.heed(notification),
    );
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#stopping.abort(new DoctorError('ABORTED', 'the notifier stops'));
    await Promise.all(this.#resets);
    const failures: string[] = [];
    await mapBounded([...this.#made], this.config.delete_concurrency, async ([alarmId, owner]) => {
      try {
        await this.#delete(alarmId, owner, signal);
      } catch (error) {
        failures.push(`${alarmId}: ${DoctorError.from(error).message}`);
      }
    });
    if (failures.length > 0)
      throw new DoctorError('CLOUD_ERROR', `alarms are left in Aodh: ${failures.join('; ')}`);
  }

  health(): Health | Promise<Health> {
    return this.#cloud.health();
  }

  async createAlarm(request: AlarmRequest, owner?: ProjectOwner): Promise<Alarm> {
    const { body } = await this.#as(owner).request<AodhAlarm>('alarming', {
      method: 'POST',
      path: ALARMS,
      json: request,
    });
    this.#made.set(body.alarm_id, owner);
    this.#watch.add(body.alarm_id, request);
    this.deps.events.emit('alarm.created', {
      alarmId: body.alarm_id,
      name: body.name,
      projectId: body.project_id,
    });
    if (this.config.alarm_cache_ttl > 0) await this.deps.clock.sleep(this.config.alarm_cache_ttl);
    return toAlarm(body);
  }

  async listAlarms(owner?: ProjectOwner, options: { allProjects?: boolean } = {}): Promise<Alarm[]> {
    const { body } = await this.#as(owner).request<AodhAlarm[]>('alarming', {
      method: 'GET',
      path: ALARMS,
      ...(options.allProjects
        ? { query: { 'q.field': 'all_projects', 'q.op': 'eq', 'q.value': 'true' } }
        : {}),
    });
    // Aodh has alarms of other kinds too
    return (body ?? []).filter(({ type }) => type === 'event').map(toAlarm);
  }

  async getAlarm(alarmId: string, owner?: ProjectOwner): Promise<Alarm> {
    return toAlarm(await this.#get(alarmId, owner));
  }

  /** Aodh replaces an alarm as a whole. */
  async updateAlarm(alarmId: string, change: Partial<AlarmRequest>, owner?: ProjectOwner): Promise<Alarm> {
    const present = await this.#get(alarmId, owner);
    const { body } = await this.#as(owner).request<AodhAlarm>('alarming', {
      method: 'PUT',
      path: alarmUrl(alarmId),
      json: { ...present, ...change },
    });
    return toAlarm(body);
  }

  async setAlarmState(alarmId: string, state: AlarmState, owner?: ProjectOwner): Promise<void> {
    const path = `${alarmUrl(alarmId)}/state`;
    await this.#as(owner).request('alarming', { method: 'PUT', path, json: state });
  }

  deleteAlarm(alarmId: string, owner?: ProjectOwner): Promise<void> {
    return this.#delete(alarmId, owner ?? this.#made.get(alarmId));
  }

  /** Its state is what its owner and the next fault go by: one that is still in alarm would not fire again. */
  #recovered(alarmId: string): void {
    const reset = this.#reset(alarmId).catch((error: unknown) => {
      if (this.#stopping.signal.aborted || (DoctorError.is(error) && error.code === 'CLOUD_NOT_FOUND'))
        return;
      this.log.warn(
        { event: 'alarm.not_reset', alarmId, err: error },
        `alarm ${alarmId} could not be set back to ok: it will not fire again`,
      );
    });
    this.#resets.add(reset);
    void reset.finally(() => this.#resets.delete(reset));
  }

  /** Aodh may be restarting just now: tried for a while. */
  async #reset(alarmId: string): Promise<void> {
    const { clock } = this.deps;
    const deadline = clock.monotonic() + this.config.reset_timeout;
    for (;;)
      try {
        return await this.setAlarmState(alarmId, 'ok', this.#made.get(alarmId));
      } catch (error) {
        if (!DoctorError.is(error) || !error.retryable || clock.monotonic() > deadline) throw error;
        await clock.sleep(RESET_PAUSE_MS, this.#stopping.signal);
      }
  }

  async #delete(alarmId: string, owner: ProjectOwner | undefined, signal?: AbortSignal): Promise<void> {
    try {
      await deleteAs(this.#as(owner), alarmId, signal);
    } catch (error) {
      // an owner who is gone cannot delete any more; an administrator can
      if (!owner || !DoctorError.is(error) || error.code !== 'CLOUD_AUTH') throw error;
      await deleteAs(this.#cloud, alarmId, signal);
    }
    // to another project the alarm only looks as if it were gone
    const maker = this.#made.get(alarmId);
    if (!owner || !maker || maker.projectId === owner.projectId) {
      this.#made.delete(alarmId);
      this.#watch.delete(alarmId);
    }
  }

  async #get(alarmId: string, owner: ProjectOwner | undefined): Promise<AodhAlarm> {
    const path = alarmUrl(alarmId);
    return (await this.#as(owner).request<AodhAlarm>('alarming', { method: 'GET', path })).body;
  }

  #as(owner: ProjectOwner | undefined): CloudSession {
    return owner ? this.#cloud.as(owner.credentials) : this.#cloud;
  }
}

async function deleteAs(
  cloud: CloudSession,
  alarmId: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await cloud.request('alarming', {
      method: 'DELETE',
      path: alarmUrl(alarmId),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (!DoctorError.is(error) || error.code !== 'CLOUD_NOT_FOUND') throw error;
  }
}
