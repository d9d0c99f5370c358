import type { TraitEvent } from '../traits/convert.js';
import type { CompiledAlarm } from './compiled-alarm.js';
import { fnmatchRegExp, isPattern } from './fnmatch.js';

/** Alarms of one project on one event type, by the value of their most selective trait. */
class Bucket {
  readonly byTrait = new Map<string, Map<string, Set<CompiledAlarm>>>();
  readonly rest = new Set<CompiledAlarm>();

  add(alarm: CompiledAlarm): void {
    if (!alarm.key) return void this.rest.add(alarm);
    const { trait, value } = alarm.key;
    const values = this.byTrait.get(trait) ?? new Map<string, Set<CompiledAlarm>>();
    this.byTrait.set(trait, values);
    const alarms = values.get(value) ?? new Set();
    values.set(value, alarms.add(alarm));
  }

  delete(alarm: CompiledAlarm): void {
    this.rest.delete(alarm);
    if (!alarm.key) return;
    const values = this.byTrait.get(alarm.key.trait);
    const alarms = values?.get(alarm.key.value);
    alarms?.delete(alarm);
    if (alarms?.size === 0) values?.delete(alarm.key.value);
    if (values?.size === 0) this.byTrait.delete(alarm.key.trait);
  }

  get empty(): boolean {
    return this.rest.size === 0 && this.byTrait.size === 0;
  }

  collect(event: TraitEvent, into: CompiledAlarm[]): void {
    for (const [trait, values] of this.byTrait) {
      const value = event.values.get(trait)?.[2];
      const alarms = value === undefined ? undefined : values.get(String(value));
      if (alarms) into.push(...alarms);
    }
    if (this.rest.size > 0) into.push(...this.rest);
  }
}

interface Project {
  exact: Map<string, Bucket>;
  patterns: Map<string, { matches: RegExp; bucket: Bucket }>;
}

/**
 * Finds the alarms that an event may concern: by project, event type and the value of one trait, so that the cost of an event
 * does not grow with alarms on other resources. Patterns of event types are tried once each, not once per alarm.
 */
export class AlarmIndex {
  readonly #projects = new Map<string, Project>();

  add(alarm: CompiledAlarm): void {
    const { project_id: id, event_rule: rule } = alarm.alarm;
    const project = this.#projects.get(id) ?? { exact: new Map(), patterns: new Map() };
    this.#projects.set(id, project);
    bucketOf(project, rule.event_type).add(alarm);
  }

  delete(alarm: CompiledAlarm): void {
    const { project_id: id, event_rule: rule } = alarm.alarm;
    const project = this.#projects.get(id);
    if (!project) return;
    const bucket = bucketOf(project, rule.event_type);
    bucket.delete(alarm);
    if (!bucket.empty) return;
    project.exact.delete(rule.event_type);
    project.patterns.delete(rule.event_type);
    if (project.exact.size === 0 && project.patterns.size === 0) this.#projects.delete(id);
  }

  candidates(event: TraitEvent): CompiledAlarm[] {
    const found: CompiledAlarm[] = [];
    this.#collect(this.#projects.get(event.projectId), event, found);
    // alarms without a project were made where nobody asks for one: they see the events of all
    if (event.projectId !== '') this.#collect(this.#projects.get(''), event, found);
    return found;
  }

  #collect(project: Project | undefined, event: TraitEvent, into: CompiledAlarm[]): void {
    if (!project) return;
    project.exact.get(event.eventType)?.collect(event, into);
    for (const { matches, bucket } of project.patterns.values())
      if (matches.test(event.eventType)) bucket.collect(event, into);
  }
}

function bucketOf(project: Project, eventType: string): Bucket {
  if (!isPattern(eventType)) {
    const bucket = project.exact.get(eventType) ?? new Bucket();
    project.exact.set(eventType, bucket);
    return bucket;
  }
  const known = project.patterns.get(eventType) ?? {
    matches: fnmatchRegExp(eventType),
    bucket: new Bucket(),
  };
  project.patterns.set(eventType, known);
  return known.bucket;
}
