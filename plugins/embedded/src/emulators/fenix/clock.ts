import type { CloudClock } from '../../cloud/clock.js';
import { formatUtc } from '@nfv-doctor/core/plugin-api';

/** A pause that ends early when the engine stops. */
export function pause(clock: CloudClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => {
      timer.cancel();
      reject(signal.reason);
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal.addEventListener('abort', abort, { once: true });
  });
}

/** This Fenix subtracts the time for an answer instead of adding it. */
export const replyAt = (clock: CloudClock, ms: number): string => formatUtc(clock.now() - ms);
