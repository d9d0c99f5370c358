import { type Clock, DoctorError } from '@nfv-doctor/core/plugin-api';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Tries again while the error says that the same call may succeed later, with growing pauses, for `timeoutMs` at most. */
export async function retried<T>(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  const deadline = clock.monotonic() + timeoutMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      if (!(DoctorError.is(error) && error.retryable) || clock.monotonic() + pause > deadline) throw error;
    }
    await clock.sleep(pause, signal);
  }
}
