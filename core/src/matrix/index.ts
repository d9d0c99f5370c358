export * from './run-matrix.js';
export * from './table.js';
export * from './types.js';
