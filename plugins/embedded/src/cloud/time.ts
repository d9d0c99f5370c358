/** Lists of servers write the same few moments over and over: the last ones are kept as text. */
const seconds = new Map<number, string>();
const KEPT = 1000;

/** `2026-11-23T16:17:42`, the part that most forms share. */
function toSecond(ms: number): string {
  const second = Math.floor(ms / 1000);
  const known = seconds.get(second);
  if (known !== undefined) return known;
  if (seconds.size >= KEPT) seconds.clear();
  const text = new Date(second * 1000).toISOString().slice(0, 19);
  seconds.set(second, text);
  return text;
}

/** `2026-11-23T16:17:42Z` */
export const isoSeconds = (ms: number): string => `${toSecond(ms)}Z`;

/** `2026-11-23T16:17:42.000000`: Nova's dates read back from its database. */
export const isoDatabase = (ms: number): string => `${toSecond(ms)}.000000`;

/** `2026-11-23T16:17:42.331000`: Nova's dates straight from memory. */
export const isoMicro = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23)}000`;

/** `2026-11-23T16:17:31.000000Z`: Keystone. */
export const isoKeystone = (ms: number): string => `${toSecond(ms)}.000000Z`;

/** `2026-11-23 16:17:52.331000`: oslo.messaging's timestamp (a space, no zone). */
export const oslo = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')}000`;

/** `2026-11-23 16:17:36`: Neutron's agents. */
export const sqlSeconds = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
