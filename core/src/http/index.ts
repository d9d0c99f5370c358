export * from './kit.js';
export * from './signature.js';
export type * from './types.js';
