export * from './full-plan.js';
export type * from './model.js';
export * from './next-step.js';
