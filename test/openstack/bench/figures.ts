/** The value below which so great a share lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

/** `12.3 / 14.5 / 20.1 ms (min / median / p99)` */
export const show = (values: readonly number[]) =>
  `${[0, 0.5, 0.99].map((share) => quantile(values, share).toFixed(1)).join(' / ')} ms (min / median / p99)`;
