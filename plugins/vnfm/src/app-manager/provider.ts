import { BaseAppManager, core, optional, provide } from '@nfv-doctor/core/plugin-api';
import { constraintsClient } from '../constraints-api/index.js';
import { parseConstraints } from '../constraints/index.js';
import { vnfmConfig } from './config.js';
import { VnfmPolicy } from './policy.js';

/** App manager `vnfm`. */
export const vnfmAppManager = provide({
  role: 'app_manager',
  type: 'vnfm',
  doc: 'agrees to maintenance as far as the constraints of its instances and groups allow (ETSI NFV-IFA 011)',
  config: vnfmConfig,
  deps: {
    http: core.http,
    clock: core.clock,
    store: core.store,
    controller: core.controller,
    cloud: core.cloudSession,
    notifier: core.notifier,
    adminTool: optional(core.adminTool),
  },
  create({ config, log }, { adminTool, ...deps }) {
    const rules = parseConstraints({
      instances: config.instances,
      groups: config.groups,
      migrationTypes: config.migration_types,
      interruptions: {
        MIGRATE: config.migrate_interruption,
        LIVE_MIGRATE: config.live_migrate_interruption,
        OWN_ACTION: config.own_action_interruption,
      },
    });
    return new BaseAppManager(config, deps, log, (record, context) => {
      const client =
        config.constraints_api === 'off'
          ? undefined
          : constraintsClient(deps.cloud.as(context.owner.credentials), adminTool);
      return new VnfmPolicy({ config, rules, client }, record, context);
    });
  },
});
