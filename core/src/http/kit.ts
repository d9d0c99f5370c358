import type { Clock } from '../domain/clock.js';
import type { Logger } from '../log/index.js';
import { createMetrics, type Metrics } from '../metrics/index.js';
import { createHttpServer } from './server.js';
import type { HttpKit } from './types.js';

/** The HTTP servers of one process; all show the same metrics. */
export function createHttpKit(deps: { clock: Clock; log: Logger; metrics?: Metrics }): HttpKit {
  const metrics = deps.metrics ?? createMetrics();
  return { metrics, server: (options) => createHttpServer(options, { ...deps, metrics }) };
}
