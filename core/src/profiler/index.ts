export * from './options.js';
export * from './profiler.js';
export * from './timeline.js';
