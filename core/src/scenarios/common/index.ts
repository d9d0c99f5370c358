export * from './instances.js';
export * from './prepare.js';
export type * from './state.js';
export * from './wait.js';
