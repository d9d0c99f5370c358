import {
  core,
  DoctorError,
  provide,
  ReceivingMonitor,
  SEVERITIES,
  type Severity,
} from '@nfv-doctor/core/plugin-api';
import { receivedFaults, type Webhook, WebhookSchema } from './alertmanager.js';
import { mappedIntake, type WebhookMapping } from './mapped-webhook.js';

export const prometheusMonitor = provide({
  role: 'monitor',
  type: 'prometheus',
  doc: "takes Alertmanager's webhook (version 4), and webhooks of Zabbix, Nagios and others by a mapping",
  config: {
    host: { doc: 'address to listen on', format: String, default: '127.0.0.1' },
    port: {
      doc: 'port of POST /alerts and of the mapped webhooks; 0: a free one',
      format: 'port',
      default: 0,
    },
    token: {
      doc: 'token that the sender must bring (Authorization: Bearer, or X-Auth-Token); needed beyond loopback',
      format: String,
      default: '',
      sensitive: true,
    },
    host_labels: {
      doc: 'labels that may name the host, in order of preference; a port behind the name is cut off',
      format: 'strings',
      default: ['hostname', 'host', 'node', 'instance'],
    },
    severity_label: { doc: 'label that has the severity', format: String, default: 'severity' },
    severities: {
      doc: 'value of the severity label (lower case) to low, moderate or critical',
      format: Object,
      default: {
        critical: 'critical',
        page: 'critical',
        error: 'critical',
        warning: 'moderate',
        info: 'low',
      },
    },
    host_alerts: {
      doc: 'names of the alerts that say that a host is down; empty: every alert that names a host',
      format: 'strings',
      default: [] as string[],
    },
    nic_alerts: {
      doc: 'names of the alerts about a NIC, reported as compute.host.nic.down',
      format: 'strings',
      default: [] as string[],
    },
    webhooks: {
      doc: 'other webhooks: list of {path, expression}; the JSONata expression gives {host, status: down|up, kind?, severity?, cause?, time?, id?} or a list of them',
      format: Array,
      default: [] as unknown[],
    },
  },
  deps: { http: core.http, clock: core.clock, events: core.events, reporter: core.faultReporter },
  create({ config, log }, services) {
    const mapping = {
      hostLabels: config.host_labels,
      severityLabel: config.severity_label,
      severities: severitiesOf(config.severities),
      hostAlerts: config.host_alerts,
      nicAlerts: config.nic_alerts,
    };
    const alertmanager = {
      path: '/alerts',
      body: WebhookSchema,
      read: (body: unknown) => receivedFaults(body as Webhook, mapping),
    };
    const others = webhooksOf(config.webhooks).map((each, index) =>
      mappedIntake(each, `monitor.webhooks[${index}].expression`),
    );
    return new ReceivingMonitor(
      {
        name: 'prometheus',
        host: config.host,
        port: config.port,
        token: config.token,
        intakes: [alertmanager, ...others],
      },
      { ...services, log },
    );
  },
});

function severitiesOf(table: object): Record<string, Severity> {
  for (const [value, severity] of Object.entries(table))
    if (!SEVERITIES.includes(severity as Severity))
      throw new DoctorError(
        'CONFIG_INVALID',
        `monitor.severities.${value}: must be one of ${SEVERITIES.join(', ')}, found ${JSON.stringify(severity)}`,
      );
  return table as Record<string, Severity>;
}

function webhooksOf(list: readonly unknown[]): WebhookMapping[] {
  return list.map((each, index) => {
    const { path, expression } = (each ?? {}) as Record<string, unknown>;
    if (typeof path !== 'string' || !path.startsWith('/') || path === '/alerts')
      throw new DoctorError(
        'CONFIG_INVALID',
        `monitor.webhooks[${index}].path: must begin with / and not be /alerts, found ${JSON.stringify(path)}`,
      );
    if (typeof expression !== 'string')
      throw new DoctorError(
        'CONFIG_INVALID',
        `monitor.webhooks[${index}].expression: must be a JSONata expression`,
      );
    return { path, expression };
  });
}
