import { Type } from 'typebox';
import { MASTERPLAN_STATES, PLANNING_STATES, PRIORITIES, TASK_COMPLEXITIES } from '../../domain/index.ts';
import { MAX_BROUGHT_ENTRIES, MAX_REQUEST_CHARACTERS } from '../../masterplan/index.ts';
import { closed, Instant, JsonObject, named, nullable, oneOf, pageQuery, ref, text, Uuid } from './common.ts';

/** Characters of one file that is brought; larger ones are refused by the atomizer's limits anyway. */
const FILE_MAX = 16_000_000;
const PATH_MAX = 1_000;

/** Some text, not only blanks, no NUL. */
const UserRequest = Type.String({
  minLength: 1,
  maxLength: MAX_REQUEST_CHARACTERS,
  pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$',
  description: 'What to build, in your own words. More belongs into `spec`, `tasks` or `files`.',
});

const BroughtTask = closed({
  name: text({ maxLength: 300, description: 'Unique within the plan; others name it in `depends_on`.' }),
  description: text({ maxLength: 20_000 }),
  language: Type.Optional(text({ maxLength: 50, description: 'Told by the path when left out.' })),
  file_path: text({ maxLength: PATH_MAX, description: 'Relative, `/`-separated.' }),
  code: Type.Optional(Type.String({ maxLength: FILE_MAX, description: 'Draft source.' })),
  tests: Type.Optional(Type.Array(text({ maxLength: 500 }), { maxItems: 200 })),
  depends_on: Type.Optional(
    Type.Array(text({ maxLength: PATH_MAX }), {
      maxItems: MAX_BROUGHT_ENTRIES,
      description: 'Names of other tasks, or file paths of tasks and files.',
    }),
  ),
  priority: Type.Optional(oneOf(PRIORITIES)),
});

const BroughtFile = closed({
  path: text({ maxLength: PATH_MAX, description: 'Relative, `/`-separated.' }),
  content: Type.String({ maxLength: FILE_MAX }),
  encoding: Type.Optional(
    oneOf(['utf-8', 'base64'], { description: 'How `content` is written; base64 keeps any bytes.' }),
  ),
});

const MasterplanConfig = closed({
  provider: Type.Optional(text({ maxLength: 50 })),
  model: Type.Optional(text({ maxLength: 100 })),
  budget_usd: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000 })),
  atom_budget_usd: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1_000_000, description: 'Beyond it the atom goes to a person.' }),
  ),
  wave_budget_usd: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1_000_000, description: 'Beyond it the run pauses.' }),
  ),
  max_attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  review_fraction: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  seed: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  deterministic: Type.Optional(
    Type.Boolean({
      description: 'Ask models at temperature 0 and take answers that were accepted before for the same question.',
    }),
  ),
});

export const CreateMasterplan = closed({
  user_request: UserRequest,
  user_id: Type.Optional(
    text({ maxLength: 255, description: 'The subject of the token unless an admin asks for someone else.' }),
  ),
  session_id: Type.Optional(text({ maxLength: 100 })),
  spec: Type.Optional(Type.Unsafe<unknown>({ description: 'Structured entities for providers that take them.' })),
  tasks: Type.Optional(
    Type.Array(BroughtTask, {
      minItems: 1,
      maxItems: MAX_BROUGHT_ENTRIES,
      description: `A plan of your own: at most ${MAX_BROUGHT_ENTRIES} tasks and files together.`,
    }),
  ),
  files: Type.Optional(
    Type.Array(BroughtFile, {
      minItems: 1,
      maxItems: MAX_BROUGHT_ENTRIES,
      description: `Source of your own: at most ${MAX_BROUGHT_ENTRIES} tasks and files together.`,
    }),
  ),
  config: Type.Optional(MasterplanConfig),
});

export const Masterplan = named(
  'Masterplan',
  Type.Object({
    masterplan_id: Uuid,
    discovery_id: Uuid,
    user_id: Type.String(),
    session_id: Type.String(),
    user_request: Type.String(),
    project_name: Type.String(),
    description: nullable(Type.String()),
    status: oneOf(MASTERPLAN_STATES),
    planning_status: oneOf(PLANNING_STATES),
    provider: nullable(Type.String()),
    model: nullable(Type.String()),
    tech_stack: Type.Record(Type.String(), Type.String()),
    total_phases: Type.Integer(),
    total_milestones: Type.Integer(),
    total_tasks: Type.Integer(),
    total_atoms: Type.Integer(),
    total_waves: Type.Integer(),
    max_parallelism: Type.Integer(),
    graph_id: nullable(Uuid),
    precision_percent: nullable(Type.Number()),
    understood: Type.Array(Type.String(), { description: 'What the planner took from the request.' }),
    assumed: Type.Array(Type.String()),
    left_out: Type.Array(Type.String()),
    checks: Type.Array(closed({ name: Type.String(), directory: Type.String(), toolchain: Type.String() })),
    config: JsonObject,
    created_at: Instant,
    updated_at: Instant,
  }),
);

export const ListMasterplansQuery = closed({
  ...pageQuery,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Entries per page; 50 unless told.' })),
  user_id: Type.Optional(
    text({ maxLength: 255, description: 'For admins: the plans of one user. Others see their own.' }),
  ),
});

export const Task = named(
  'Task',
  Type.Object({
    task_id: Uuid,
    masterplan_id: Uuid,
    task_number: Type.Integer(),
    phase: Type.String(),
    milestone: Type.String(),
    name: Type.String(),
    description: Type.String(),
    file_path: nullable(Type.String()),
    target_files: Type.Array(Type.String()),
    language: nullable(Type.String()),
    task_type: nullable(Type.String()),
    complexity: oneOf(TASK_COMPLEXITIES),
    priority: oneOf(PRIORITIES),
    status: Type.String(),
    depends_on: Type.Array(Uuid),
    acceptance: Type.Array(closed({ text: Type.String(), priority: oneOf(PRIORITIES), test: nullable(Type.String()) })),
    has_draft: Type.Boolean(),
    draft_bytes: Type.Integer(),
  }),
);
export const TaskList = Type.Object(
  { data: Type.Array(ref(Task)), total: Type.Integer() },
  { description: 'All tasks in plan order.' },
);

export const ArtifactQuery = closed({
  format: Type.Optional(oneOf(['zip', 'tar.gz'], { description: '`zip` unless told.' })),
});

export const StageJob = named(
  'StageJob',
  Type.Object({
    job_id: Uuid,
    masterplan_id: Uuid,
    kind: oneOf(['plan', 'decompose', 'build_graph', 'finalize', 'validate']),
    status: oneOf(['queued', 'running', 'completed', 'failed']),
    progress: nullable(closed({ done: Type.Integer(), total: Type.Integer() })),
    error: nullable(closed({ code: Type.String(), message: Type.String() })),
    result_url: nullable(Type.String({ description: 'Where the outcome is read, once completed.' })),
    created_at: Instant,
    updated_at: Instant,
  }),
);
