import { type AppManagerDependencies, BaseAppManager, type Logger } from '@nfv-doctor/core/plugin-api';
import type { AppManagerConfig } from './config.js';
import { SamplePolicy } from './policy.js';

/** App manager `sample`: the VNF manager of applications that take part in maintenance. */
export class SampleAppManager extends BaseAppManager {
  constructor(config: AppManagerConfig, deps: AppManagerDependencies, log: Logger) {
    super(config, deps, log, (record) => new SamplePolicy(config, record));
  }
}
