export * from './common/index.js';
export * from './engine/index.js';
export * from './fault-management/index.js';
export * from './options.js';
export * from './registry.js';
