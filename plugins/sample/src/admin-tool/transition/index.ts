export * from './begin.js';
export * from './judge.js';
export * from './machine.js';
export { planInput, projectsOn } from './deciding.js';
export * from './transition.js';
