import { Type } from 'typebox';
import { ATOM_STATES, EXECUTION_STATES, WAVE_STATES } from '../../domain/index.ts';
import { closed, Instant, named, nullable, oneOf, Page, pageQuery, ref, text, Uuid } from './common.ts';

export const StartExecution = closed({
  masterplan_id: Uuid,
  max_waves: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description: 'Waves to work on before it waits; all unless told. Starting again continues.',
    }),
  ),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'Atoms in flight at once.' })),
});

export const ExecutionReason = closed({
  reason: Type.Optional(text({ maxLength: 500, description: 'Shown as `paused_reason`.' })),
});

const ExecutionWave = Type.Object({
  wave_number: Type.Integer(),
  total_atoms: Type.Integer(),
  completed_atoms: Type.Integer(),
  failed_atoms: Type.Integer(),
  status: oneOf(WAVE_STATES),
  started_at: nullable(Instant),
  completed_at: nullable(Instant),
});

const executionFields = {
  execution_id: Uuid,
  masterplan_id: Uuid,
  status: oneOf(EXECUTION_STATES),
  paused_reason: nullable(Type.String()),
  current_wave: Type.Integer({ description: 'The first wave that has not ended; 0 before the first atom.' }),
  total_waves: Type.Integer(),
  wave_limit: nullable(Type.Integer({ description: 'Highest wave that may be worked on; null = all.' })),
  atoms_total: Type.Integer(),
  atoms_completed: Type.Integer({ description: 'Succeeded and failed.' }),
  atoms_succeeded: Type.Integer(),
  atoms_failed: Type.Integer(),
  atoms_blocked: Type.Integer(),
  atoms_running: Type.Integer(),
  atoms_ready: Type.Integer(),
  completion_percent: Type.Number(),
  precision_percent: nullable(Type.Number()),
  provider: Type.String(),
  model: nullable(Type.String()),
  total_cost_usd: Type.Number(),
  total_time_seconds: Type.Number({ description: 'Time spent running, without pauses.' }),
  started_by: Type.String(),
  created_at: Instant,
  started_at: nullable(Instant),
  completed_at: nullable(Instant),
  waves: Type.Array(ExecutionWave),
};

export const Execution = named('Execution', Type.Object(executionFields));

export const ExecutionWaves = Type.Object(
  { data: Type.Array(ExecutionWave), total: Type.Integer() },
  { description: 'All waves in order.' },
);

export const AtomOutcome = named(
  'AtomOutcome',
  Type.Object({
    atom_id: Uuid,
    atom_number: Type.Integer(),
    name: Type.String(),
    file_path: Type.String(),
    line_start: Type.Integer(),
    line_end: Type.Integer(),
    symbol_path: Type.String(),
    wave_number: nullable(Type.Integer()),
    status: oneOf(ATOM_STATES),
    attempts: Type.Integer(),
    confidence: nullable(Type.Number()),
    provider: nullable(Type.String()),
    model: nullable(Type.String()),
    accepted_by: nullable(Type.String()),
    accepted_sha256: nullable(Type.String()),
    needs_review: Type.Boolean(),
    error_message: nullable(Type.String()),
  }),
);

/** weight, score (0 to 1, null when nothing of it ran), ran, passed, not_run, why. */
const PrecisionPart = nullable(
  Type.Object({
    weight: Type.Number(),
    score: nullable(Type.Number()),
    ran: Type.Integer(),
    passed: Type.Integer(),
    not_run: Type.Integer(),
    why: Type.Array(Type.String()),
  }),
);

export const Precision = named(
  'Precision',
  Type.Object(
    {
      percent: nullable(Type.Number({ description: 'Null until the run has ended.' })),
      accepted_percent: nullable(Type.Number({ description: 'Accepted among the atoms that have ended.' })),
      spec_conformance: PrecisionPart,
      integration_pass: PrecisionPart,
      validation_pass: PrecisionPart,
      provider: Type.String(),
    },
    { description: 'Weighted mean of the parts that ran. Not run is in no score.' },
  ),
);

export const ExecutionOutcome = named(
  'ExecutionOutcome',
  Type.Object({
    ...executionFields,
    precision: ref(Precision),
    atoms: Type.Array(ref(AtomOutcome)),
    page: ref(Page),
    artifact_url: Type.String(),
  }),
);

export const ResultsQuery = closed({ ...pageQuery, status: Type.Optional(oneOf(ATOM_STATES)) });
