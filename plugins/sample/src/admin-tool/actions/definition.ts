import { DoctorError, type Static, Type } from '@nfv-doctor/core/plugin-api';
import { Value } from '@sinclair/typebox/value';

const common = {
  phase: Type.Optional(Type.Union([Type.Literal('pre'), Type.Literal('host'), Type.Literal('post')])),
  safe_to_enable_after_failure: Type.Optional(Type.Boolean()),
  /** ms, or with a unit: `5 min`. */
  timeout: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.String({ minLength: 1 })])),
};
const DurationSchema = Type.Union([Type.Integer({ minimum: 0 }), Type.String({ minLength: 1 })]);

/** One entry of `admin_tool.actions`. */
export const ActionDefinitionSchema = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('command'),
      /** For /bin/sh; gets DOCTOR_HOST, DOCTOR_SESSION, DOCTOR_PHASE and DOCTOR_ACTION_KEY. */
      command: Type.String({ minLength: 1 }),
      /** Run it on the host (or `address`) over SSH instead of here. */
      ssh: Type.Optional(
        Type.Object(
          {
            user: Type.Optional(Type.String({ minLength: 1 })),
            /** `{host}` stands for the host's name; default `{host}`. */
            address: Type.Optional(Type.String({ minLength: 1 })),
            port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
            key_file: Type.Optional(Type.String({ minLength: 1 })),
            known_hosts_file: Type.Optional(Type.String({ minLength: 1 })),
          },
          { additionalProperties: false },
        ),
      ),
      ...common,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('none'), duration: Type.Optional(DurationSchema), ...common },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('module'),
      /** File or package whose default export makes an ActionPlugin. */
      module: Type.String({ minLength: 1 }),
      options: Type.Optional(Type.Unknown()),
      ...common,
    },
    { additionalProperties: false },
  ),
]);
export type ActionDefinition = Static<typeof ActionDefinitionSchema>;

const KINDS = ['command', 'none', 'module'] as const;

/** @throws DoctorError CONFIG_INVALID that names the option */
export function parseActions(config: unknown): Map<string, ActionDefinition> {
  const all = Object.entries((config ?? {}) as Record<string, unknown>);
  return new Map(
    all.map(([name, value]) => {
      const problem = problemOf(value);
      if (problem)
        throw new DoctorError('CONFIG_INVALID', `admin_tool.actions.${name}${problem}`, {
          details: { key: `admin_tool.actions.${name}` },
        });
      return [name, value as ActionDefinition];
    }),
  );
}

function problemOf(value: unknown): string | undefined {
  const kind = (value as { kind?: unknown } | null)?.kind;
  const index = KINDS.findIndex((each) => each === kind);
  const schema = ActionDefinitionSchema.anyOf[index];
  if (!schema) return `.kind must be one of ${KINDS.join(', ')}, found ${JSON.stringify(kind)}`;
  const error = Value.Errors(schema, value).First();
  return error ? `${error.path.replaceAll('/', '.')}: ${error.message}` : undefined;
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/** ms of `5 min`, `300ms` or a number of ms. @throws DoctorError CONFIG_INVALID */
export function durationMs(value: number | string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === 'number') return value;
  const [, amount, unit = 'ms'] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)?\s*$/i.exec(value) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (amount === undefined || factor === undefined)
    throw new DoctorError('CONFIG_INVALID', `"${value}" is no duration; write 500ms, 30 s, 5 min or 1 h`);
  return Number(amount) * factor;
}
