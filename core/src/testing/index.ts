export * from './virtual-clock.js';
export * from './test-context.js';
export * from './start-test-doctor.js';
