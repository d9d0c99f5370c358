export * from './virtual-clock.js';
export * from './test-context.js';
export * from './start-test-doctor.js';
export * from './contracts/message-bus.js';
export * from './fake-cloud.js';
export * from './fake-message-bus.js';
export * from './contracts/inspector.js';
export { systemClock } from '../clock/system-clock.js';
export * from './receiving-monitor.js';
