import { type Static, Type } from '@sinclair/typebox';
import { SeveritySchema } from './fault.js';

/** States of an alarm (Aodh). */
export const ALARM_STATES = ['ok', 'alarm', 'insufficient data'] as const;
export type AlarmState = (typeof ALARM_STATES)[number];
export const AlarmStateSchema = Type.Union(ALARM_STATES.map((state) => Type.Literal(state)));

/** One condition on a trait, `traits.<name>` (or `<name>`), as in Aodh's event rule. */
export const TraitQuerySchema = Type.Object(
  {
    field: Type.String({ minLength: 1, maxLength: 255 }),
    op: Type.Optional(Type.Union(['eq', 'ne', 'lt', 'le', 'gt', 'ge'].map((op) => Type.Literal(op)))),
    value: Type.Union([Type.String({ maxLength: 4096 }), Type.Number(), Type.Boolean()]),
    type: Type.Optional(
      Type.Union(['', 'string', 'integer', 'float', 'boolean', 'datetime'].map((type) => Type.Literal(type))),
    ),
  },
  { additionalProperties: false },
);
export type TraitQuery = Static<typeof TraitQuerySchema>;

/** Body that creates an event alarm: `POST /v2/alarms` of Aodh. */
export const AlarmRequestSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255 }),
    description: Type.Optional(Type.String({ maxLength: 4096 })),
    type: Type.Literal('event'),
    enabled: Type.Optional(Type.Boolean()),
    severity: Type.Optional(SeveritySchema),
    state: Type.Optional(AlarmStateSchema),
    repeat_actions: Type.Optional(Type.Boolean()),
    alarm_actions: Type.Optional(Type.Array(Type.String({ maxLength: 2048 }), { maxItems: 100 })),
    ok_actions: Type.Optional(Type.Array(Type.String({ maxLength: 2048 }), { maxItems: 100 })),
    insufficient_data_actions: Type.Optional(Type.Array(Type.String({ maxLength: 2048 }), { maxItems: 100 })),
    project_id: Type.Optional(Type.String({ maxLength: 255 })),
    user_id: Type.Optional(Type.String({ maxLength: 255 })),
    event_rule: Type.Object(
      {
        /** fnmatch pattern. */
        event_type: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
        query: Type.Optional(Type.Array(TraitQuerySchema, { maxItems: 100 })),
      },
      { additionalProperties: false },
    ),
  },
  { $id: 'AlarmRequest', additionalProperties: true },
);
export type AlarmRequest = Static<typeof AlarmRequestSchema>;

/** An alarm as Aodh's API shows it. */
export interface Alarm {
  alarm_id: string;
  name: string;
  description: string;
  type: 'event';
  enabled: boolean;
  severity: string;
  state: AlarmState;
  state_timestamp: string;
  state_reason?: string;
  timestamp: string;
  repeat_actions: boolean;
  alarm_actions: string[];
  ok_actions: string[];
  insufficient_data_actions: string[];
  project_id: string;
  user_id: string;
  event_rule: { event_type: string; query: TraitQuery[] };
}

/** The body that a fired alarm posts to its actions (Aodh's). Unknown fields pass. */
export const AlarmNotificationSchema = Type.Object(
  {
    alarm_id: Type.String({ minLength: 1 }),
    alarm_name: Type.Optional(Type.String()),
    severity: Type.Optional(Type.String()),
    previous: Type.String(),
    current: Type.String(),
    reason: Type.String(),
    reason_data: Type.Object(
      {
        type: Type.Optional(Type.String()),
        event: Type.Object(
          {
            message_id: Type.Optional(Type.String()),
            event_type: Type.String(),
            generated: Type.Optional(Type.String()),
            traits: Type.Array(Type.Tuple([Type.String(), Type.Integer(), Type.Unknown()])),
          },
          { additionalProperties: true },
        ),
      },
      { additionalProperties: true },
    ),
  },
  { $id: 'AlarmNotification', additionalProperties: true },
);
export type AlarmNotification = Static<typeof AlarmNotificationSchema>;
