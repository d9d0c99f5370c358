export { isLoopback, sameSecret, tokenOf } from './authentication.js';
export * from './kit.js';
export * from './signature.js';
export type * from './types.js';
