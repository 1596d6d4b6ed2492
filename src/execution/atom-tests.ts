import { posix } from 'node:path';
import { sql } from 'drizzle-orm';
import type { Db } from '../db/index.ts';
import type { FileTests } from '../validation/index.ts';
import type { LoadedAtom } from './load-atoms.ts';
import { gatherPer } from './gather.ts';
import { jsonRows, rowsOf } from './statements/json-rows.ts';

const FAMILIES: readonly (readonly string[])[] = [['python'], ['typescript', 'tsx', 'javascript']];
const TEST_FILE = /(^|\/)test_[^/]*\.py$|_test\.py$|\.(?:test|spec)\.[jt]sx?$/;
/** Test files of one attempt, and files that a run may need: a project beyond that is tested as a whole, at level 4. */
const MAX_TEST_FILES = 3;
const MAX_NEEDED = 60;

interface FileRow {
  readonly path: string;
  readonly text: string;
  /** Every atom of it is accepted. */
  readonly accepted: boolean;
}

async function loadFamily(db: Db, atom: LoadedAtom, family: readonly string[]): Promise<FileRow[]> {
  return rowsOf<FileRow>(
    db,
    sql`with own as (select masterplan_id from atomic_units where atom_id = ${atom.atomId}::uuid)
        select file_path as path, bool_and(status = 'COMPLETED' or atom_id = ${atom.atomId}::uuid) as accepted,
          string_agg(coalesce(accepted_code, code_to_generate, ''), '' order by file_ordinal) as text
        from atomic_units where masterplan_id = (select masterplan_id from own) and language = any(${sql.param([...family])}::text[])
        group by file_path`,
  );
}

interface TestedAtom {
  readonly atomId: string;
  /** The name of its file as tests speak of it. */
  readonly stem: string;
}

/** True when the atom completes its file and some test of the project speaks of the file: most attempts end here. */
const mayBeTested = gatherPer<Db, TestedAtom, boolean>(async (db, asked) => {
  const rows = await rowsOf<{ atomId: string }>(
    db,
    sql`with asked as materialized (
          select a.atom_id, a.masterplan_id, a.file_path, i.stem
          from json_to_recordset(${jsonRows(asked)}) as i("atomId" uuid, stem text) join atomic_units a on a.atom_id = i."atomId"
        ), complete as materialized (
          select * from asked a where not exists (
            select 1 from atomic_units o
            where o.masterplan_id = a.masterplan_id and o.file_path = a.file_path and o.atom_id <> a.atom_id and o.status <> 'COMPLETED')
        ), tests as materialized (
          select t.masterplan_id, coalesce(t.accepted_code, t.code_to_generate, '') as text
          from atomic_units t
          where t.masterplan_id in (select masterplan_id from complete)
            and t.file_path ~ ${'(^|/)test_[^/]*\\.py$|_test\\.py$|\\.(test|spec)\\.[jt]sx?$'}
        )
        select c.atom_id as "atomId" from complete c
        where exists (select 1 from tests t where t.masterplan_id = c.masterplan_id and position(c.stem in t.text) > 0)`,
  );
  const found = new Set(rows.map(({ atomId }) => atomId));
  return asked.map(({ atomId }) => found.has(atomId));
});

/** Module names and relative paths that a text imports. */
function importsOf(path: string, text: string): string[] {
  if (path.endsWith('.py'))
    return [...text.matchAll(/^\s*(?:from\s+(\.*[\w.]*)\s+import\s+([^#\n]+)|import\s+([\w.]+))/gm)].flatMap(
      (match) => {
        const [, from, names = '', plain] = match;
        if (plain !== undefined) return [plain.replaceAll('.', '/')];
        const base = (from ?? '').replace(/^\.+/, '').replaceAll('.', '/');
        return [base, ...names.split(',').map((name) => posix.join(base, name.replaceAll(/[()\s]|\bas\b.*/g, '')))];
      },
    );
  return [...text.matchAll(/(?:from|import|require\()\s*['"](\.[^'"]+)['"]/g)].map((match) =>
    posix.join(posix.dirname(path), match[1] ?? ''),
  );
}

function isModule(file: string, name: string): boolean {
  if (name === '') return false;
  const bare = file.replace(/\.[^./]+$/, '').replace(/\/(?:__init__|index)$/, '');
  const wanted = file.endsWith('.py') ? name : name.replace(/\.[jt]sx?$/, '').replace(/\/index$/, '');
  return bare === wanted || (file.endsWith('.py') && bare.endsWith(`/${wanted}`));
}

/** The files that a test reaches through imports, with what its runner loads by itself. */
function reached(start: string, files: ReadonlyMap<string, FileRow>): Set<string> {
  const found = new Set([start]);
  const folders = start.split('/').map((_, index, parts) => parts.slice(0, index).join('/'));
  for (const folder of folders)
    if (files.has(posix.join(folder, 'conftest.py'))) found.add(posix.join(folder, 'conftest.py'));
  for (const path of found) {
    const names = importsOf(path, files.get(path)?.text ?? '');
    for (const other of files.keys())
      if (!found.has(other) && names.some((name) => isModule(other, name))) found.add(other);
    if (found.size > MAX_NEEDED) break;
  }
  return found;
}

/** Tests depend on what they test and are accepted after it: their draft, written from the task, is what an attempt is held to. */
function isReady({ accepted, path }: FileRow): boolean {
  return accepted || TEST_FILE.test(path);
}

/** The folder that the code's own imports start from: the one above the test's folder of tests, else its own. */
function rootOf(test: string): string {
  const folder = posix.dirname(test);
  return /(^|\/)tests?$/.test(folder) ? posix.dirname(folder) : folder;
}

function requestOf(test: string, needed: readonly FileRow[]): FileTests | null {
  const python = test.endsWith('.py');
  const root = python ? rootOf(test) : '.';
  const inside = (path: string): string => posix.relative(root, path);
  const files = Object.fromEntries(needed.map(({ path, text }) => [inside(path), text]));
  if (Object.keys(files).some((path) => path.startsWith('..'))) return null;
  return {
    kind: python ? 'pytest' : 'jest',
    main: inside(test),
    files,
    root: root === '.' ? '' : root,
    cpuSeconds: 10,
    declared: ['*'],
  };
}

/**
 * The tests of the project that can judge an attempt: those that reach the atom's file, when all else that they reach is accepted.
 * An atom whose file is not complete without it, or whose tests need what is still to come, is judged by them later.
 */
export async function loadTests(db: Db, atom: LoadedAtom): Promise<FileTests[]> {
  const family = FAMILIES.find((languages) => languages.includes(atom.language));
  if (family === undefined || TEST_FILE.test(atom.filePath)) return [];
  const stem = posix.basename(atom.filePath).replace(/\.[^.]+$/, '');
  if (!(await mayBeTested(db, { atomId: atom.atomId, stem }))) return [];
  const rows = await loadFamily(db, atom, family);
  const files = new Map(rows.map((row) => [row.path, row]));
  const requests: FileTests[] = [];
  for (const { path, text } of rows) {
    if (!TEST_FILE.test(path) || text.trim() === '' || requests.length >= MAX_TEST_FILES) continue;
    const needed = reached(path, files);
    const all = [...needed].flatMap((name) => files.get(name) ?? []);
    if (!needed.has(atom.filePath) || needed.size > MAX_NEEDED || !all.every(isReady)) continue;
    const request = requestOf(path, all);
    if (request !== null) requests.push(request);
  }
  return requests;
}
