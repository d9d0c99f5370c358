/** How long a call takes, in ms, before the service acts and answers. */
export type LatencyDistribution =
  | { distribution: 'none' }
  | { distribution: 'fixed'; ms: number }
  | { distribution: 'uniform'; minMs: number; maxMs: number }
  /** `sigma` is the deviation of the logarithm: 0.5 puts the 99th percentile at 3.2 × the median. */
  | { distribution: 'lognormal'; medianMs: number; sigma: number };

/** Draws one latency in ms. */
export function drawLatency(latency: LatencyDistribution, random: () => number): number {
  switch (latency.distribution) {
    case 'none':
      return 0;
    case 'fixed':
      return latency.ms;
    case 'uniform':
      return latency.minMs + random() * (latency.maxMs - latency.minMs);
    case 'lognormal':
      return latency.medianMs * Math.exp(latency.sigma * normal(random));
  }
}

/** A standard normal number (Box-Muller). */
function normal(random: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
