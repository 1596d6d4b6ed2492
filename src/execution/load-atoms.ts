import { sql } from 'drizzle-orm';
import type { Db, Tx } from '../db/index.ts';
import type { AtomContext, AtomRole, Finding } from '../domain/index.ts';
import type { TestDoubt } from './doubted-tests.ts';
import { gatherPer } from './gather.ts';
import { jsonRows, rowsOf, uuidArray } from './statements/json-rows.ts';
import { REJECTED_BY_CLOSING_CHECKS, REJECTED_BY_REVIEWER } from './statements/reopen-atoms.ts';

/** Everything the runner needs to know about one atom. */
export interface LoadedAtom {
  readonly atomId: string;
  readonly atomNumber: number;
  readonly name: string;
  readonly description: string;
  readonly role: AtomRole;
  readonly symbolPath: string;
  readonly filePath: string;
  readonly language: string;
  readonly context: AtomContext;
  readonly loc: number;
  readonly complexity: number;
  readonly isAtomic: boolean;
  readonly taskName: string | null;
  /** What kind of file its task writes (`code`, `test`); null where it is not known. */
  readonly taskType: string | null;
  /** The draft slice. */
  readonly draft: Uint8Array;
  /** The slice as it stands: accepted text where there is one, else the draft. */
  readonly current: Uint8Array;
  /** The slice as it was brought by the client, planned by a provider, or empty (then there is nothing to try first). */
  readonly hasDraft: boolean;
  /** The file around it, from accepted text or draft of the neighbours. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly history: readonly PastAttempt[];
  /** A reviewer's words, when the atom was sent back. */
  readonly feedback: string | null;
  /** SHA-256 of a reviewer's own text that a reviewer rejected later. */
  readonly rejectedEdit: string | null;
}

export interface PastAttempt {
  readonly attempt: number;
  readonly sha256: string | null;
  /** It failed, or a reviewer rejected what it brought: its text is not taken again. */
  readonly rejected: boolean;
  readonly message: string | null;
  readonly findings: readonly Finding[];
  /** Expectations of drafted tests that its text failed while it passed all else; of a rejected one only. */
  readonly doubts: readonly TestDoubt[];
}

interface AtomRow extends Omit<LoadedAtom, 'draft' | 'current' | 'before' | 'after' | 'history'> {
  readonly fileOrdinal: number;
}

interface SliceRow {
  readonly atomId: string;
  readonly filePath: string;
  readonly draft: Buffer;
  readonly current: Buffer;
}

/** Loads atoms of one masterplan with the files around them. */
export async function loadAtoms(
  tx: Tx,
  masterplanId: string,
  atomIds: readonly string[],
): Promise<Map<string, LoadedAtom>> {
  const rows = await rowsOf<AtomRow>(
    tx,
    sql`select a.atom_id as "atomId", a.atom_number as "atomNumber", a.name, a.description, a.role, a.symbol_path as "symbolPath",
          a.file_path as "filePath", a.language, a.context_json as context, a.loc, a.complexity, a.is_atomic as "isAtomic",
          t.name as "taskName", t.task_type as "taskType", (t.task_id is null or t.llm_response is not null or t.draft_bytes is not null) as "hasDraft",
          case when r.resolution in ('REJECT', 'REGENERATE') then r.reviewer_feedback end as feedback,
          case when r.resolution = 'REJECT' then encode(sha256(convert_to(r.edited_code, 'UTF8')), 'hex') end as "rejectedEdit"
        from atomic_units a
        left join masterplan_tasks t on t.task_id = a.task_id
        left join human_review_queue r on r.atom_id = a.atom_id
        where a.atom_id = any(${uuidArray(atomIds)})`,
  );
  const files = await loadSlices(tx, masterplanId, [...new Set(rows.map((row) => row.filePath))]);
  const history = await loadHistory(tx, atomIds);
  return new Map(
    rows.map((row) => [row.atomId, inPlace(row, files.get(row.filePath) ?? [], history.get(row.atomId) ?? [])]),
  );
}

function inPlace(row: AtomRow, slices: readonly SliceRow[], history: readonly PastAttempt[]): LoadedAtom {
  const at = slices.findIndex((slice) => slice.atomId === row.atomId);
  const join = (part: readonly SliceRow[]) => Buffer.concat(part.map((slice) => slice.current));
  return {
    ...row,
    draft: slices[at]?.draft ?? Buffer.alloc(0),
    current: slices[at]?.current ?? Buffer.alloc(0),
    before: join(slices.slice(0, Math.max(0, at))),
    after: join(slices.slice(at + 1)),
    history,
  };
}

async function loadSlices(tx: Tx, masterplanId: string, paths: readonly string[]): Promise<Map<string, SliceRow[]>> {
  const rows = await rowsOf<SliceRow>(
    tx,
    sql`select atom_id as "atomId", file_path as "filePath",
          coalesce(code_bytes, convert_to(code_to_generate, 'UTF8')) as draft,
          coalesce(accepted_bytes, convert_to(accepted_code, 'UTF8'), code_bytes, convert_to(code_to_generate, 'UTF8')) as current
        from atomic_units
        where masterplan_id = ${masterplanId}::uuid
          and file_path in (select p from json_to_recordset(${jsonRows(paths.map((p) => ({ p })))}) as i(p text))
        order by file_path, file_ordinal`,
  );
  const files = new Map<string, SliceRow[]>();
  for (const row of rows) {
    const slices = files.get(row.filePath) ?? [];
    slices.push(row);
    files.set(row.filePath, slices);
  }
  return files;
}

async function loadHistory(tx: Tx, atomIds: readonly string[]): Promise<Map<string, PastAttempt[]>> {
  const rows = await rowsOf<PastAttempt & { atomId: string }>(
    tx,
    sql`select atom_id as "atomId", attempt_number as attempt, candidate_sha256 as sha256, error_message as message,
          not success or coalesce(error_analysis->>'error_type', '') in (${REJECTED_BY_REVIEWER}, ${REJECTED_BY_CLOSING_CHECKS}) as rejected,
          coalesce(error_analysis->'findings', '[]') as findings, case when success then '[]' else coalesce(error_analysis->'doubts', '[]') end as doubts
        from atom_retry_history where atom_id = any(${uuidArray(atomIds)}) order by atom_id, attempt_number`,
  );
  const history = new Map<string, PastAttempt[]>();
  for (const { atomId, ...attempt } of rows) {
    const list = history.get(atomId) ?? [];
    list.push(attempt);
    history.set(atomId, list);
  }
  return history;
}

interface DependencyRow {
  readonly atomId: string;
  readonly name: string;
  readonly filePath: string;
  readonly code: string;
}

/** Dependencies that a prompt gets of an atom at most. */
const MAX_DEPENDENCIES = 20;

const dependenciesOf = gatherPer<Db, string, Omit<DependencyRow, 'atomId'>[]>(async (db, atomIds) => {
  const rows = await rowsOf<DependencyRow>(
    db,
    sql`with strongest as (
          select from_atom_id, to_atom_id, max(strength) as strength from atom_dependencies
          where from_atom_id = any(${uuidArray(atomIds)}) group by 1, 2
        ), ranked as (
          select d.from_atom_id, t.name, t.file_path, coalesce(t.accepted_code, t.code_to_generate) as code,
            row_number() over (partition by d.from_atom_id order by d.strength desc, t.atom_number) as rank
          from strongest d join atomic_units t on t.atom_id = d.to_atom_id
        )
        select from_atom_id as "atomId", name, file_path as "filePath", code from ranked
        where rank <= ${MAX_DEPENDENCIES} order by rank`,
  );
  const found = new Map<string, Omit<DependencyRow, 'atomId'>[]>(atomIds.map((atomId) => [atomId, []]));
  for (const { atomId, ...dependency } of rows) found.get(atomId)?.push(dependency);
  return atomIds.map((atomId) => found.get(atomId) ?? []);
});

/** Accepted code of what an atom depends on directly, for the prompt; the 20 strongest at most, strongest first. */
export function loadDependencies(
  db: Db,
  atomId: string,
): Promise<{ readonly name: string; readonly filePath: string; readonly code: string }[]> {
  return dependenciesOf(db, atomId);
}

/** Collects the atoms asked for within one turn of the event loop and loads those of one masterplan with one set of queries. */
export class AtomLoader {
  private readonly db: Db;
  private waiting = new Map<
    string,
    Map<string, { resolve: (atom: LoadedAtom | null) => void; reject: (error: unknown) => void }>
  >();

  constructor(db: Db) {
    this.db = db;
  }

  /** Null when the atom does not exist any more. */
  load(masterplanId: string, atomId: string): Promise<LoadedAtom | null> {
    return new Promise((resolve, reject) => {
      if (this.waiting.size === 0) setImmediate(() => this.flush());
      const group =
        this.waiting.get(masterplanId) ?? new Map<string, { resolve: typeof resolve; reject: typeof reject }>();
      group.set(atomId, { resolve, reject });
      this.waiting.set(masterplanId, group);
    });
  }

  private flush(): void {
    const groups = this.waiting;
    this.waiting = new Map();
    for (const [masterplanId, group] of groups) {
      loadAtoms(this.db, masterplanId, [...group.keys()]).then(
        (atoms) => group.forEach(({ resolve }, atomId) => resolve(atoms.get(atomId) ?? null)),
        (error: unknown) => group.forEach(({ reject }) => reject(error)),
      );
    }
  }
}
