import { type Clock, type ComputeController, DoctorError, type Instance } from '@nfv-doctor/core/plugin-api';
import type { EffectResult, MoveOrder } from '../session.js';
import type { WakeUps } from './wake-ups.js';

export interface MoveContext {
  compute: ComputeController;
  clock: Clock;
  wakeUps: Pick<WakeUps, 'watch'>;
  pollIntervalMs: number;
}

/** How long Nova may take to begin what it has accepted. */
const BEGIN_MS = 30_000;

const SETTLED = new Set(['ACTIVE', 'SHUTOFF', 'PAUSED', 'SUSPENDED']);

/**
 * Brings one instance to another host, whatever has been done of it before: it looks before each step, so that after a
 * crash nothing is repeated.
 * @throws DoctorError BACKEND_ERROR when the cloud gave up, TIMEOUT
 */
export async function moveInstance(
  order: MoveOrder,
  context: MoveContext,
  signal: AbortSignal,
): Promise<EffectResult> {
  const move = new Move(order, context);
  const { clock, wakeUps } = context;
  const deadline = clock.monotonic() + order.timeoutMs;
  const watch = wakeUps.watch(order.instanceId);
  try {
    for (;;) {
      signal.throwIfAborted();
      watch.reset();
      const result = await move.step(signal);
      if (result) return result;
      if (clock.monotonic() >= deadline)
        throw new DoctorError('TIMEOUT', `not done within ${order.timeoutMs} ms; last seen ${move.lastSeen}`);
      await watch.wait(context.pollIntervalMs, signal);
    }
  } finally {
    watch.end();
  }
}

class Move {
  lastSeen = 'not at all';
  /** When Nova accepted it. */
  #asked: number | undefined;
  #begun = false;

  constructor(
    readonly order: MoveOrder,
    readonly context: MoveContext,
  ) {}

  /** Looks, and does the next thing. @returns the result when it is over */
  async step(signal: AbortSignal): Promise<EffectResult | undefined> {
    const { from, instanceId } = this.order;
    const { compute } = this.context;
    const instance = await this.#look(signal);
    if (!instance || instance.status === 'DELETED') return { gone: true };
    this.lastSeen = `${instance.status}${instance.taskState ? ` (${instance.taskState})` : ''} on ${instance.hostname ?? 'no host'}`;
    const away = instance.hostname !== from && instance.hostname !== null;
    if (instance.status === 'ERROR')
      throw new DoctorError('BACKEND_ERROR', `it is in ERROR: ${instance.fault ?? 'no reason given'}`);
    if (instance.taskState) this.#begun = true;
    else if (instance.status === 'VERIFY_RESIZE' && away) await this.#confirm(instanceId, signal);
    else if (SETTLED.has(instance.status)) {
      if (away) return {};
      await this.#move(compute, instance, signal);
    } else this.#begun = true;
    return undefined;
  }

  async #look(signal: AbortSignal): Promise<Instance | undefined> {
    try {
      return await this.context.compute.instance(this.order.instanceId, signal);
    } catch (error) {
      if (DoctorError.is(error) && error.code === 'CLOUD_NOT_FOUND') return undefined;
      // a cloud that cannot be asked for a moment may still be moving it
      if (DoctorError.is(error) && error.retryable) {
        this.lastSeen = `unknown (${error.message})`;
        return this.#unknown();
      }
      throw error;
    }
  }

  #unknown(): Instance {
    const { instanceId, projectId, from } = this.order;
    return {
      id: instanceId,
      name: '',
      projectId,
      status: 'UNKNOWN',
      hostname: from,
      addresses: {},
      metadata: {},
    };
  }

  async #confirm(instanceId: string, signal: AbortSignal): Promise<void> {
    try {
      await this.context.compute.confirmMigration(instanceId, signal);
    } catch (error) {
      // somebody else (resize_confirm_window, an earlier attempt) was faster
      if (!DoctorError.is(error) || !['CLOUD_CONFLICT', 'CLOUD_BAD_REQUEST'].includes(error.code))
        throw error;
    }
  }

  async #move(compute: ComputeController, instance: Instance, signal: AbortSignal): Promise<void> {
    const { action, instanceId, to } = this.order;
    if (action === 'OWN_ACTION') return;
    const { clock } = this.context;
    if (this.#asked !== undefined) {
      const waited = clock.monotonic() - this.#asked;
      if (this.#begun || waited > BEGIN_MS)
        throw new DoctorError(
          'BACKEND_ERROR',
          `the cloud gave up, it is back on ${instance.hostname}: ${instance.fault ?? 'no reason given'}`,
          { details: { takenBack: true } },
        );
      return;
    }
    // a stopped instance has no memory to copy: Nova migrates it live only when it runs
    const live = action === 'LIVE_MIGRATE' && instance.status === 'ACTIVE';
    if (live) await compute.liveMigrate(instanceId, to, signal);
    else await compute.migrate(instanceId, to, signal);
    this.#asked = clock.monotonic();
  }
}
