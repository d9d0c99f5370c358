export * from './virtual-clock.js';
export * from './test-context.js';
