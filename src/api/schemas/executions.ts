import { Type } from 'typebox';
import { EXECUTION_STATES, WAVE_STATES } from '../../domain/index.ts';
import { closed, Instant, JsonObject, named, nullable, oneOf, pageQuery, text, Uuid } from './common.ts';

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

export const executionFields = {
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

export const ResultsQuery = closed(pageQuery);
export const PrecisionReport = JsonObject;
