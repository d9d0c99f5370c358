const ISO =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?\s*(Z|z|[+-]\d{2}:?\d{2})?$/;

/**
 * Milliseconds since the epoch, with the fraction that microseconds leave, of an ISO 8601 date and time.
 * `T` or a blank between date and time, as oslo.messaging writes it; without a zone it is UTC.
 * @returns undefined when it is no time
 */
export function parseTime(text: string): number | undefined {
  const match = ISO.exec(text.trim());
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const whole = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!);
  const date = new Date(whole);
  // Date.UTC turns the 31st of February into March: such a date is no date
  const real =
    date.getUTCMonth() === +month! - 1 && date.getUTCDate() === +day! && +hour! < 24 && +minute! < 60;
  if (!real || +second! > 59) return undefined;
  return whole + (fraction ? Number(`0.${fraction}`) * 1000 : 0) - zoneMs(zone);
}

function zoneMs(zone: string | undefined): number {
  if (!zone || zone.toUpperCase() === 'Z') return 0;
  const digits = zone.replace(':', '');
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
