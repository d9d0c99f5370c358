export * from './store.js';
export type * from './types.js';
export * from './write-batch.js';
