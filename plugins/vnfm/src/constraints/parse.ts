import {
  DoctorError,
  INSTANCE_ACTIONS,
  type InstanceAction,
  parseDuration,
  type Static,
  Type,
} from '@nfv-doctor/core/plugin-api';
import { Value } from '@sinclair/typebox/value';
import { fitting } from './fitting.js';
import type { ConstraintRules, GroupConstraints, InstanceRule, Interruptions } from './model.js';

/** ms, or with a unit: `5 min`. */
const Duration = Type.Union([Type.Number({ minimum: 0 }), Type.String({ minLength: 1, maxLength: 64 })]);
const closed = { additionalProperties: false };

const InstanceRuleSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    part: Type.Optional(Type.Union([Type.Literal('redundant'), Type.Literal('scalable')])),
    group: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    lead_time: Type.Optional(Duration),
    max_interruption_time: Type.Optional(Duration),
    migration_types: Type.Optional(
      Type.Array(Type.Union(INSTANCE_ACTIONS.map((action) => Type.Literal(action))), {
        minItems: 1,
        uniqueItems: true,
      }),
    ),
  },
  closed,
);
const GroupSchema = Type.Object(
  {
    max_impacted_members: Type.Optional(Type.Integer({ minimum: 0 })),
    recovery_time: Type.Optional(Duration),
    anti_affinity: Type.Optional(Type.Boolean()),
  },
  closed,
);

export interface RawConstraints {
  /** List of rules. */
  instances: unknown;
  /** Groups by name. */
  groups: unknown;
  /** Ways of moving for instances whose rule names none. */
  migrationTypes: readonly string[];
  interruptions: Interruptions;
}

/** Collects what is wrong, so that all of it is told at once. */
class Problems {
  readonly all: string[] = [];

  shape<T extends typeof InstanceRuleSchema | typeof GroupSchema>(
    schema: T,
    value: unknown,
    what: string,
  ): Static<T> | undefined {
    const error = Value.Errors(schema, value).First();
    if (!error) return value as Static<T>;
    this.all.push(`${what}${error.path.replaceAll('/', '.')}: ${error.message}`);
    return undefined;
  }

  duration(value: number | string | undefined, otherwise: number, what: string): number {
    if (value === undefined) return otherwise;
    const ms = typeof value === 'number' ? value : parseDuration(value);
    if (ms !== undefined) return ms;
    this.all.push(`${what}: "${value}" is no duration; write 500ms, 30 s or 5 min`);
    return otherwise;
  }
}

/**
 * Reads the constraints of the configuration.
 * @throws DoctorError CONFIG_INVALID with everything that is wrong or contradicts itself
 */
export function parseConstraints(raw: RawConstraints): ConstraintRules {
  const problems = new Problems();
  const groups = parseGroups(raw.groups, problems);
  const migrationTypes = INSTANCE_ACTIONS.filter((action) => raw.migrationTypes.includes(action)).toSorted(
    (a, b) => raw.migrationTypes.indexOf(a) - raw.migrationTypes.indexOf(b),
  );
  const unknown = raw.migrationTypes.filter((type) => !INSTANCE_ACTIONS.includes(type as InstanceAction));
  if (unknown.length > 0 || migrationTypes.length === 0)
    problems.all.push(
      `migration_types must be some of ${INSTANCE_ACTIONS.join(', ')}, found ${JSON.stringify(raw.migrationTypes)}`,
    );
  const otherwise = { leadTimeMs: 0, maxInterruptionMs: Number.POSITIVE_INFINITY, migrationTypes };
  const instances: InstanceRule[] = [];
  if (!Array.isArray(raw.instances)) problems.all.push('instances must be a list');
  else
    for (const [index, value] of raw.instances.entries()) {
      const what = `instances[${index}]`;
      const rule = parseRule(value, what, migrationTypes, problems);
      if (!rule) continue;
      instances.push(rule);
      problems.all.push(...contradictions(rule, what, groups, raw.interruptions));
    }
  if (problems.all.length > 0)
    throw new DoctorError('CONFIG_INVALID', `constraints of the VNF manager: ${problems.all.join('; ')}`, {
      details: { reasons: problems.all },
    });
  return { instances, groups, otherwise, interruptions: raw.interruptions };
}

function parseGroups(raw: unknown, problems: Problems): Map<string, GroupConstraints> {
  const groups = new Map<string, GroupConstraints>();
  for (const [name, value] of Object.entries((raw ?? {}) as Record<string, unknown>)) {
    const what = `groups.${name}`;
    const group = problems.shape(GroupSchema, value, what);
    if (!group) continue;
    if (group.max_impacted_members === 0)
      problems.all.push(`${what}: max_impacted_members is 0, so its members could never leave their hosts`);
    groups.set(name, {
      name,
      maxImpactedMembers: group.max_impacted_members ?? Number.POSITIVE_INFINITY,
      recoveryTimeMs: problems.duration(group.recovery_time, 0, `${what}.recovery_time`),
      antiAffinity: group.anti_affinity ?? false,
    });
  }
  return groups;
}

function parseRule(
  value: unknown,
  what: string,
  migrationTypes: readonly InstanceAction[],
  problems: Problems,
): InstanceRule | undefined {
  const rule = problems.shape(InstanceRuleSchema, value, what);
  if (!rule) return undefined;
  return {
    leadTimeMs: problems.duration(rule.lead_time, 0, `${what}.lead_time`),
    maxInterruptionMs: problems.duration(
      rule.max_interruption_time,
      Number.POSITIVE_INFINITY,
      `${what}.max_interruption_time`,
    ),
    migrationTypes: rule.migration_types ?? migrationTypes,
    ...(rule.group === undefined ? {} : { group: rule.group }),
    ...(rule.name === undefined ? {} : { namePattern: rule.name }),
    ...(rule.part === undefined ? {} : { part: rule.part }),
  };
}

function contradictions(
  rule: InstanceRule,
  what: string,
  groups: ReadonlyMap<string, GroupConstraints>,
  interruptions: Interruptions,
): string[] {
  const found: string[] = [];
  if (rule.group !== undefined && !groups.has(rule.group))
    found.push(
      `${what}: there is no group ${rule.group}; there are: ${[...groups.keys()].join(', ') || 'none'}`,
    );
  if (rule.migrationTypes.length > 0 && fitting(rule, interruptions).length === 0)
    found.push(
      `${what}: max_interruption_time is ${rule.maxInterruptionMs} ms, and every one of its migration_types interrupts for longer (${rule.migrationTypes.map((type) => `${type} ${interruptions[type]} ms`).join(', ')})`,
    );
  return found;
}
