export * from './core-schema.js';
export * from './effective-config.js';
export * from './formats.js';
export * from './options.js';
export * from './problem.js';
export * from './secrets.js';
export * from './sources.js';
export * from './yaml-file.js';
