/** One line of the bench's table. */
export interface BenchRow {
  name: string;
  unit: string;
  min: number;
  median: number;
  p99: number;
  /** What is to be reached: the median must not be above it, or below it for a unit that ends in `/s`. */
  goal?: number;
  /** What the machine itself takes, measured beside it. */
  floor?: number;
}

/** min, median and 99th percentile of the values. */
export function row(
  name: string,
  unit: string,
  values: readonly number[],
  more: Partial<BenchRow> = {},
): BenchRow {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
  return { name, unit, min: at(0), median: at(0.5), p99: at(0.99), ...more };
}
const round = (value: number) => Math.round(value * 100) / 100;
