import type { EntityGraph, Vertex } from './graph.js';
import type { Action, Edge, Entity, Template } from './template.js';

/** An action with its vertex. */
export interface Wanted {
  key: string;
  action: Action;
  vertex: Vertex;
}

/** All actions that the templates ask for in the graph as it is, each once. */
export function wantedActions(templates: Iterable<Template>, graph: EntityGraph): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const { entities, scenarios } of templates)
    for (const { edges, actions } of scenarios)
      for (const bound of matches(edges, entities, graph))
        for (const action of actions) {
          const vertex = bound.get(action.target);
          if (!vertex) continue;
          const key = JSON.stringify([{ ...action, target: undefined }, vertex.vitrage_id]);
          wanted.set(key, { key, action, vertex });
        }
  return wanted;
}

type Binding = ReadonlyMap<string, Vertex>;

function* matches(
  edges: readonly Edge[],
  entities: ReadonlyMap<string, Entity>,
  graph: EntityGraph,
  bound: Binding = new Map(),
): Generator<Binding> {
  const [edge, ...rest] = edges;
  if (!edge) return yield bound;
  for (const link of graph.links()) {
    if (link.relation !== edge.relation) continue;
    const next = new Map(bound);
    const ends = [
      [edge.source, link.source],
      [edge.target, link.target],
    ] as const;
    const fits = ends.every(([name, id]) => {
      const known = next.get(name);
      if (known) return known.vitrage_id === id;
      const vertex = graph.vertex(id);
      if (!vertex || !isA(vertex, entities.get(name))) return false;
      next.set(name, vertex);
      return true;
    });
    if (fits) yield* matches(rest, entities, graph, next);
  }
}

const isA = (vertex: Vertex, entity: Entity | undefined) =>
  entity !== undefined &&
  vertex.vitrage_category === entity.category &&
  vertex.vitrage_type === entity.type &&
  (entity.name === undefined || vertex['name'] === entity.name);
