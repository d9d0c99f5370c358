const PATTERN = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/;

/** Milliseconds since the epoch of an ISO 8601 time as OpenStack writes it (`T` or blank, with or without zone: none is UTC). */
export function parseTime(value: string): number | undefined {
  const found = PATTERN.exec(value.trim());
  if (!found) return undefined;
  const [, date, time, fraction = '', zone = 'Z'] = found;
  const at = Date.parse(`${date}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}${zone}`);
  return Number.isNaN(at) ? undefined : at;
}

/** UTC, `T`, no zone; no fraction when it is zero, else six digits: as Python's `isoformat`. */
export function isoTime(value: string): string | undefined {
  const found = PATTERN.exec(value.trim());
  const at = parseTime(value);
  if (!found || at === undefined) return undefined;
  const fraction = (found[3] ?? '').padEnd(6, '0').slice(0, 6);
  const zone = found[4] ?? 'Z';
  const seconds = zone === 'Z' ? `${found[1]}T${found[2]}` : new Date(at).toISOString().slice(0, 19);
  return seconds + (Number(fraction) === 0 ? '' : `.${fraction}`);
}
