import { Type } from 'typebox';
import { CHECK_OUTCOMES, VALIDATION_LEVELS } from '../../domain/index.ts';
import { ValidationResult } from './atoms.ts';
import { closed, named, nullable, oneOf, ref, text, Uuid } from './common.ts';

/** Atoms of one call: their checks are one answer. */
export const BATCH_MAX = 100;
const PATH_MAX = 1_000;

export const ValidateModule = closed({
  file_path: text({ maxLength: PATH_MAX, description: 'Path of the file in the project.' }),
});

export const ValidateComponent = closed({
  folder: Type.Optional(
    text({ maxLength: PATH_MAX, description: 'The files that stand in this folder; `.` for the project’s own.' }),
  ),
  milestone_id: Type.Optional({ ...Uuid, description: 'The files of the tasks of this milestone.' }),
});

export const ValidateBatch = closed({
  masterplan_id: Uuid,
  atom_ids: Type.Array(Uuid, { minItems: 1, maxItems: BATCH_MAX, uniqueItems: true }),
});

export const LevelReport = named(
  'LevelReport',
  Type.Object({
    level: oneOf(VALIDATION_LEVELS),
    scope: Type.String({ description: 'File (levels 1 and 2), folder or `milestone:` with its id (3), `.` (4).' }),
    atom_id: nullable(Uuid),
    accepted: Type.Boolean({ description: 'All that was looked at is accepted text; otherwise drafts stand in.' }),
    outcome: oneOf(CHECK_OUTCOMES),
    passed: Type.Boolean(),
    score: nullable(Type.Number({ description: '0 to 1 over the checks that ran; null when none did.' })),
    checks: Type.Array(ref(ValidationResult), { description: 'In the order in which they ran.' }),
  }),
);

export const ValidationRun = named(
  'ValidationRun',
  Type.Object({
    job_id: Uuid,
    masterplan_id: Uuid,
    outcome: oneOf(CHECK_OUTCOMES, { description: '`failed` when any report failed, `passed` when all did.' }),
    reports: Type.Array(ref(LevelReport)),
  }),
);
