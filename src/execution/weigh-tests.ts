import { posix } from 'node:path';
import { sql } from 'drizzle-orm';
import type { ProviderLookup } from '../adapters/llm/provider.ts';
import type { Db, Tx } from '../db/index.ts';
import type { Finding } from '../domain/index.ts';
import type { LevelReport, Validation } from '../validation/index.ts';
import type { ClaimedAtom } from './attempt-outcome.ts';
import { areInDoubt, doubtFinding, doubtsOf, holdsDoubt, type TestDoubt, withDoubts } from './doubted-tests.ts';
import type { LoadedAtom } from './load-atoms.ts';
import { rowsOf } from './statements/json-rows.ts';

type AtomInput = Parameters<Validation['validateAtom']>[0];

/** A report with what drafted tests, and they alone, hold against the text. */
export interface Weighed {
  readonly report: LevelReport;
  readonly doubts: readonly TestDoubt[];
}

/** A text that is about to be judged. */
interface Tried {
  readonly claimed: ClaimedAtom;
  readonly atom: LoadedAtom;
  readonly sha256: string;
  /** It was refused before, by drafted tests only. */
  readonly isRepeated: boolean;
}

/** Level 1; what only tests that a model drafted refuse is weighed against them. */
export async function validateWeighed(
  deps: { readonly db: Db; readonly validation: Pick<Validation, 'validateAtom'> },
  of: Tried,
  input: AtomInput,
): Promise<Weighed> {
  const report = await deps.validation.validateAtom(input);
  return report.outcome === 'failed' ? weighTests(deps, of, input, report) : { report, doubts: [] };
}

/** Tests of a masterplan whose text is a model's draft: nobody brought them, and no reviewer has taken them on. */
export async function loadDraftedTests(tx: Tx, masterplanId: string): Promise<Set<string>> {
  const rows = await rowsOf<{ path: string }>(
    tx,
    sql`select t.file_path as path from masterplan_tasks t
        where t.masterplan_id = ${masterplanId}::uuid and t.llm_model is not null and t.task_type = 'test'
          and not exists (select 1 from atomic_units a
            where a.task_id = t.task_id and (a.accepted_provider = 'reviewer' or a.accepted_by is not null))`,
  );
  return new Set(rows.map(({ path }) => path));
}

async function loadBroughtWords(db: Db, atom: LoadedAtom): Promise<string> {
  const [row] = await rowsOf<{ words: string }>(
    db,
    sql`select concat_ws(E'\n', d.user_request, t.description) as words
        from atomic_units a join masterplans m on m.masterplan_id = a.masterplan_id
        join discovery_documents d on d.discovery_id = m.discovery_id
        left join masterplan_tasks t on t.task_id = a.task_id where a.atom_id = ${atom.atomId}::uuid`,
  );
  return row?.words ?? '';
}

/**
 * Looks again at a text that was refused where tests that a model drafted may be why. What is read in such tests is taken away first,
 * so that their run and everything else has its say; then the texts of this atom are compared.
 */
async function weighTests(
  deps: { readonly db: Db; readonly validation: Pick<Validation, 'validateAtom'> },
  of: Tried,
  input: AtomInput,
  report: LevelReport,
): Promise<Weighed> {
  const unheard = { report, doubts: [] };
  const { claimed, atom } = of;
  const dependents = input.contract?.dependents ?? [];
  const touching = [
    ...(input.tests ?? []).map(({ root, main }) => posix.join(root ?? '', main)),
    ...dependents.map(({ path }) => path),
  ];
  if (touching.length === 0) return unheard;
  const drafted = await loadDraftedTests(deps.db, claimed.masterplanId);
  if (!touching.some((path) => drafted.has(path))) return unheard;
  const read = dependents.filter(({ path }) => drafted.has(path)).map(({ path }) => path);
  const withoutReading =
    read.length === 0 || input.contract === undefined
      ? report
      : await deps.validation.validateAtom({
          ...input,
          contract: { ...input.contract, dependents: dependents.filter(({ path }) => !drafted.has(path)) },
        });
  const isWholeFile = atom.before.length + atom.after.length === 0;
  const name = atom.symbolPath.split('.').at(-1) ?? atom.name;
  const doubts = doubtsOf({ report, withoutReading, drafted, read, atom: { name, isWholeFile } });
  if (doubts.length === 0) return unheard;
  const present = { sha256: of.sha256, doubts };
  const isLast = of.isRepeated || claimed.attempt >= claimed.maxAttempts;
  const brought = await loadBroughtWords(deps.db, atom);
  if (!areInDoubt({ present, past: atom.history, isLast, brought })) return { report, doubts };
  return { report: withDoubts(withoutReading, doubts), doubts };
}

/** What accepted texts of a masterplan hold against its drafted tests; of one file, or of all. */
export async function loadDoubts(tx: Tx, masterplanId: string, file?: string): Promise<TestDoubt[]> {
  const drafted = await loadDraftedTests(tx, masterplanId);
  if (drafted.size === 0 || (file !== undefined && !drafted.has(file))) return [];
  const rows = await rowsOf<{ doubts: TestDoubt[] }>(
    tx,
    sql`select h.error_analysis->'doubts' as doubts
        from atomic_units a join atom_retry_history h on h.atom_id = a.atom_id
        where a.masterplan_id = ${masterplanId}::uuid and a.status = 'COMPLETED' and h.success
          and h.candidate_sha256 = a.accepted_sha256 and h.error_analysis ? 'doubts'`,
  );
  return rows
    .flatMap(({ doubts }) => doubts)
    .filter((doubt) => drafted.has(doubt.file) && (file === undefined || doubt.file === file));
}

/** What stands against the draft of a test that is about to be tried; nothing where it could not be written anew. */
export async function doubtedDraft(
  deps: { readonly db: Db; readonly providers: ProviderLookup },
  claimed: ClaimedAtom,
  atom: LoadedAtom,
  run: { readonly provider: string; readonly model: string | null },
): Promise<Finding[]> {
  if (atom.taskType !== 'test' || claimed.attempt >= claimed.maxAttempts) return [];
  const text = Buffer.from(atom.draft).toString('utf8');
  const doubts = (await loadDoubts(deps.db, claimed.masterplanId, atom.filePath)).filter((one) =>
    holdsDoubt(one, text),
  );
  if (doubts.length === 0 || deps.providers(run.provider, run.model).repeats === true) return [];
  return doubts.map((doubt) => doubtFinding(doubt, 'error'));
}
