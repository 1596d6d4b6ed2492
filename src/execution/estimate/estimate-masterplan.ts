import { sql } from 'drizzle-orm';
import type { ProviderLookup } from '../../adapters/llm/provider.ts';
import { MgeError } from '../../domain/index.ts';
import { defaultsOf, type ExecutionDeps } from '../deps.ts';
import { rowsOf } from '../statements/json-rows.ts';
import { attemptHistory } from './attempt-history.ts';
import { simulateRun, type AttemptModel, type SimulatedPlan, type SimulatedRun } from './simulate-run.ts';

/** A middle value with the range that nine of ten runs should fall into. */
export interface Expected {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}

/** What a masterplan will take, before it is started. */
export interface MasterplanEstimate {
  readonly masterplanId: string;
  readonly provider: string;
  readonly model: string | null;
  readonly atoms: number;
  readonly waves: number;
  readonly concurrency: number;
  /** Answers that have to be paid for. */
  readonly answers: Expected;
  readonly costUsd: Expected;
  readonly seconds: Expected;
  readonly budgetUsd: number;
  readonly fitsBudget: boolean;
  /** What it rests on. */
  readonly basis: {
    readonly draftAttempts: number;
    readonly answerAttempts: number;
    readonly draftPassRate: number;
    readonly answerPassRate: number;
    readonly usdPerAnswer: number;
    /** Sentences about what had to be assumed. */
    readonly assumed: readonly string[];
  };
}

const RUNS = 25;
const LEAST_RUNS = 5;
/** Atoms that are simulated in all. */
const ATOMS_IN_ALL = 250_000;

interface PlanRow {
  readonly provider: string | null;
  readonly config: Record<string, unknown>;
  readonly waves: number;
  readonly graph_id: string | null;
  readonly decomposed: boolean;
}

/**
 * Plays the run of a masterplan through 25 times, with what earlier attempts of its provider took. Atoms that are accepted already are
 * left out.
 * @throws {MgeError} NOT_FOUND, NOT_DECOMPOSED, GRAPH_NOT_BUILT, REQUEST_NOT_SERVED for a provider that is not configured.
 */
export async function estimateMasterplan(
  deps: ExecutionDeps & { readonly providers: ProviderLookup },
  masterplanId: string,
): Promise<MasterplanEstimate> {
  const plan = await readPlan(deps, masterplanId);
  const defaults = defaultsOf(deps);
  const text = (key: string) => (typeof plan.config[key] === 'string' ? plan.config[key] : null);
  const number = (key: string, fallback: number) =>
    typeof plan.config[key] === 'number' ? plan.config[key] : fallback;
  const provider = deps.providers(text('provider') ?? plan.provider ?? defaults.provider, text('model'));
  const history = await attemptHistory(deps.db, provider.name, text('model'), provider.expectedUsd?.() ?? 0);
  const atoms = await readAtoms(deps, masterplanId);
  const concurrency = number('concurrency', defaults.concurrency);
  const model = { ...history.model, maxAttempts: number('max_attempts', defaults.maxAttempts) };
  const random = seeded(masterplanId);
  const runs = await simulate(atoms, model, concurrency, random);
  const costUsd = rangeOf(runs.map((run) => run.usd));
  const budgetUsd = number('budget_usd', defaults.budgetUsd);
  return {
    masterplanId,
    provider: provider.name,
    model: text('model') ?? provider.model,
    atoms: atoms.hasDraft.length,
    waves: plan.waves,
    concurrency,
    answers: rangeOf(runs.map((run) => run.answers)),
    costUsd,
    seconds: rangeOf(runs.map((run) => run.seconds)),
    budgetUsd,
    fitsBudget: costUsd.high <= budgetUsd,
    basis: {
      draftAttempts: history.drafts,
      answerAttempts: history.answers,
      draftPassRate: model.draftPasses,
      answerPassRate: model.answerPasses,
      usdPerAnswer: model.usdPerAnswer,
      assumed: assumptions(history.drafts, history.answers, atoms),
    },
  };
}

/** Fewer runs of large plans, whose chance evens out, and a pause for others after each: the API answers meanwhile. */
async function simulate(
  atoms: SimulatedPlan,
  model: AttemptModel,
  concurrency: number,
  random: () => number,
): Promise<SimulatedRun[]> {
  const count = Math.max(LEAST_RUNS, Math.min(RUNS, Math.floor(ATOMS_IN_ALL / Math.max(1, atoms.hasDraft.length))));
  const runs: SimulatedRun[] = [];
  for (let n = 0; n < count; n += 1) {
    runs.push(simulateRun(atoms, model, concurrency, random));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return runs;
}

async function readPlan(deps: ExecutionDeps, masterplanId: string): Promise<PlanRow> {
  const [plan] = await rowsOf<PlanRow>(
    deps.db,
    sql`select provider, config, total_waves as waves, graph_id,
          exists (select 1 from atomic_units a where a.masterplan_id = m.masterplan_id) as decomposed
        from masterplans m where masterplan_id = ${masterplanId}::uuid and deleted_at is null`,
  );
  if (!plan) throw new MgeError('NOT_FOUND', `There is no masterplan ${masterplanId}.`);
  if (!plan.decomposed)
    throw new MgeError(
      'NOT_DECOMPOSED',
      `Masterplan ${masterplanId} has no atoms yet: POST /api/v2/atomization/decompose, then build its graph.`,
    );
  if (plan.graph_id === null)
    throw new MgeError('GRAPH_NOT_BUILT', `Masterplan ${masterplanId} has no graph yet: POST /api/v2/graphs/build.`);
  return plan;
}

/** The atoms that are not accepted yet, with the dependencies among them. */
async function readAtoms(deps: ExecutionDeps, masterplanId: string): Promise<SimulatedPlan> {
  const rows = await rowsOf<{ atom_id: string; has_draft: boolean; on: string[] | null }>(
    deps.db,
    sql`select a.atom_id, (a.task_id is null or t.llm_response is not null or t.draft_bytes is not null) as has_draft,
          (select array_agg(distinct d.to_atom_id) from atom_dependencies d
           where d.from_atom_id = a.atom_id and d.graph_id = m.graph_id and d.to_atom_id <> a.atom_id) as on
        from atomic_units a
        join masterplans m using (masterplan_id)
        left join masterplan_tasks t on t.task_id = a.task_id
        where a.masterplan_id = ${masterplanId}::uuid and a.status <> 'COMPLETED'
        order by a.atom_number`,
  );
  const indexOf = new Map(rows.map((row, index) => [row.atom_id, index]));
  return {
    hasDraft: rows.map((row) => row.has_draft),
    dependencies: rows.map((row) => (row.on ?? []).flatMap((id) => indexOf.get(id) ?? [])),
  };
}

function assumptions(drafts: number, answers: number, atoms: SimulatedPlan): string[] {
  const notes: string[] = [];
  if (drafts < 50 && atoms.hasDraft.some(Boolean))
    notes.push(`${drafts} drafts were tried before with this provider: how often one passes is partly assumed (97 %).`);
  if (answers < 50)
    notes.push(
      `${answers} answers of this provider are known: their time (2 to 20 s), price and quality (87 % right) are partly assumed.`,
    );
  return notes;
}

/** Mean, and the second lowest and highest. */
function rangeOf(values: readonly number[]): Expected {
  const sorted = values.toSorted((a, b) => a - b);
  const expected = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return { expected, low: sorted[1] ?? 0, high: sorted.at(-2) ?? 0 };
}

/** The same masterplan gets the same estimate until something changes (mulberry32). */
function seeded(text: string): () => number {
  let state = [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
