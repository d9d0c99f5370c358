export * from './built-in.js';
export * from './common/index.js';
export * from './engine/index.js';
export * from './fault-management/index.js';
export * from './options.js';
export * from './registry.js';
export * from './run-scenarios.js';
export { ReportFolder, type Result, resultOf } from '../report/index.js';
