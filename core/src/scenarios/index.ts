export * from './engine/index.js';
export * from './options.js';
export * from './registry.js';
