import { Type, type Static } from 'typebox';
import { LANGUAGE_IDS } from '../../adapters/parser/index.ts';
import { PRIORITIES, TASK_COMPLEXITIES } from '../../domain/index.ts';

/** A plan as models write it. Every member is required and nothing else is allowed: what structured output asks for. */
const closed = { additionalProperties: false };
const oneOf = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values] });
const texts = Type.Array(Type.String());

const Criterion = Type.Object(
  {
    text: Type.String(),
    priority: oneOf(PRIORITIES),
    test: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  },
  closed,
);

const WireTask = Type.Object(
  {
    key: Type.String(),
    name: Type.String(),
    description: Type.String(),
    file_path: Type.String(),
    language: oneOf(LANGUAGE_IDS),
    task_type: oneOf(['code', 'test', 'config', 'docs']),
    complexity: oneOf(TASK_COMPLEXITIES),
    priority: oneOf(PRIORITIES),
    depends_on: texts,
    acceptance: Type.Array(Criterion),
  },
  closed,
);

const Milestone = Type.Object({ name: Type.String(), description: Type.String(), tasks: Type.Array(WireTask) }, closed);
const Phase = Type.Object(
  { name: oneOf(['setup', 'core', 'polish']), description: Type.String(), milestones: Type.Array(Milestone) },
  closed,
);

export const WirePlan = Type.Object(
  {
    project_name: Type.String(),
    description: Type.String(),
    architecture_style: Type.String(),
    tech_stack: Type.Array(Type.Object({ part: Type.String(), technology: Type.String() }, closed)),
    phases: Type.Array(Phase),
    understood: texts,
    assumed: texts,
    left_out: texts,
  },
  closed,
);

export type WirePlan = Static<typeof WirePlan>;
export type WireTask = Static<typeof WireTask>;
