export * from './received-fault.js';
export * from './receiving-monitor.js';
