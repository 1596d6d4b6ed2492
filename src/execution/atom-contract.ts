import { sql } from 'drizzle-orm';
import type { Db } from '../db/index.ts';
import type { TaskContract } from '../validation/index.ts';
import type { LoadedAtom } from './load-atoms.ts';
import { rowsOf } from './statements/json-rows.ts';

/** Languages whose files are held to a contract at level 1. */
const JUDGED: ReadonlySet<string> = new Set(['python', 'typescript', 'tsx', 'javascript']);
/** Files that use the atom: more say little more. */
const MAX_FILES = 4;
const MAX_FILE_BYTES = 60_000;

interface DependentRow {
  readonly path: string;
  readonly language: string;
  readonly bytes: Buffer;
}

/** The files, as they stand, that hold atoms which depend on this one; the strongest first. */
async function loadDependents(db: Db, atom: LoadedAtom): Promise<DependentRow[]> {
  return rowsOf<DependentRow>(
    db,
    sql`with users as (
          select u.masterplan_id, u.file_path, max(d.strength) as strength
          from atom_dependencies d join atomic_units u on u.atom_id = d.from_atom_id
          where d.to_atom_id = ${atom.atomId}::uuid and u.file_path <> ${atom.filePath} and u.language = ${atom.language}
          group by 1, 2 order by 3 desc, 2 limit ${MAX_FILES})
        select s.file_path as path, min(s.language) as language,
          string_agg(coalesce(s.accepted_bytes, convert_to(s.accepted_code, 'UTF8'), s.code_bytes, convert_to(s.code_to_generate, 'UTF8')),
            ''::bytea order by s.file_ordinal) as bytes
        from users u join atomic_units s on s.masterplan_id = u.masterplan_id and s.file_path = u.file_path
        group by s.file_path, u.strength
        having sum(octet_length(s.code_to_generate)) <= ${MAX_FILE_BYTES}
        order by u.strength desc, s.file_path`,
  );
}

/** Every file of the plan; none for atoms that belong to no task. */
async function loadPaths(db: Db, atom: LoadedAtom): Promise<string[]> {
  const rows = await rowsOf<{ path: string }>(
    db,
    sql`select t.file_path as path from masterplan_tasks t
        where t.masterplan_id = (select masterplan_id from atomic_units where atom_id = ${atom.atomId}::uuid)
          and t.file_path is not null`,
  );
  return rows.map((row) => row.path);
}

/**
 * What an attempt is held to: the atom's words, the names and signatures of its draft file, and the files that use it. A reviewer's
 * words may ask for other names than the draft has, so the draft declares nothing then. Null for languages without such rules.
 */
export async function loadContract(db: Db, atom: LoadedAtom): Promise<TaskContract | null> {
  if (!JUDGED.has(atom.language)) return null;
  const [dependents, paths] = await Promise.all([loadDependents(db, atom), loadPaths(db, atom)]);
  const file = Buffer.concat([atom.before, atom.draft, atom.after]);
  return {
    description: atom.description,
    declarations: atom.feedback === null && atom.hasDraft ? file.toString('utf8') : '',
    entry: null,
    dependents: dependents.map(({ path, language, bytes }) => ({ path, language, text: bytes.toString('utf8') })),
    siblings: [],
    ...(paths.length > 0 ? { paths } : {}),
    packages: null,
  };
}
