export * from './checks.js';
export * from './constraints.js';
