import { type Static, Type } from '@sinclair/typebox';
import { CHECKPOINTS } from '../bus/index.js';

const Milliseconds = (description: string) => Type.Number({ minimum: 0, description });

const CheckSchema = Type.Object(
  {
    name: Type.String(),
    verdict: Type.Union([Type.Literal('passed'), Type.Literal('failed')]),
    detail: Type.String({ description: 'What was expected and what was seen.' }),
  },
  { additionalProperties: false },
);

const CheckpointsSchema = Type.Partial(
  Type.Object(
    Object.fromEntries(
      Object.entries(CHECKPOINTS).map(([name, doc]) => [name, Type.Number({ description: doc })]),
    ),
    { additionalProperties: false },
  ),
  {
    additionalProperties: false,
    description: 'Milliseconds after T00, of the instance whose owner was notified last.',
  },
);

/** One scenario of a run. */
export const ScenarioResultSchema = Type.Object(
  {
    name: Type.String({ description: 'fault_management, maintenance, or a variant of these.' }),
    verdict: Type.Union([Type.Literal('passed'), Type.Literal('failed'), Type.Literal('skipped')]),
    reason: Type.Union([Type.String(), Type.Null()], {
      description: 'Why it failed or was skipped, else null.',
    }),
    plugins: Type.Record(Type.String(), Type.String(), {
      description: 'Type of the plugin in each role (role names in camel case).',
    }),
    mode: Type.Optional(Type.String({ description: "The inspector's mode: conservative or shortcut." })),
    hosts: Type.Optional(Type.Integer({ minimum: 0, description: 'Compute hosts that took part.' })),
    instances: Type.Optional(Type.Integer({ minimum: 0, description: 'Instances that took part.' })),
    notificationTimeMs: Type.Optional(
      Milliseconds('From the detection of the fault (T01) to the notification of the last owner (T09).'),
    ),
    detectionTimeMs: Type.Optional(Milliseconds('From the cut of the network (T00) to its detection (T01).')),
    checkpoints: Type.Optional(CheckpointsSchema),
    serviceDowntimeMs: Type.Optional(
      Milliseconds('Time in which the service address pointed at no active instance on a host in service.'),
    ),
    messages: Type.Optional(Type.Integer({ minimum: 0, description: 'Maintenance messages exchanged.' })),
    checks: Type.Array(CheckSchema),
  },
  { $id: 'ScenarioResult', additionalProperties: false },
);
export type ScenarioResult = Static<typeof ScenarioResultSchema>;

/** `result.json` of a run, schema 1. */
export const ResultSchema = Type.Object(
  {
    schema: Type.Literal(1),
    runId: Type.String({ minLength: 1 }),
    verdict: Type.Union([Type.Literal('passed'), Type.Literal('failed')]),
    startedAt: Type.String({ description: 'ISO 8601, UTC.' }),
    durationMs: Milliseconds('Of the whole run, clean-up included.'),
    versions: Type.Object(
      { doctor: Type.String(), node: Type.String() },
      { additionalProperties: Type.String() },
    ),
    cloud: Type.Union([Type.Literal('embedded'), Type.Literal('openstack')]),
    scenarios: Type.Array(ScenarioResultSchema),
  },
  { title: 'Result of a Doctor run', additionalProperties: false },
);
export type Result = Static<typeof ResultSchema>;
