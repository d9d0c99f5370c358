/** `entities` of a template: which vertices a name may stand for. */
export interface Entity {
  category: string;
  type: string;
  name?: string;
}
/** `a [on] b`. */
export interface Edge {
  source: string;
  relation: string;
  target: string;
}
export type Action =
  | { kind: 'set_state'; target: string; state: string }
  | { kind: 'mark_down'; target: string }
  | { kind: 'raise_alarm'; target: string; name: string; severity: string };

export interface Template {
  name: string;
  type: string;
  entities: ReadonlyMap<string, Entity>;
  scenarios: readonly { edges: readonly Edge[]; actions: readonly Action[] }[];
}

/** What is wrong with a template, for `status details`. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

const object = (value: unknown, what: string): Record<string, unknown> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new TemplateError(`${what} must be a dictionary`);
};
const text = (value: unknown, what: string): string => {
  if (typeof value === 'string' && value !== '') return value;
  throw new TemplateError(`${what} is a mandatory field`);
};
const list = (value: unknown, what: string): unknown[] => {
  if (Array.isArray(value) && value.length > 0) return value;
  throw new TemplateError(`${what} must be a list with at least one element`);
};

/**
 * Reads a template of version 3: conditions are edges joined with AND.
 * @throws TemplateError
 */
export function readTemplate(content: unknown): Template {
  const top = object(content, 'template');
  const metadata = object(top['metadata'], 'metadata');
  // versions are texts
  if (metadata['version'] !== '3') throw new TemplateError('Unsupported version. Version must be one of: 3');
  const entities = new Map(
    Object.entries(object(top['entities'], 'entities')).map(([name, value]) => {
      const entity = object(value, `entities.${name}`);
      const found: Entity = {
        category: text(entity['category'], `entities.${name}.category`),
        type: text(entity['type'], `entities.${name}.type`),
      };
      return [
        name,
        entity['name'] === undefined ? found : { ...found, name: String(entity['name']) },
      ] as const;
    }),
  );
  const scenarios = list(top['scenarios'], 'scenarios').map((value) => {
    const scenario = object(value, 'scenario');
    return {
      edges: edgesOf(text(scenario['condition'], 'condition'), entities),
      actions: list(scenario['actions'], 'actions').map((action) => actionOf(action, entities)),
    };
  });
  return {
    name: text(metadata['name'], 'metadata.name'),
    type: String(metadata['type'] ?? ''),
    entities,
    scenarios,
  };
}

function edgesOf(condition: string, entities: ReadonlyMap<string, Entity>): Edge[] {
  return condition.split(/\s+AND\s+/i).map((part) => {
    const [, source, relation, target] = /^\s*(\w+)\s*\[\s*(\w+)\s*\]\s*(\w+)\s*$/.exec(part) ?? [];
    if (source === undefined || relation === undefined || target === undefined)
      throw new TemplateError(`condition "${condition}": only edges joined with AND are understood here`);
    for (const name of [source, target]) known(name, entities);
    return { source, relation, target };
  });
}

function known(name: string, entities: ReadonlyMap<string, Entity>): string {
  if (entities.has(name)) return name;
  throw new TemplateError(`template_id ${name} does not appear in the definition block`);
}

function actionOf(value: unknown, entities: ReadonlyMap<string, Entity>): Action {
  const [entry] = Object.entries(object(value, 'action'));
  const [kind, properties] = entry ?? ['', undefined];
  const given = object(properties, `action ${kind}`);
  const target = known(text(given['target'], `${kind}.target`), entities);
  if (kind === 'mark_down') return { kind, target };
  if (kind === 'set_state') return { kind, target, state: text(given['state'], 'set_state.state') };
  if (kind === 'raise_alarm')
    return {
      kind,
      target,
      name: text(given['alarm_name'], 'raise_alarm.alarm_name'),
      severity: text(given['severity'], 'raise_alarm.severity'),
    };
  throw new TemplateError(`action ${kind} is not understood here`);
}
