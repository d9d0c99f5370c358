export {
  DelegatedInspector,
  type DelegationOptions,
  type DelegationServices,
} from './delegated-inspector.js';
export type { Before } from './effect-watch.js';
