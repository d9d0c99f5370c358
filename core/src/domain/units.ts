const DURATION_UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  millisecond: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
};
const BYTE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  byte: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

function quantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const parts = [...text.matchAll(/\s*(\d+(?:\.\d+)?)\s*([a-zµ]+)\s*/giy)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return undefined;
  let sum = 0;
  for (const [, number = '', unit = ''] of parts) {
    const name = unit.toLowerCase();
    const factor = units[name] ?? units[name.replace(/s$/, '')];
    if (factor === undefined) return undefined;
    sum += Number(number) * factor;
  }
  return sum;
}

/** Milliseconds of "100ms", "3 min", "1h 30min"; undefined when it is no duration. */
export const parseDuration = (text: string): number | undefined => quantity(text, DURATION_UNITS);

/** Bytes of "512 kB", "1 MiB"; undefined when it is no size. */
export const parseBytes = (text: string): number | undefined => quantity(text, BYTE_UNITS);

/** `90000` → `1.5min`: the largest unit that needs at most two decimals. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'min', 's'] as const) {
    const size = DURATION_UNITS[unit] ?? 1;
    const value = ms / size;
    if (value >= 1 && Number.isInteger(value * 100)) return `${value}${unit}`;
  }
  return `${ms}ms`;
}

/** `1048576` → `1MiB`. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const)
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  return `${bytes}B`;
}
