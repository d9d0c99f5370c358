export { ComputeHost, type HostSpec } from './compute-host.js';
export { createNova } from './create.js';
export type { Nova } from './nova.js';
