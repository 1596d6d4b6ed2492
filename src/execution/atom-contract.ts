import { sql } from 'drizzle-orm';
import type { Db } from '../db/index.ts';
import type { TaskContract } from '../validation/index.ts';
import type { LoadedAtom } from './load-atoms.ts';
import { gatherPer } from './gather.ts';
import { rowsOf, uuidArray } from './statements/json-rows.ts';

/** Languages whose files are held to a contract at level 1. */
const JUDGED: ReadonlySet<string> = new Set(['python', 'typescript', 'tsx', 'javascript']);
/** Files that use the atom: more say little more. */
const MAX_FILES = 4;
const MAX_FILE_BYTES = 60_000;

interface DependentRow {
  readonly atomId: string;
  readonly path: string;
  readonly language: string;
  readonly bytes: Buffer;
}

/** The files, as they stand, that hold atoms which depend on this one; the strongest first. */
const dependentsOf = gatherPer<Db, string, DependentRow[]>(async (db, atomIds) => {
  const rows = await rowsOf<DependentRow>(
    db,
    sql`with users as (
          select d.to_atom_id as atom_id, u.masterplan_id, u.file_path, max(d.strength) as strength
          from atom_dependencies d join atomic_units u on u.atom_id = d.from_atom_id join atomic_units o on o.atom_id = d.to_atom_id
          where d.to_atom_id = any(${uuidArray(atomIds)}) and u.file_path <> o.file_path and u.language = o.language
          group by 1, 2, 3
        ), ranked as (
          select *, row_number() over (partition by atom_id order by strength desc, file_path) as rank from users
        ), files as materialized (
          select s.masterplan_id, s.file_path, min(s.language) as language,
            string_agg(coalesce(s.accepted_bytes, convert_to(s.accepted_code, 'UTF8'), s.code_bytes, convert_to(s.code_to_generate, 'UTF8')),
              ''::bytea order by s.file_ordinal) as bytes
          from (select distinct masterplan_id, file_path from ranked where rank <= ${MAX_FILES}) f
          join atomic_units s on s.masterplan_id = f.masterplan_id and s.file_path = f.file_path
          group by 1, 2 having sum(octet_length(s.code_to_generate)) <= ${MAX_FILE_BYTES}
        )
        select r.atom_id as "atomId", r.file_path as path, f.language, f.bytes
        from ranked r join files f on f.masterplan_id = r.masterplan_id and f.file_path = r.file_path
        where r.rank <= ${MAX_FILES} order by r.rank`,
  );
  return atomIds.map((atomId) => rows.filter((row) => row.atomId === atomId));
});

/** Every file of an atom's plan; none for atoms that belong to no task. */
const pathsOf = gatherPer<Db, string, readonly string[]>(async (db, atomIds) => {
  const rows = await rowsOf<{ atomIds: string[]; paths: string[] | null }>(
    db,
    sql`select array_agg(a.atom_id)::text[] as "atomIds", (
            select array_agg(t.file_path) from masterplan_tasks t
            where t.masterplan_id = a.masterplan_id and t.file_path is not null) as paths
        from atomic_units a where a.atom_id = any(${uuidArray(atomIds)}) group by a.masterplan_id`,
  );
  const found = new Map(rows.flatMap((row) => row.atomIds.map((atomId) => [atomId, row.paths ?? []])));
  return atomIds.map((atomId) => found.get(atomId) ?? []);
});

/**
 * What an attempt is held to: the atom's words, the names and signatures of its draft file, and the files that use it. A reviewer's
 * words may ask for other names than the draft has, so the draft declares nothing then. Null for languages without such rules.
 */
export async function loadContract(db: Db, atom: LoadedAtom): Promise<TaskContract | null> {
  if (!JUDGED.has(atom.language)) return null;
  const [dependents, paths] = await Promise.all([dependentsOf(db, atom.atomId), pathsOf(db, atom.atomId)]);
  const file = Buffer.concat([atom.before, atom.draft, atom.after]);
  return {
    description: atom.description,
    declarations: atom.feedback === null && atom.hasDraft ? file.toString('utf8') : '',
    entry: null,
    dependents: dependents.map(({ path, language, bytes }) => ({ path, language, text: bytes.toString('utf8') })),
    siblings: [],
    ...(paths.length > 0 ? { paths: [...paths] } : {}),
    packages: null,
  };
}
