export * from './judge.js';
export type * from './model.js';
export * from './parse.js';
export * from './resolve.js';
