import { pythonRepr } from '../python.js';

/** A notification as it stands on the bus. */
export interface BusNotification {
  messageId: string;
  publisherId: string;
  eventType: string;
  payload: Record<string, unknown>;
  /** ISO 8601, UTC. */
  timestamp: string;
}

type Trait = [name: string, type: 1 | 2 | 4, value: string | number];

/** What Ceilometer makes of a notification. */
export interface CeilometerEvent {
  message_id: string;
  event_type: string;
  generated: string;
  traits: Trait[];
}

/** Ceilometer cuts texts. */
const TEXT_LENGTH = 255;

/** Stands for the host in the publisher's id. */
const PUBLISHER_HOST = ':host';

type Definition = readonly [name: string, type: Trait[1], source?: string];
const of = (type: Trait[1], names: string): Definition[] => names.split(' ').map((name) => [name, type]);

/** event_definitions.yaml: Ceilometer's own for instances, a deployer's for maintenance. */
const DEFINITIONS: readonly { pattern: RegExp; traits: readonly Definition[] }[] = [
  {
    pattern: /^compute\.instance\./,
    traits: [
      ...of(1, 'user_id tenant_id instance_id display_name'),
      ['resource_id', 1, 'instance_id'],
      ...of(1, 'cell_name'),
      // the publisher's, which is not the host that the instance is on
      ['host', 1, PUBLISHER_HOST],
      ...of(2, 'memory_mb disk_gb root_gb ephemeral_gb vcpus'),
      ...of(1, 'instance_type_id instance_type state'),
      ...of(4, 'launched_at deleted_at'),
      ...of(1, 'old_state'),
    ],
  },
  {
    pattern: /^maintenance\.scheduled$/,
    traits: [
      ...of(1, 'allowed_actions instance_ids reply_url state session_id metadata'),
      ...of(4, 'actions_at reply_at'),
    ],
  },
  { pattern: /^maintenance\.host$/, traits: of(1, 'host state session_id') },
];

/** The event of a notification; undefined for Nova's versioned ones, which Ceilometer does not read. */
export function ceilometerEvent(notification: BusNotification): CeilometerEvent | undefined {
  const { payload, publisherId, eventType } = notification;
  if ('nova_object.data' in payload) return undefined;
  const [service = '', ...host] = publisherId.split('.');
  const traits: Trait[] = [['service', 1, service]];
  const project = payload['project_id'] ?? payload['tenant_id'];
  if (typeof project === 'string') traits.push(['project_id', 1, project]);
  const definition = DEFINITIONS.find(({ pattern }) => pattern.test(eventType));
  for (const [name, type, source = name] of definition?.traits ?? []) {
    const trait = traitOf(name, type, source === PUBLISHER_HOST ? host.join('.') || null : payload[source]);
    if (trait) traits.push(trait);
  }
  return {
    message_id: notification.messageId,
    event_type: eventType,
    generated: isoTime(notification.timestamp),
    traits,
  };
}

function traitOf(name: string, type: Trait[1], value: unknown): Trait | undefined {
  if (value === null || value === undefined) return undefined;
  if (type === 1)
    return [name, 1, (typeof value === 'string' ? value : pythonRepr(value)).slice(0, TEXT_LENGTH)];
  if (type === 4) return value === '' ? undefined : [name, 4, isoTime(String(value))];
  const number = Number(value);
  return Number.isFinite(number) ? [name, 2, Math.trunc(number)] : undefined;
}

/** As Python's isoformat: `2030-01-01 00:00:00.5+00:00` as `2030-01-01T00:00:00.500000`; without a fraction it gets none. */
const isoTime = (text: string): string =>
  text
    .replace(' ', 'T')
    .replace(/(Z|\+00:00)$/, '')
    .replace(/\.0+$/, '')
    .replace(/\.(\d+)$/, (_, digits: string) => `.${digits.padEnd(6, '0').slice(0, 6)}`);
