export * from './effect-runner.js';
export * from './survey.js';
export * from './wake-ups.js';
