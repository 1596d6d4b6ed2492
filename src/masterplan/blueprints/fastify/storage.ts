/** What tables and repositories of the back end build on. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { isAudited, keepsDeleted } from './bases.ts';

export function databaseFile(): string {
  return fileText(`
import { fileURLToPath } from 'node:url';
import { createClient, type ResultSet } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';

/** What repositories read and write through: the database itself, or one of its transactions. */
export type Session = BaseSQLiteDatabase<'async', ResultSet, Record<string, never>>;

const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));

/** The database of the service. */
export interface Database {
  /** For reading. */
  readonly session: Session;
  /** Does the work in a transaction of its own: all of it is kept, or nothing where it throws. */
  write<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
  /** Throws where the database does not answer. */
  ping(): Promise<void>;
  close(): void;
}

/** Opens a database and brings its tables up to date. */
export async function openDatabase(url: string): Promise<Database> {
  const client = createClient({ url });
  const session = drizzle(client);
  // Readers of a file are not held up by its writer.
  if (url.startsWith('file:')) await client.execute('PRAGMA journal_mode = WAL');
  await migrate(session, { migrationsFolder: MIGRATIONS });
  const inTurn = oneAtATime();
  return {
    session,
    write: (work) => inTurn(() => session.transaction(work)),
    ping: async () => {
      await session.run(sql\`SELECT 1\`);
    },
    close: () => client.close(),
  };
}

/** Runs tasks in turn: SQLite has one writer, and waiting inside it would hold up the process. */
function oneAtATime() {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(task: () => Promise<Result>): Promise<Result> => {
    const result = last.then(task, task);
    last = result.catch(() => undefined);
    return result;
  };
}
`);
}

export function columnsFile(project: ProjectModel): string {
  const signatures = `
/** Who made a record and who changed it last, by e-mail; null for nobody. */
export function signatureColumns() {
  return { created_by: text(), updated_by: text() };
}
`;
  const trash = `
/** What tables have beside it whose deleted records are kept. */
export function trashColumns() {
  return { deleted_at: text() };
}
`;
  return fileText(`
import { integer, text } from 'drizzle-orm/sqlite-core';

/** The current time as it is stored: UTC in ISO 8601, so that texts sort like instants. */
export function now(): string {
  return new Date().toISOString();
}

/** What every table has: the identity of a record, and when it was made and last changed. */
export function recordColumns() {
  return {
    id: integer().primaryKey({ autoIncrement: true }),
    created_at: text().notNull().$defaultFn(now),
    updated_at: text().notNull().$defaultFn(now).$onUpdateFn(now),
  };
}
${keepsDeleted(project) ? trash : ''}${isAudited(project) ? signatures : ''}`);
}

export function repositoryFile(): string {
  return fileText(`
import { and, asc, count, desc, eq, inArray, ne, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { now } from '../db/columns.ts';
import type { Session } from '../db/database.ts';
import type { PageRequest } from '../pagination.ts';
import type { Reference } from '../schemas/schema.ts';
import type { Links } from './links.ts';

/** What every stored record has. */
export interface StoredRecord {
  id: number;
  created_at: string;
  updated_at: string;
}

/** Values of columns by name. */
type Values = Record<string, unknown>;

/** A table whose records have ids. */
export type RecordTable = SQLiteTable & { id: SQLiteColumn };

/** Reading and writing the records of one table. */
export abstract class Repository<Row extends StoredRecord, Query = unknown> {
  protected readonly session: Session;
  protected abstract readonly table: RecordTable;
  /** What lists can be sorted by. */
  protected abstract readonly sortable: Record<string, SQLiteColumn>;

  constructor(session: Session) {
    this.session = session;
  }

  /** Condition: the record passes the filters of a list. Without any, every record does. */
  condition(_query: Query): SQL | undefined {
    return and();
  }

  /** Short names of the records, in their order. */
  abstract labelsOf(rows: Row[]): Promise<string[]>;

  async get(id: number): Promise<Row | undefined> {
    const [row] = await this.where(eq(this.table.id, id));
    return row;
  }

  /** How many records meet the condition. */
  async count(condition?: SQL): Promise<number> {
    const [row] = await this.session.select({ total: count() }).from(this.table).where(condition);
    return row?.total ?? 0;
  }

  /** One page of the records that meet the condition; \`-\` before a column of \`sort\` reverses it. */
  async page(condition: SQL | undefined, sort: string | undefined, { limit, offset }: PageRequest): Promise<Row[]> {
    const rows = await this.session
      .select()
      .from(this.table)
      .where(condition)
      .orderBy(...this.order(sort))
      .limit(limit)
      .offset(offset);
    return rows as Row[];
  }

  /** Whether a record other than the one of \`ownId\` has the value. */
  async isTaken(name: string, value: unknown, ownId?: number): Promise<boolean> {
    const others = ownId === undefined ? undefined : ne(this.table.id, ownId);
    return (await this.count(and(sql\`\${sql.identifier(name)} = \${value}\`, others))) > 0;
  }

  async add(values: object): Promise<Row> {
    const [row] = await this.session.insert(this.table).values(values as Values).returning();
    return row as Row;
  }

  async change(id: number, values: object): Promise<void> {
    await this.session.update(this.table).set({ ...values, updated_at: now() }).where(eq(this.table.id, id));
  }

  async remove(id: number): Promise<void> {
    await this.session.delete(this.table).where(eq(this.table.id, id));
  }

  /** The records of some ids as others show them, by id. */
  async references(ids: (number | null)[]): Promise<Map<number, Reference>> {
    const wanted = [...new Set(ids)].filter((id) => id !== null);
    if (wanted.length === 0) return new Map();
    const rows = await this.where(inArray(this.table.id, wanted));
    const labels = await this.labelsOf(rows);
    return new Map(rows.map(({ id }, index) => [id, { id, label: labels[index] ?? '' }]));
  }

  /** What records are linked with, by the id of the record. */
  async linked(links: Links, ownerIds: number[]): Promise<Map<number, Reference[]>> {
    const linkedIds = await links.of(ownerIds);
    const references = await this.references([...linkedIds.values()].flat());
    const byLabel = (a: Reference, b: Reference) => a.label.localeCompare(b.label);
    return new Map(
      [...linkedIds].map(([ownerId, ids]) => [
        ownerId,
        ids.map((id) => references.get(id)).filter((found) => found !== undefined).sort(byLabel),
      ]),
    );
  }

  /** The records that meet the condition. */
  async where(condition: SQL | undefined): Promise<Row[]> {
    // The columns of the table are the members of a row; the generic query cannot know.
    return (await this.session.select().from(this.table).where(condition)) as Row[];
  }

  /** Newest first where records are equal; those without a value come last. */
  private order(sort: string | undefined): SQL[] {
    const column = this.sortable[sort?.replace(/^-/, '') ?? ''];
    if (sort === undefined || column === undefined) return [desc(this.table.id)];
    const direction = sort.startsWith('-') ? desc(column) : asc(column);
    return [sql\`\${column} IS NULL\`, direction, desc(this.table.id)];
  }
}

/** Condition: the column has the value; none where no value is asked for. */
export function equals(column: SQLiteColumn, value: unknown): SQL | undefined {
  return value === undefined ? undefined : eq(column, value);
}

/** The reference to a record among those that were read; null where there is none. */
export function referenceIn(references: Map<number, Reference>, id: number | null): Reference | null {
  return id === null ? null : (references.get(id) ?? null);
}

/** Condition: one of the columns holds the term, whatever its case, where one is asked for. */
export function contains(columns: SQLiteColumn[], term: string | undefined): SQL | undefined {
  if (term === undefined || term === '') return undefined;
  const pattern = \`%\${term.replace(/[\\\\%_]/g, '\\\\$&')}%\`;
  const matches = columns.map((column) => sql\`\${column} LIKE \${pattern} ESCAPE '\\\\'\`);
  return sql\`(\${sql.join(matches, sql\` OR \`)})\`;
}
`);
}

const IDS_OF = `
  /** The ids that one record is linked with, in order. */
  async idsOf(ownerId: number): Promise<number[]> {
    const linked = await this.of([ownerId]);
    return [...linked.values()].flat().sort((a, b) => a - b);
  }
`;

export function linksFile(project: ProjectModel): string {
  return fileText(`
import { eq, inArray, type SQL } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Session } from '../db/database.ts';

/** A table of two columns: which records of one kind go with which of another. */
export type LinkTable = SQLiteTable & { owner_id: SQLiteColumn; target_id: SQLiteColumn };

/** The links of one relation of many with many. */
export class Links {
  private readonly session: Session;
  private readonly table: LinkTable;

  constructor(session: Session, table: LinkTable) {
    this.session = session;
    this.table = table;
  }

  /** The ids that each of the records is linked with, by its own id. */
  async of(ownerIds: number[]): Promise<Map<number, number[]>> {
    const linked = new Map(ownerIds.map((id): [number, number[]] => [id, []]));
    if (ownerIds.length === 0) return linked;
    const rows = await this.session
      .select()
      .from(this.table)
      .where(inArray(this.table.owner_id, ownerIds));
    for (const { owner_id, target_id } of rows as { owner_id: number; target_id: number }[]) {
      linked.get(owner_id)?.push(target_id);
    }
    return linked;
  }
${isAudited(project) ? IDS_OF : ''}
  /** Links a record with exactly these others. */
  async replace(ownerId: number, targetIds: number[]): Promise<void> {
    await this.session.delete(this.table).where(eq(this.table.owner_id, ownerId));
    const rows = [...new Set(targetIds)].map((target_id) => ({ owner_id: ownerId, target_id }));
    if (rows.length > 0) await this.session.insert(this.table).values(rows);
  }

  /** Condition: the record of an id column is linked with the target, where one is asked for. */
  include(owner: SQLiteColumn, targetId: number | undefined): SQL | undefined {
    if (targetId === undefined) return undefined;
    const { owner_id, target_id } = this.table;
    const owners = this.session.select({ id: owner_id }).from(this.table).where(eq(target_id, targetId));
    return inArray(owner, owners);
  }
}
`);
}
