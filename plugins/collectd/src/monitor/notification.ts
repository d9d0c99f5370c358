import { type ReceivedFault, type Static, Type } from '@nfv-doctor/core/plugin-api';

/** A notification as collectd's write_http plugin posts it (format_json, collectd 5.8 and later). */
export const CollectdNotificationSchema = Type.Object(
  {
    labels: Type.Object(
      {
        /** `collectd_<plugin>_<type>` */
        alertname: Type.String({ minLength: 1, maxLength: 255 }),
        /** The host that collectd runs on. */
        instance: Type.String({ minLength: 1, maxLength: 255 }),
        severity: Type.Union([Type.Literal('FAILURE'), Type.Literal('WARNING'), Type.Literal('OKAY')]),
        /** plugin `ping`: the address that was pinged. */
        ping: Type.Optional(Type.String({ maxLength: 255 })),
        /** plugins `connectivity` and `interface`: the interface. */
        connectivity: Type.Optional(Type.String({ maxLength: 255 })),
        interface: Type.Optional(Type.String({ maxLength: 255 })),
      },
      { additionalProperties: true },
    ),
    annotations: Type.Optional(Type.Record(Type.String(), Type.String())),
    startsAt: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: true },
);
export const CollectdNotificationsSchema = Type.Array(CollectdNotificationSchema, { maxItems: 10_000 });
export type CollectdNotification = Static<typeof CollectdNotificationSchema>;

/** What the mapping needs to know. */
export interface Mapping {
  /** Interfaces whose loss is the host's loss; of others it is the NIC's only. */
  hostInterfaces: readonly string[];
  /** WARNING counts as down. */
  warningIsDown: boolean;
}

/**
 * - `ping` plugin with a threshold: the host that was pinged (collectd runs elsewhere).
 * - `connectivity` and `interface` plugins: an interface of the host that collectd runs on.
 * - that a value of theirs is missing says something about collectd, not about the host (threshold with `Interesting true`).
 * - anything else says nothing about a host being down.
 */
export function receivedFault(
  notification: CollectdNotification,
  mapping: Mapping,
): ReceivedFault | undefined {
  const { labels, annotations = {}, startsAt } = notification;
  const isDown = labels.severity === 'FAILURE' || (labels.severity === 'WARNING' && mapping.warningIsDown);
  const common = {
    status: isDown ? ('down' as const) : ('up' as const),
    cause: annotations.summary || `${labels.alertname} ${labels.severity}`,
    time: startsAt,
  };
  if (labels.ping !== undefined && isMissing(annotations)) return undefined;
  if (labels.ping !== undefined) return { ...common, host: labels.ping, kind: 'host' };
  const nic = labels.connectivity ?? labels.interface;
  if (nic === undefined) return undefined;
  const isHost = mapping.hostInterfaces.includes(nic);
  return {
    ...common,
    host: labels.instance,
    kind: isHost ? 'host' : 'nic',
    cause: `interface ${nic} is ${common.status}`,
    severity: isHost ? 'critical' : 'moderate',
  };
}

/** collectd has no other mark for it: a threshold that was passed comes with the value. */
const isMissing = ({ summary = '', CurrentValue }: Record<string, string>) =>
  CurrentValue === undefined && /has not been updated for/.test(summary);
