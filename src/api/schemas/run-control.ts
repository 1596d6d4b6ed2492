import { Type } from 'typebox';
import { EXECUTION_STATES } from '../../domain/index.ts';
import { closed, Instant, named, nullable, oneOf, text, Uuid } from './common.ts';

export const CancelledMasterplan = named(
  'CancelledMasterplan',
  Type.Object({
    masterplan_id: Uuid,
    stages: Type.Array(Type.String(), { description: 'Stages that waited or ran and were ended.' }),
    execution_id: nullable(Uuid),
  }),
);

export const Rerun = closed({
  dry_run: Type.Optional(
    Type.Boolean({ description: 'True changes nothing and says what would happen. Default false.' }),
  ),
});

export const RerunPreview = named(
  'RerunPreview',
  Type.Object({
    masterplan_id: Uuid,
    execution_id: Uuid,
    dry_run: Type.Boolean(),
    reused: Type.Object({
      atoms: Type.Integer(),
      files: Type.Integer({ description: 'Files that are whole already.' }),
      cost_usd: Type.Number({ description: 'What the accepted atoms have cost.' }),
    }),
    again: Type.Object({
      atoms: Type.Integer(),
      failed: Type.Integer(),
      skipped: Type.Integer(),
      blocked: Type.Integer({ description: 'Depend on one that failed or was skipped.' }),
      pending: Type.Integer({ description: 'Had not begun when the run ended.' }),
      waves: Type.Array(Type.Object({ wave_number: Type.Integer(), atoms: Type.Integer() })),
      first: Type.Array(
        Type.Object({
          atom_id: Uuid,
          name: Type.String(),
          file_path: Type.String(),
          wave_number: nullable(Type.Integer()),
          status: oneOf(['failed', 'skipped', 'blocked', 'pending']),
          attempts: Type.Integer(),
          error_message: nullable(Type.String()),
        }),
        { description: 'The first hundred, failed ones first.' },
      ),
    }),
    cost: Type.Object({
      expected_usd: nullable(Type.Number({ description: 'Null when nothing is known about calls of this provider.' })),
      most_usd: nullable(Type.Number({ description: 'Every attempt of every atom at the highest price seen.' })),
      basis: oneOf(['masterplan', 'provider', 'none'], { description: 'Whose calls the figures come from.' }),
      expected_calls: Type.Integer(),
      budget_usd: Type.Number(),
      used_usd: Type.Number(),
      fits: Type.Boolean({ description: 'Whether the expected cost fits into what is left.' }),
    }),
  }),
);

export const ConcurrencyStatus = named(
  'ConcurrencyStatus',
  Type.Object({
    default_concurrency: Type.Integer({
      description: 'Atoms in flight at most, of an execution that asks for nothing.',
    }),
    providers: Type.Array(
      Type.Object({
        provider: Type.String(),
        limit: Type.Integer({ description: 'Calls that may be out at once, over all workers.' }),
        min: Type.Integer(),
        max: Type.Integer(),
        in_flight: Type.Integer(),
        waiting: Type.Integer(),
        workers: Type.Integer({ description: 'Workers with calls that are out or wait.' }),
        usual_latency_ms: nullable(Type.Number()),
        latency_ms: nullable(Type.Number({ description: 'Mean of the last round that says something.' })),
        error_rate: nullable(Type.Number()),
        held_until: nullable(Type.String({ format: 'date-time', description: 'The API asked for no calls before.' })),
        last_change: nullable(
          Type.Object({
            at: Instant,
            from: Type.Integer(),
            to: Type.Integer(),
            reason: oneOf(['increase', 'rate_limited', 'errors', 'latency']),
          }),
        ),
      }),
      { description: 'One entry per key of a model API that was called within the last hour.' },
    ),
    runs: Type.Array(
      Type.Object({
        execution_id: Uuid,
        masterplan_id: Uuid,
        status: oneOf(EXECUTION_STATES),
        concurrency: Type.Integer({ description: 'Atoms in flight at most, over all workers.' }),
        running: Type.Integer(),
        ready: Type.Integer(),
      }),
      { description: 'Active executions: those of the caller; for admins all.' },
    ),
  }),
);

export const OverrideBudget = closed({
  budget_usd: Type.Number({ minimum: 0, maximum: 1_000_000, description: 'The new hard cap of the masterplan.' }),
  atom_budget_usd: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000 })),
  wave_budget_usd: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000 })),
  reason: text({ minLength: 3, maxLength: 500, description: 'Why; kept in the audit log.' }),
  resume: Type.Optional(Type.Boolean({ description: 'Lets a run go on that the old cap had paused. Default false.' })),
});

export const Budget = named(
  'Budget',
  Type.Object({
    masterplan_id: Uuid,
    previous_usd: Type.Number(),
    budget_usd: Type.Number(),
    used_usd: Type.Number({ description: 'Settled and set aside.' }),
    left_usd: Type.Number(),
    execution_status: nullable(oneOf(EXECUTION_STATES)),
    resumed: Type.Boolean(),
  }),
);
