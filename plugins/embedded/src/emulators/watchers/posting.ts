import type { CloudClock } from '../../cloud/clock.js';

const TIMEOUT_MS = 5_000;

/** Posts JSON. Throws with what the receiver said when that is no success. */
export async function post(url: string, body: unknown, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text.slice(0, 200)}`);
}

/** RFC 3339 with nine digits, as collectd writes it. */
export const nanoTime = (clock: CloudClock): string =>
  `${new Date(clock.now()).toISOString().slice(0, -1)}000000Z`;
