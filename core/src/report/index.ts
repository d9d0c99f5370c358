export * from './event-log.js';
export * from './folder.js';
export * from './junit.js';
export * from './options.js';
export * from './result.js';
export * from './result-schema.js';
export * from './write-report.js';
