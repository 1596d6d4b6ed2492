/** What a client may ask for, and the checks that need no plan. */
import { type FieldProblem, MgeError, type Priority } from '../domain/index.ts';
import { isStorable } from './storable.ts';

/** A task of a plan that the client brings. */
export interface BroughtTask {
  readonly name: string;
  readonly description: string;
  /** Language id; found from the path and the code where it is missing. */
  readonly language?: string;
  readonly file_path: string;
  /** The file as the client wants it; without it the provider writes it. */
  readonly code?: string;
  /** Names of tests that prove the task, as their runner reports them. */
  readonly tests?: readonly string[];
  /** File paths or names of other tasks. */
  readonly depends_on?: readonly string[];
  /** Default `must`. */
  readonly priority?: Priority;
}

/** A file that is there already. */
export interface BroughtFile {
  readonly path: string;
  readonly content: string;
  /** How \`content\` carries the bytes; default \`utf-8\`. */
  readonly encoding?: 'utf-8' | 'base64';
}

/** How the plan is executed; what is missing comes from the service. */
export interface MasterplanConfig {
  readonly provider?: string;
  readonly model?: string;
  /** US dollars. */
  readonly budget_usd?: number;
  /** US dollars that one atom may cost in all; beyond it the atom goes to a person. Default: no limit of its own. */
  readonly atom_budget_usd?: number;
  /** US dollars that the atoms of one wave may cost in all; beyond it the run pauses. Default: no limit of its own. */
  readonly wave_budget_usd?: number;
  /** Attempts per atom, 1 to 10; default 4. */
  readonly max_attempts?: number;
  /** Atoms in flight at once, 1 to 1000. */
  readonly concurrency?: number;
  /** Share of the atoms that go to review, 0 to 1; default 0.18. */
  readonly review_fraction?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Ask models at temperature 0 and take answers that were accepted before for the same question; default false. */
  readonly deterministic?: boolean;
}

export interface CreateMasterplanInput {
  /** What to build, in plain words: 1 to 20,000 characters. */
  readonly userRequest: string;
  readonly userId: string;
  readonly sessionId: string;
  /** Entities in a structured form, for providers that take them. */
  readonly spec?: unknown;
  readonly tasks?: readonly BroughtTask[];
  readonly files?: readonly BroughtFile[];
  readonly config?: MasterplanConfig;
}

export const MAX_REQUEST_CHARACTERS = 20_000;
const MAX_USER_ID = 255;
const MAX_SESSION_ID = 100;

function textProblem(text: unknown, max: number): string | null {
  if (typeof text !== 'string' || text.trim() === '') return 'must not be empty';
  if (!isStorable(text)) return 'must not hold NUL or half of a surrogate pair';
  return text.length > max ? `must have at most ${max} characters` : null;
}

interface Range {
  readonly name: keyof MasterplanConfig;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

const RANGES: readonly Range[] = [
  { name: 'budget_usd', min: 0, max: 1_000_000, whole: false },
  { name: 'atom_budget_usd', min: 0, max: 1_000_000, whole: false },
  { name: 'wave_budget_usd', min: 0, max: 1_000_000, whole: false },
  { name: 'max_attempts', min: 1, max: 10, whole: true },
  { name: 'concurrency', min: 1, max: 1_000, whole: true },
  { name: 'review_fraction', min: 0, max: 1, whole: false },
  { name: 'seed', min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
];

const CONFIG_MEMBERS = ['provider', 'model', 'deterministic', ...RANGES.map((range) => range.name)];

function rangeProblem(value: unknown, { min, max, whole }: Range): string | null {
  const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
  return fits ? null : `must be ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`;
}

function configProblems(config: MasterplanConfig): FieldProblem[] {
  const unknown = Object.keys(config).filter((name) => !CONFIG_MEMBERS.includes(name));
  const problems = unknown.map((name) => ({
    pointer: `/config/${name}`,
    detail: `unknown; known are ${CONFIG_MEMBERS.join(', ')}`,
  }));
  for (const range of RANGES) {
    const value = config[range.name];
    const detail = value === undefined ? null : rangeProblem(value, range);
    if (detail !== null) problems.push({ pointer: `/config/${range.name}`, detail });
  }
  if (config.deterministic !== undefined && typeof config.deterministic !== 'boolean')
    problems.push({ pointer: '/config/deterministic', detail: 'must be true or false' });
  for (const name of ['provider', 'model'] as const) {
    const detail = config[name] === undefined ? null : textProblem(config[name], 100);
    if (detail !== null) problems.push({ pointer: `/config/${name}`, detail });
  }
  return problems;
}

/**
 * Checks the parts of a request that need no plan.
 * @throws {MgeError} LIMIT_EXCEEDED for a request that is too long, VALIDATION_FAILED for everything else, with a pointer each.
 */
export function checkInput(input: CreateMasterplanInput): void {
  if (input.userRequest.length > MAX_REQUEST_CHARACTERS) {
    throw new MgeError(
      'LIMIT_EXCEEDED',
      `The request has ${input.userRequest.length} characters; at most ${MAX_REQUEST_CHARACTERS} are read. Put structure into "spec" or "tasks".`,
      { fields: [{ pointer: '/user_request', detail: `must have at most ${MAX_REQUEST_CHARACTERS} characters` }] },
    );
  }
  const texts = [
    { pointer: '/user_request', detail: textProblem(input.userRequest, MAX_REQUEST_CHARACTERS) },
    { pointer: '/user_id', detail: textProblem(input.userId, MAX_USER_ID) },
    { pointer: '/session_id', detail: textProblem(input.sessionId, MAX_SESSION_ID) },
  ];
  const problems = texts.flatMap(({ pointer, detail }) => (detail === null ? [] : [{ pointer, detail }]));
  refuse([...problems, ...configProblems(input.config ?? {})], 'The request for a masterplan');
}

/** Throws VALIDATION_FAILED when there are problems. */
export function refuse(problems: readonly FieldProblem[], what: string): void {
  const [first] = problems;
  if (first === undefined) return;
  const more = problems.length > 1 ? ` and ${problems.length - 1} more` : '';
  throw new MgeError('VALIDATION_FAILED', `${what} is not valid: ${first.pointer} ${first.detail}${more}.`, {
    fields: problems,
  });
}
