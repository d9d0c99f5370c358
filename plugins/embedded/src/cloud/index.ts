export type { CloudClock, CloudTimer } from './clock.js';
export {
  type AdminCredentials,
  type CutMoment,
  createEmbeddedCloud,
  type EmbeddedCloud,
  type EmbeddedHost,
} from './cloud.js';
export { osVariables } from './credentials.js';
export type { FailureRule } from './faults/failures.js';
export type { LatencyDistribution } from './faults/latency.js';
export type { CloudNotification } from './notifications/notifications.js';
export type { HostSpec } from './nova/index.js';
export type { EmbeddedCloudOptions, HostSizes } from './options.js';
