import { createInterface } from 'node:readline';
import { type Clock, DoctorError } from '@nfv-doctor/core/plugin-api';
import type { SshSession } from '../ssh/index.js';

/** Between the local monotonic clock and a node's wall clock. */
export interface ClockOffset {
  /** ms to take off a node's Unix time (ms) to have the local monotonic clock. */
  offsetMs: number;
  /** Half of the fastest round trip, ms: how wrong `offsetMs` may be at most. */
  toleranceMs: number;
}

const ROUND_TRIPS = 7;
const TIMEOUT_MS = 10_000;

/** Asks the node for its time, several times over one open command, and believes the fastest answer. */
export async function measureOffset(
  session: SshSession,
  clock: Clock,
  signal?: AbortSignal,
): Promise<ClockOffset> {
  const child = await session.open('while read -r _; do date +%s%N; done', { signal });
  const limit = clock.setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let best: ClockOffset | undefined;
  try {
    for (let trip = 0; trip < ROUND_TRIPS; trip++) {
      signal?.throwIfAborted();
      const asked = clock.monotonic();
      child.stdin.write('\n');
      const { value, done } = await lines.next();
      const answered = clock.monotonic();
      const remote = Number(value) / 1e6;
      if (done || !Number.isFinite(remote) || remote < 1e12)
        throw new DoctorError(
          'BACKEND_PROTOCOL',
          `${session.target.name}: does not tell its time (date +%s%N says "${String(value ?? '')}")`,
        );
      const toleranceMs = (answered - asked) / 2;
      if (best === undefined || toleranceMs < best.toleranceMs)
        best = { offsetMs: remote - (asked + answered) / 2, toleranceMs };
    }
  } finally {
    limit.cancel();
    child.kill('SIGKILL');
  }
  if (best === undefined) throw new RangeError('no round trip');
  return best;
}
