/** Atoms as rows of `atomic_units`, written many at a time. */
import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { sql } from 'drizzle-orm';
import { newId, type Tx } from '../db/index.ts';
import type { AtomId, MasterplanId, SourceFile, TaskId } from '../domain/index.ts';
import type { AtomDraft } from './atomized-file.ts';

/** An atom that is stored, as far as matching needs it. */
export interface StoredAtom {
  readonly atomId: AtomId;
  readonly taskId: TaskId;
  readonly fileOrdinal: number;
  /** SHA-256 of the draft slice, in hexadecimal. */
  readonly sha256: string;
}

/** An atom on its way into the database. */
export interface AtomRow {
  readonly atomId: AtomId;
  readonly isNew: boolean;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Rows per statement: putting more into words at once would hold up everybody else. */
const BATCH = 100;

const MAX_NAME = 1000;

export function sliceOf(file: SourceFile, draft: AtomDraft): Uint8Array {
  return file.bytes.subarray(draft.range.startByte, draft.range.endByte);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function codeColumns(bytes: Uint8Array, encoding: string): { code_to_generate: string; code_bytes: string | null } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === 'utf-8' && isUtf8(buffer) && !buffer.includes(0))
    return { code_to_generate: buffer.toString('utf8'), code_bytes: null };
  let text = buffer.toString(encoding === 'utf-8' ? 'utf8' : encoding === 'latin1' ? 'latin1' : 'utf16le');
  if (encoding === 'utf-16be') text = Buffer.from(buffer).swap16().toString('utf16le');
  return { code_to_generate: text, code_bytes: buffer.toString('hex') };
}

/** The columns that follow from the source: written for new atoms and again for those that were found to be the same. */
export function atomValues(file: SourceFile, encoding: string, draft: AtomDraft): Record<string, unknown> {
  const { context } = draft;
  return {
    file_ordinal: draft.ordinal,
    name: draft.name.slice(0, MAX_NAME),
    description: draft.description,
    role: draft.role,
    symbol_path: draft.symbolPath,
    ...codeColumns(sliceOf(file, draft), encoding),
    file_path: file.path,
    line_start: draft.range.startLine,
    line_end: draft.range.endLine,
    start_byte: draft.range.startByte,
    end_byte: draft.range.endByte,
    language: file.language,
    loc: draft.loc,
    complexity: draft.complexity,
    context_json: context,
    context_completeness: context.completeness_score,
    atomicity_score: draft.atomicityScore,
    atomicity_violations: draft.violations,
    is_atomic: draft.isAtomic,
  };
}

const TYPES: Readonly<Record<string, string>> = {
  atom_id: 'uuid',
  masterplan_id: 'uuid',
  task_id: 'uuid',
  parent_atom_id: 'uuid',
  atom_number: 'int',
  file_ordinal: 'int',
  name: 'text',
  description: 'text',
  role: 'text',
  symbol_path: 'text',
  code_to_generate: 'text',
  code_bytes: 'text',
  file_path: 'text',
  line_start: 'int',
  line_end: 'int',
  start_byte: 'int',
  end_byte: 'int',
  language: 'text',
  loc: 'int',
  complexity: 'float8',
  context_json: 'jsonb',
  context_completeness: 'float8',
  atomicity_score: 'float8',
  atomicity_violations: 'jsonb',
  is_atomic: 'boolean',
};

/** Parts of the context that are columns of their own, by their names in it: the database takes them from there. */
const PARTS: Readonly<Record<string, string>> = {
  imports: 'imports',
  type_schema: 'types',
  preconditions: 'preconditions',
  postconditions: 'postconditions',
  test_cases: 'test_cases',
};

const SENT = Object.keys(TYPES);
const SHAPE = SENT.map((column) => `${column} ${TYPES[column] ?? 'text'}`).join(', ');
const COLUMNS = [...SENT, ...Object.keys(PARTS)];

/** How a column is read from a row that was sent. */
function valueOf(column: string): string {
  if (column === 'code_bytes') return "decode(rows.code_bytes, 'hex')";
  const part = PARTS[column];
  return part === undefined ? `rows.${column}` : `rows.context_json->'${part}'`;
}

const SELECTED = COLUMNS.map(valueOf).join(', ');

/** JSON knows NUL and halves of surrogate pairs, PostgreSQL's text does not: they show as replacement characters. */
function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!json.includes('\\u0000') && !/\\ud[89a-f]/i.test(json)) return json;
  return json.replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi, '$1\\ufffd');
}

async function inBatches(rows: readonly AtomRow[], write: (json: string) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH) {
    await write(storableJson(rows.slice(from, from + BATCH).map((row) => row.values)));
  }
}

async function insertRows(tx: Tx, rows: readonly AtomRow[]): Promise<void> {
  const statement = sql.raw(
    `insert into atomic_units (${COLUMNS.join(', ')}) select ${SELECTED} from json_to_recordset(`,
  );
  await inBatches(rows, (json) => tx.execute(sql`${statement}${json}::json) as rows (${sql.raw(SHAPE)})`));
}

async function updateRows(tx: Tx, rows: readonly AtomRow[]): Promise<void> {
  const assignments = COLUMNS.filter((column) => column !== 'atom_id')
    .map((column) => `${column} = ${valueOf(column)}`)
    .join(', ');
  const statement = sql.raw(
    `update atomic_units a set ${assignments}, wave_number = null, updated_at = now() from json_to_recordset(`,
  );
  await inBatches(rows, (json) =>
    tx.execute(sql`${statement}${json}::json) as rows (${sql.raw(SHAPE)}) where a.atom_id = rows.atom_id`),
  );
}

export async function writeRows(tx: Tx, rows: readonly AtomRow[]): Promise<void> {
  await insertRows(
    tx,
    rows.filter((row) => row.isNew),
  );
  await updateRows(
    tx,
    rows.filter((row) => !row.isNew),
  );
}

/** Gives each draft of a file its row: one whose text was stored before keeps its id, in order. */
export function rowsOf(
  where: { readonly masterplanId: MasterplanId; readonly taskId: TaskId; readonly firstNumber: number },
  file: SourceFile,
  encoding: string,
  drafts: readonly AtomDraft[],
  stored: readonly StoredAtom[],
): AtomRow[] {
  const known = new Map<string, StoredAtom[]>();
  for (const atom of stored) {
    const same = known.get(atom.sha256);
    if (same === undefined) known.set(atom.sha256, [atom]);
    else same.push(atom);
  }
  const kept = drafts.map((draft) =>
    stored.length === 0 ? undefined : known.get(sha256Of(sliceOf(file, draft)))?.shift(),
  );
  const ids = kept.map((atom) => atom?.atomId ?? newId<AtomId>());
  return drafts.map((draft, i) => ({
    atomId: ids[i] as AtomId,
    isNew: kept[i] === undefined,
    values: {
      atom_id: ids[i],
      masterplan_id: where.masterplanId,
      task_id: where.taskId,
      parent_atom_id: draft.parentOrdinal === null ? null : ids[draft.parentOrdinal],
      atom_number: where.firstNumber + i,
      ...atomValues(file, encoding, draft),
    },
  }));
}
