/**
 * `promise`, or the error when it does not settle in time or `signal` is aborted before.
 * Uses the machine's clock: it is about this process, not about what tests pretend.
 */
export async function withTimeout<T>(
  promise: Promise<T>,
  timeoutMs: number,
  error: () => Error,
  signal?: AbortSignal,
): Promise<T> {
  // what comes too late must not become an unhandled rejection
  promise.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(error()), timeoutMs);
    abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    clearTimeout(timer);
    if (abort) signal?.removeEventListener('abort', abort);
  }
}
