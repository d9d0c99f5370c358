import { type ReceivedFault, type Severity, type Static, Type } from '@nfv-doctor/core/plugin-api';

const Labels = Type.Record(Type.String(), Type.String());

/** Alertmanager's webhook, version 4. */
export const WebhookSchema = Type.Object(
  {
    version: Type.Literal('4'),
    status: Type.Union([Type.Literal('firing'), Type.Literal('resolved')]),
    alerts: Type.Array(
      Type.Object(
        {
          status: Type.Union([Type.Literal('firing'), Type.Literal('resolved')]),
          labels: Labels,
          annotations: Type.Optional(Labels),
          startsAt: Type.Optional(Type.String({ maxLength: 64 })),
          endsAt: Type.Optional(Type.String({ maxLength: 64 })),
          fingerprint: Type.Optional(Type.String({ maxLength: 64 })),
        },
        { additionalProperties: true },
      ),
      { maxItems: 10_000 },
    ),
  },
  { additionalProperties: true },
);
export type Webhook = Static<typeof WebhookSchema>;

/** How labels are read. */
export interface LabelMapping {
  /** Labels that may name the host, in order of preference. */
  hostLabels: readonly string[];
  severityLabel: string;
  /** Value of the severity label (lower case) to severity. */
  severities: Readonly<Record<string, Severity>>;
  /** Names of alerts that say that a host is down; empty: all of them do. */
  hostAlerts: readonly string[];
  /** Names of alerts about a NIC. */
  nicAlerts: readonly string[];
}

/** Alerts that name no host, or are about something else, give nothing. `resolved` is up. */
export function receivedFaults(webhook: Webhook, mapping: LabelMapping): ReceivedFault[] {
  return webhook.alerts.flatMap((alert) => {
    const { labels, annotations = {} } = alert;
    const name = labels.alertname ?? '';
    const kind = kindOf(name, mapping);
    const host = mapping.hostLabels.map((label) => labels[label]).find((value) => value);
    if (!kind || !host) return [];
    const severity = mapping.severities[(labels[mapping.severityLabel] ?? '').toLowerCase()];
    return {
      host,
      kind,
      status: alert.status === 'firing' ? ('down' as const) : ('up' as const),
      severity,
      cause: annotations.summary ?? annotations.description ?? name,
      time: alert.startsAt,
      id: alert.fingerprint,
    };
  });
}

function kindOf(name: string, { hostAlerts, nicAlerts }: LabelMapping): ReceivedFault['kind'] | undefined {
  if (nicAlerts.includes(name)) return 'nic';
  return hostAlerts.length === 0 || hostAlerts.includes(name) ? 'host' : undefined;
}
