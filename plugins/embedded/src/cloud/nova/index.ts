export { ComputeHost, type HostSpec } from './compute-host.js';
export { createNova } from './create.js';
export { type Nova, type NovaOptions } from './nova.js';
