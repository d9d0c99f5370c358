import type { ConfigSchema } from '../plugin-api/define-plugin.js';
import { profilerOptions } from '../profiler/options.js';
import { reportOptions } from '../report/options.js';
import type { RoleName } from '../roles/index.js';
import { testOptions } from '../scenarios/options.js';

/** Core's own sections. Roles' sections come from the plugins. */
export const CORE_SCHEMA = {
  plugins: {
    doc: 'Plugins beside the installed ones: package names, or paths of a package or of one JavaScript file.',
    format: 'strings',
    default: [] as string[],
  },
  host: {
    start_timeout: {
      doc: 'Time that one role may take to load or to start.',
      format: 'duration',
      default: 60_000,
    },
    stop_timeout: { doc: 'Time that one role may take to stop.', format: 'duration', default: 30_000 },
    report_timeout: {
      doc: "Time that the inspector may take to answer one of the monitor's reports before it is sent again.",
      format: 'duration',
      default: 2000,
    },
  },
  log: {
    level: {
      doc: 'Least severity that is logged.',
      format: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      default: 'warn',
    },
    file: { doc: 'File that the log is appended to; empty: standard error.', format: 'path', default: '' },
  },
  store: {
    url: {
      doc: 'PostgreSQL to keep alarms and sessions in (postgres://...); empty: SQLite files in store.folder.',
      format: 'url_or_empty',
      default: '',
      sensitive: true,
    },
    folder: {
      doc: 'Folder of the SQLite files; empty: in memory, gone with the process.',
      format: 'path',
      default: '',
    },
  },
  test: testOptions,
  profiler: profilerOptions,
  report: reportOptions,
  matrix: {
    available: {
      doc: 'Types that something beside this cloud makes usable although its catalog does not tell, as role:type (monitor:collectd): `doctor matrix` runs them, too.',
      format: 'strings',
      default: [] as string[],
    },
  },
} satisfies ConfigSchema;

/** What core adds to the sections of roles, beside the plugin's own options. */
export const ROLE_EXTRAS: Readonly<Partial<Record<RoleName, ConfigSchema>>> = {
  inspector: {
    remote_url: {
      doc: "Inspector that runs elsewhere (its southbound HTTP API): the monitor's reports go there; empty: the one in this process.",
      format: 'url_or_empty',
      default: '',
    },
  },
};

/** The type of each role when nothing selects another. */
export const DEFAULT_TYPES: Readonly<Record<RoleName, string>> = {
  message_bus: 'sample',
  installer: 'embedded',
  cloud: 'openstack',
  controller: 'openstack',
  notifier: 'sample',
  inspector: 'sample',
  monitor: 'sample',
  consumer: 'sample',
  app_manager: 'sample',
  admin_tool: 'sample',
};

/** One line for each section in the reference. */
export const SECTION_DOCS: Readonly<Record<string, string>> = {
  plugins: 'Which plugins there are beside the installed ones.',
  host: 'How long the parts may take to start and to stop.',
  log: "Doctor's own log.",
  store: 'Where alarms, undelivered notifications and maintenance sessions are kept.',
  test: 'What the scenarios do.',
  profiler: 'Where the time of a fault goes.',
  report: 'What a run leaves behind.',
  matrix: 'What can be combined on this cloud.',
  message_bus: "Carries the VIM's notifications.",
  installer: 'Reaches the deployment: nodes, addresses, SSH, fault injection.',
  cloud: 'The authenticated session with the cloud.',
  controller: 'Keeps the resource map, changes and reports state.',
  notifier: 'Matches events with the alarms that consumers registered, and notifies.',
  inspector: 'Receives raw faults, finds the affected instances and updates their state.',
  monitor: 'Watches hosts and reports raw faults.',
  consumer: 'Owner of the instances: is notified, switches over, recreates.',
  app_manager: "The application's side of maintenance: answers, scales, switches over.",
  admin_tool: 'Runs maintenance sessions.',
};
