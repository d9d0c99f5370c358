export * from './actions.js';
export { parseActions } from './definition.js';
export type * from './types.js';
