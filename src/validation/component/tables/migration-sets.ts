import type { PythonProgram, PythonSource } from '../python/python-program.ts';
import { applyAlembic, inOrder } from './alembic-migrations.ts';
import { SchemaState } from './schema-state.ts';
import { applySql } from './sql-migrations.ts';

interface TextFile {
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

/** The migrations of one folder and what they leave. */
export interface MigrationSet {
  readonly root: string;
  readonly paths: ReadonlySet<string>;
  readonly state: SchemaState;
}

const FOLDER = /^((?:.*?\/)?(?:migrations?|alembic|drizzle|versions|migrate))\//;
const SCHEMA_FILE = /^((?:.*\/)?)(?:schema|init|tables|structure)\.sql$/;
const UNDOES = /(?:[._-]down|[._-]undo|[._-]rollback|\/down)\.sql$|\/down\//i;

function isSql({ language, path }: TextFile): boolean {
  return language === 'sql' || path.endsWith('.sql');
}

function isAlembic({ text }: PythonSource): boolean {
  return /\bdef upgrade\(/.test(text) && /\bop\.\w+\(|\balembic\b/.test(text);
}

/** Folders with migrations; where there are none, files such as `schema.sql`. What cannot be read makes its set open. */
export function migrationSets(files: readonly TextFile[], python: PythonProgram): MigrationSet[] {
  const folders = new Map<string, TextFile[]>();
  for (const file of files) {
    const root = FOLDER.exec(file.path)?.[1];
    if (root !== undefined) folders.set(root, [...(folders.get(root) ?? []), file]);
  }
  const sets = [...folders].flatMap(([root, inside]) => setOf(root, inside, python) ?? []);
  if (sets.length > 0) return sets;
  return files
    .filter((file) => isSql(file) && SCHEMA_FILE.test(file.path))
    .flatMap((file) => setOf(SCHEMA_FILE.exec(file.path)?.[1]?.replace(/\/$/, '') ?? '', [file], python) ?? []);
}

function setOf(root: string, files: readonly TextFile[], python: PythonProgram): MigrationSet | null {
  const sql = files.filter((file) => isSql(file) && !UNDOES.test(file.path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  const sources = files.flatMap(({ path }) => python.files.get(path) ?? []);
  const alembic = inOrder(sources.filter(isAlembic));
  const state = new SchemaState();
  for (const file of alembic) applyAlembic(file, state);
  for (const file of sql) applySql(file, state);
  // Other kinds of migrations (Knex, Kysely, Django) are not read: what they make is not known.
  const others = files.filter(
    ({ path, text }) =>
      /create_?table|CreateModel|addColumn/i.test(text) &&
      !path.endsWith('.sql') &&
      !alembic.some((file) => file.path === path),
  );
  if (others.some(({ language }) => /^(?:typescript|javascript|python)$/.test(language))) state.isOpen = true;
  if (state.tables.size === 0 && !state.isOpen) return null;
  return { root, paths: new Set([...sql, ...alembic].map(({ path }) => path)), state };
}

/** The migrations that are nearest to a file; null where two are as near as each other. */
export function nearestSet(sets: readonly MigrationSet[], path: string): MigrationSet | null {
  const shared = ({ root }: MigrationSet): number => {
    const [own, other] = [path.split('/'), root.split('/')];
    let i = 0;
    while (i < own.length && own[i] === other[i]) i += 1;
    return i;
  };
  const [first, second] = [...sets].sort((a, b) => shared(b) - shared(a));
  if (first === undefined) return null;
  return second !== undefined && shared(first) === shared(second) ? null : first;
}
