import type { EventBus } from '../bus/index.js';
import type { Clock } from '../domain/clock.js';
import type { LedgerFault } from '../domain/fault-ledger.js';
import type { Logger } from '../log/index.js';
import type { Controller } from '../roles/controller/index.js';

/** The host as it was before the foreign system acted. */
export interface Before {
  forcedDown: boolean;
  /** Instances on the host that were not in error. */
  healthy: string[];
}

export interface EffectWatchServices {
  clock: Clock;
  events: EventBus;
  log: Logger;
  controller: Controller;
}

const FIRST_LOOK_MS = 20;
const LONGEST_PAUSE_MS = 1_000;
const LATE_MS = 1_000;

/** How the host is now. Gives up after `timeoutMs`: the fault must not wait for a slow cloud. */
export async function lookBefore(
  { controller, clock, log }: EffectWatchServices,
  hostname: string,
  timeoutMs: number,
): Promise<Before | undefined> {
  const late = new AbortController();
  const timer = clock.setTimeout(() => late.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    const [hosts, instances] = await Promise.all([
      controller.compute.hosts(late.signal),
      controller.compute.instances({ hostname }, late.signal),
    ]);
    return {
      forcedDown: hosts.some((host) => host.hostname === hostname && host.forcedDown),
      healthy: instances.filter(({ status }) => status !== 'ERROR').map(({ id }) => id),
    };
  } catch (error) {
    log.warn(
      { event: 'inspector.before_unknown', hostname, err: error },
      'the host was not looked at before',
    );
    return undefined;
  } finally {
    timer.cancel();
  }
}

/**
 * Looks at the cloud until the host is marked down and its instances are in error, and emits T04 and T03 when it sees so:
 * the moment of a look, so at most the pause between two looks late.
 * @param late called when it takes more than 1, 2, 4 … seconds
 * @returns what did not happen in time; empty when all did
 */
export async function watchEffect(
  { controller, clock, events, log }: EffectWatchServices,
  fault: LedgerFault,
  instanceIds: readonly string[],
  options: { timeoutMs: number; signal: AbortSignal; late?: (signal: AbortSignal) => Promise<void> },
): Promise<string[]> {
  const { resource: hostname, faultId } = fault;
  const waiting = new Set(instanceIds);
  let isDown = false;
  const began = clock.monotonic();
  let lateAt = LATE_MS;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
    try {
      const [hosts, instances] = await Promise.all([
        isDown ? [] : controller.compute.hosts(options.signal),
        waiting.size === 0 ? [] : controller.compute.instances({ hostname }, options.signal),
      ]);
      if (!isDown && hosts.some((host) => host.hostname === hostname && host.forcedDown)) {
        isDown = true;
        events.checkpoint({ name: 'T04', hostname, faultId });
      }
      const left = new Set(instances.filter(({ status }) => status !== 'ERROR').map(({ id }) => id));
      for (const instanceId of waiting)
        if (!left.has(instanceId)) {
          waiting.delete(instanceId);
          // one that is gone needs no state
          if (instances.some(({ id }) => id === instanceId))
            events.checkpoint({ name: 'T03', hostname, instanceId, faultId });
        }
    } catch (error) {
      options.signal.throwIfAborted();
      log.warn({ event: 'inspector.look_failed', hostname, err: error }, 'the cloud could not be looked at');
    }
    if (isDown && waiting.size === 0) return [];
    const elapsed = clock.monotonic() - began;
    if (elapsed >= options.timeoutMs) break;
    if (elapsed > lateAt) {
      lateAt *= 2;
      await options.late?.(options.signal).catch((error: unknown) => {
        options.signal.throwIfAborted();
        log.warn({ event: 'inspector.late', err: error }, 'nothing could be done about a late effect');
      });
    }
    await clock.sleep(Math.min(pause, options.timeoutMs - elapsed), options.signal);
  }
  return [
    ...(isDown ? [] : [`force-down of ${hostname}: not seen within ${options.timeoutMs} ms`]),
    ...[...waiting].map((id) => `reset-state of ${id}: not in error within ${options.timeoutMs} ms`),
  ];
}
