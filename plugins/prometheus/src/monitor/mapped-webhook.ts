import {
  DoctorError,
  type Intake,
  type ReceivedFault,
  SEVERITIES,
  type Static,
  Type,
} from '@nfv-doctor/core/plugin-api';
import { Value } from '@sinclair/typebox/value';
import jsonata from 'jsonata';

/** What the expression of a mapping must give for each event. */
const MappedSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 255 }),
    status: Type.Union([Type.Literal('down'), Type.Literal('up')]),
    kind: Type.Optional(Type.Union([Type.Literal('host'), Type.Literal('nic')])),
    severity: Type.Optional(Type.Union(SEVERITIES.map((severity) => Type.Literal(severity)))),
    cause: Type.Optional(Type.String({ maxLength: 4096 })),
    time: Type.Optional(Type.String({ maxLength: 64 })),
    id: Type.Optional(Type.String({ maxLength: 255 })),
  },
  { additionalProperties: false },
);

/** A webhook of one's own (Zabbix, Nagios, ...): its path, and a JSONata expression that makes events of its body. */
export interface WebhookMapping {
  path: string;
  expression: string;
}

/** JSONata stops an expression that takes longer, or nests deeper. */
const MAX_MS = 1_000;
const MAX_DEPTH = 200;

/** @throws DoctorError CONFIG_INVALID when the expression is not JSONata */
export function mappedIntake({ path, expression }: WebhookMapping, key: string): Intake {
  const compiled = compile(expression, key);
  return {
    path,
    async read(body) {
      const result = await evaluate(compiled, body, path);
      const events = result === undefined ? [] : Array.isArray(result) ? result : [result];
      return events.map((event, index) => checked(event, path, index));
    },
  };
}

function compile(expression: string, key: string) {
  try {
    return jsonata(expression);
  } catch (error) {
    const { message, position } = error as { message: string; position?: number };
    throw new DoctorError(
      'CONFIG_INVALID',
      `${key}: is no JSONata expression: ${message} (at ${position ?? '?'})`,
    );
  }
}

async function evaluate(
  expression: ReturnType<typeof jsonata>,
  body: unknown,
  path: string,
): Promise<unknown> {
  const deadline = performance.now() + MAX_MS;
  let depth = 0;
  const step = (change: number) => () => {
    depth += change;
    if (depth > MAX_DEPTH || performance.now() > deadline)
      throw new Error('takes too long or nests too deep');
  };
  expression.assign(Symbol.for('jsonata.__evaluate_entry') as never, step(1));
  expression.assign(Symbol.for('jsonata.__evaluate_exit') as never, step(-1));
  try {
    return await expression.evaluate(body);
  } catch (error) {
    throw new DoctorError(
      'INPUT_INVALID',
      `body: the mapping of ${path} cannot read it: ${(error as Error).message}`,
      {
        details: { field: 'body' },
      },
    );
  }
}

function checked(event: unknown, path: string, index: number): ReceivedFault {
  if (Value.Check(MappedSchema, event)) {
    const mapped = event as Static<typeof MappedSchema>;
    return { ...mapped, kind: mapped.kind ?? 'host' } as ReceivedFault;
  }
  const first = Value.Errors(MappedSchema, event).First();
  const field = first?.path ? first.path.slice(1) : 'event';
  throw new DoctorError(
    'INPUT_INVALID',
    `body: the mapping of ${path} gave event ${index} whose ${field} is wrong: ${first?.message ?? 'not an object'}`,
    { details: { field } },
  );
}
