import { Type } from 'typebox';
import { ATOM_STATES, CHECK_OUTCOMES, DEPENDENCY_TYPES, REVIEW_STATES, VALIDATION_LEVELS } from '../../domain/index.ts';
import { closed, Instant, JsonObject, named, nullable, oneOf, pageQuery, ref, text, Uuid } from './common.ts';

export const MasterplanRef = closed({ masterplan_id: Uuid });

export const Decomposition = named(
  'Decomposition',
  Type.Object({
    masterplan_id: Uuid,
    total_atoms: Type.Integer(),
    atoms_count: Type.Integer({ description: 'The same as `total_atoms`.' }),
    total_tasks: Type.Integer(),
    stats: Type.Object({
      avg_loc: Type.Number(),
      max_loc: Type.Integer(),
      avg_complexity: Type.Number(),
      avg_context_completeness: Type.Number(),
      avg_atomicity_score: Type.Number(),
      needs_review_count: Type.Integer(),
      by_language: Type.Record(Type.String(), Type.Integer()),
    }),
  }),
);

const atomFields = {
  atom_id: Uuid,
  masterplan_id: Uuid,
  task_id: nullable(Uuid),
  atom_number: Type.Integer(),
  name: Type.String(),
  description: Type.String(),
  role: Type.String(),
  symbol_path: Type.String(),
  parent_atom_id: nullable(Uuid),
  file_path: Type.String(),
  file_ordinal: Type.Integer(),
  language: Type.String(),
  line_start: Type.Integer(),
  line_end: Type.Integer(),
  loc: Type.Integer(),
  complexity: Type.Number(),
  atomicity_score: Type.Number(),
  is_atomic: Type.Boolean(),
  context_completeness: Type.Number(),
  status: oneOf(ATOM_STATES),
  wave_number: nullable(Type.Integer()),
  attempts: Type.Integer(),
  max_attempts: Type.Integer(),
  confidence_score: nullable(Type.Number()),
  needs_review: Type.Boolean(),
  accepted_provider: nullable(Type.String({ description: 'Who made the accepted text.' })),
  error_message: nullable(Type.String()),
};

export const Atom = named('Atom', Type.Object(atomFields));

export const AtomEdge = named(
  'AtomEdge',
  Type.Object({
    atom_id: Uuid,
    name: Type.String(),
    file_path: Type.String(),
    wave_number: nullable(Type.Integer()),
    status: oneOf(ATOM_STATES),
    dependency_type: oneOf(DEPENDENCY_TYPES),
    strength: Type.Number(),
    reason: Type.String(),
    cut: nullable(Type.String({ description: 'Why the edge was left out of the ordering, where it was.' })),
  }),
);

export const ValidationResult = named(
  'ValidationResult',
  Type.Object({
    validation_id: Uuid,
    masterplan_id: Uuid,
    execution_id: nullable(Uuid),
    atom_id: nullable(Uuid),
    scope: Type.String(),
    attempt_number: nullable(Type.Integer()),
    validation_level: oneOf(VALIDATION_LEVELS),
    level_number: Type.Integer(),
    test_type: Type.String(),
    outcome: oneOf(CHECK_OUTCOMES),
    passed: Type.Boolean(),
    reason: nullable(Type.String({ description: 'Why it did not run.' })),
    test_output: nullable(Type.String()),
    error_details: nullable(JsonObject),
    execution_time_ms: Type.Integer(),
    created_at: Instant,
  }),
);

const Attempt = Type.Object({
  attempt_number: Type.Integer(),
  temperature: Type.Number(),
  provider: Type.String(),
  model: nullable(Type.String()),
  success: Type.Boolean(),
  error_message: nullable(Type.String()),
  error_analysis: nullable(JsonObject),
  tokens_used: Type.Integer(),
  cost_usd: Type.Number(),
  duration_ms: Type.Integer(),
  created_at: Instant,
});

const Code = Type.Object({
  text: Type.String(),
  base64: nullable(Type.String({ description: 'The exact bytes, where text would lose something.' })),
});

export const AtomDetail = named(
  'AtomDetail',
  Type.Object({
    ...atomFields,
    start_byte: Type.Integer(),
    end_byte: Type.Integer(),
    draft: Code,
    accepted: nullable(Code),
    accepted_sha256: nullable(Type.String()),
    accepted_model: nullable(Type.String()),
    accepted_by: nullable(Type.String()),
    context: JsonObject,
    atomicity_violations: Type.Array(JsonObject),
    dependencies: Type.Array(ref(AtomEdge)),
    dependents: Type.Array(ref(AtomEdge)),
    validations: Type.Array(ref(ValidationResult), { description: 'The newest 50 checks.' }),
    attempt_history: Type.Array(Attempt),
    review: nullable(
      Type.Object({
        review_id: Uuid,
        status: oneOf(REVIEW_STATES),
        priority: Type.Integer(),
        resolution: nullable(Type.String()),
      }),
    ),
    created_at: Instant,
    started_at: nullable(Instant),
    completed_at: nullable(Instant),
  }),
);

export const ListAtomsQuery = closed({
  ...pageQuery,
  masterplan_id: Uuid,
  task_id: Type.Optional(Uuid),
  wave: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  status: Type.Optional(oneOf(ATOM_STATES)),
  file_path: Type.Optional(text({ maxLength: 1_000 })),
  needs_review: Type.Optional(Type.Boolean()),
});

export const ListValidationsQuery = closed({
  ...pageQuery,
  atom_id: Type.Optional(Uuid),
  execution_id: Type.Optional(Uuid),
  level: Type.Optional(oneOf(VALIDATION_LEVELS)),
  outcome: Type.Optional(oneOf(CHECK_OUTCOMES)),
  scope: Type.Optional(text({ maxLength: 1_000 })),
  job_id: Type.Optional(Uuid),
});

export const AtomDependencies = Type.Object(
  { atom_id: Uuid, dependencies: Type.Array(ref(AtomEdge)), dependents: Type.Array(ref(AtomEdge)) },
  { description: 'What the atom needs and what needs it.' },
);
