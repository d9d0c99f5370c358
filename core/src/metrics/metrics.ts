import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from 'prom-client';

/** Prometheus metrics of this process. Asking twice for the same name gives the same metric. */
export interface Metrics {
  readonly registry: Registry;
  counter<L extends string = string>(options: Omit<CounterConfiguration<L>, 'registers'>): Counter<L>;
  gauge<L extends string = string>(options: Omit<GaugeConfiguration<L>, 'registers'>): Gauge<L>;
  /** Times are in seconds, as Prometheus has them. */
  histogram<L extends string = string>(options: Omit<HistogramConfiguration<L>, 'registers'>): Histogram<L>;
}

/** Buckets for times from 100 µs to 10 s. */
export const TIME_BUCKETS = [0.0001, 0.00025, 0.001, 0.0025, 0.01, 0.025, 0.1, 0.25, 1, 2.5, 10];

/** @param options.process also collect the process' own figures (memory, CPU, event loop); costs two timers */
export function createMetrics(options: { process?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.process) collectDefaultMetrics({ register: registry });
  const once = <M>(name: string, make: () => M): M =>
    (registry.getSingleMetric(name) as M | undefined) ?? make();
  return {
    registry,
    counter: (config) => once(config.name, () => new Counter({ ...config, registers: [registry] })),
    gauge: (config) => once(config.name, () => new Gauge({ ...config, registers: [registry] })),
    histogram: (config) =>
      once(config.name, () => new Histogram({ buckets: TIME_BUCKETS, ...config, registers: [registry] })),
  };
}
