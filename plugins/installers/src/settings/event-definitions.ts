import { DoctorError } from '@nfv-doctor/core/plugin-api';
import { type Document, isMap, isSeq, type Node, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';

interface Trait {
  fields: string;
  type?: 'datetime';
}

const traits = (texts: readonly string[], times: readonly string[] = []): Record<string, Trait> => ({
  ...Object.fromEntries(texts.map((name) => [name, { fields: `payload.${name}` }])),
  ...Object.fromEntries(times.map((name) => [name, { fields: `payload.${name}`, type: 'datetime' }])),
});

/** What of a maintenance message becomes a trait that the alarm carries. */
export const MAINTENANCE_DEFINITIONS: Readonly<Record<string, Record<string, Trait>>> = {
  'maintenance.scheduled': traits(
    [
      'allowed_actions',
      'instance_ids',
      'instances',
      'reply_url',
      'state',
      'session_id',
      'project_id',
      'metadata',
      'host_id',
    ],
    ['actions_at', 'reply_at'],
  ),
  'maintenance.host': traits(['host', 'project_id', 'state', 'session_id']),
};

/**
 * Ceilometer's event_definitions.yaml with the maintenance events; traits that a definition lacks are added to it.
 * The same text when there is nothing to add.
 * @throws DoctorError BACKEND_PROTOCOL when it is no list of definitions
 */
export function withMaintenanceDefinitions(text: string): string {
  const document: Document = parseDocument(text);
  const present: unknown = document.contents ?? document.createNode([]);
  if (document.errors.length > 0 || !isSeq(present))
    throw new DoctorError('BACKEND_PROTOCOL', 'event_definitions.yaml is no list of event types');
  document.contents = present as YAMLSeq<Node>;
  let changed = false;
  for (const [eventType, wanted] of Object.entries(MAINTENANCE_DEFINITIONS)) {
    const definition = present.items.find((item) => isMap(item) && item.get('event_type') === eventType) as
      | YAMLMap
      | undefined;
    const known = definition?.get('traits');
    if (definition === undefined) present.add(document.createNode({ event_type: eventType, traits: wanted }));
    else if (isMap(known)) {
      const lacking = Object.entries(wanted).filter(([name]) => !known.has(name));
      for (const [name, trait] of lacking) known.set(document.createNode(name), document.createNode(trait));
      if (lacking.length === 0) continue;
    } else definition.set('traits', document.createNode(wanted));
    changed = true;
  }
  return changed ? document.toString({ lineWidth: 0 }) : text;
}
