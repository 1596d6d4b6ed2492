import { Type } from 'typebox';
import { EXECUTION_STATES } from '../../domain/index.ts';
import { ACTIVITY_WINDOWS } from '../../db/queries/active-users.ts';
import { closed, Instant, JsonObject, named, nullable, oneOf, PAGE_LIMIT_MAX, text, Uuid } from './common.ts';

export const RecentQuery = closed({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_LIMIT_MAX, description: 'How many; 20 unless told.' })),
});
export const DEFAULT_RECENT = 20;

export const RecentExecutions = named(
  'RecentExecutions',
  Type.Object({
    data: Type.Array(
      Type.Object({
        execution_id: Uuid,
        masterplan_id: Uuid,
        project_name: Type.String(),
        user_id: Type.String(),
        status: oneOf(EXECUTION_STATES),
        provider: Type.String(),
        atoms_total: Type.Integer(),
        atoms_succeeded: Type.Integer(),
        precision_percent: nullable(Type.Number()),
        total_cost_usd: Type.Number(),
        total_time_seconds: Type.Number({ description: 'Time spent running, without pauses.' }),
        started_at: nullable(Instant),
        completed_at: nullable(Instant),
      }),
    ),
    total: Type.Integer({ description: 'Entries shown.' }),
  }),
);

export const RecentPrecision = named(
  'RecentPrecision',
  Type.Object({
    overall_percent: nullable(
      Type.Number({ description: 'Mean over the runs that have a precision; null when none has.' }),
    ),
    data: Type.Array(
      Type.Object({
        execution_id: Uuid,
        masterplan_id: Uuid,
        status: oneOf(EXECUTION_STATES),
        provider: Type.String(),
        precision_percent: nullable(Type.Number()),
        completed_at: nullable(Instant),
      }),
    ),
    total: Type.Integer({ description: 'Entries shown.' }),
  }),
);

export const ActiveUsers = named(
  'ActiveUsers',
  Type.Object({
    as_of: Instant,
    active_users: Type.Object(
      Object.fromEntries(Object.keys(ACTIVITY_WINDOWS).map((window) => [window, Type.Integer()])) as Record<
        keyof typeof ACTIVITY_WINDOWS,
        ReturnType<typeof Type.Integer>
      >,
      { description: 'Different users with an authenticated request within each window.' },
    ),
  }),
);

export const Maintenance = named(
  'Maintenance',
  Type.Object({
    enabled: Type.Boolean(),
    message: nullable(Type.String()),
    until: nullable(Instant),
    since: nullable(Instant),
    by: nullable(Type.String()),
  }),
);

export const SetMaintenance = closed({
  enabled: Type.Boolean(),
  message: Type.Optional(text({ maxLength: 500, description: 'What clients are told.' })),
  until: Type.Optional(
    Type.String({ format: 'date-time', description: 'When it is expected to end: what Retry-After says.' }),
  ),
});

export const AuditEntry = named(
  'AuditEntry',
  Type.Object({
    audit_id: Type.Integer(),
    at: Instant,
    actor: Type.String(),
    action: Type.String(),
    subject: Type.String(),
    details: JsonObject,
  }),
);
