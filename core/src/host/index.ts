export * from './configuration.js';
export * from './create-doctor.js';
export * from './doctor.js';
export * from './installed.js';
export type { CloudKind, MatrixHint, MatrixHints, PluginPackage } from './plugin-package.js';
export { discoverPlugins } from './discovery.js';
