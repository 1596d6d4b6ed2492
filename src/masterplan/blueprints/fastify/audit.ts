/** `audit` in the Fastify back end: records say who made and changed them, and every change is noted in its transaction. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { keepsDeleted } from './bases.ts';

/** `backend/src/db/tables/audit-entry.ts`. */
export function auditTableFile(): string {
  return fileText(`
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { recordColumns } from '../columns.ts';

/** What can be done to a record. */
export const AUDIT_ACTIONS = ['create', 'update', 'delete', 'restore'] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Names of fields with their values before and after a change. */
export type Changes = Record<string, [unknown, unknown]>;

export const auditEntries = sqliteTable(
  'audit_entries',
  {
    ...recordColumns(),
    entity: text().notNull(),
    record_id: integer().notNull(),
    action: text({ enum: AUDIT_ACTIONS }).notNull(),
    changes: text({ mode: 'json' }).$type<Changes>().notNull(),
    actor: text(),
  },
  (table) => [index('audit_entries_record').on(table.entity, table.record_id)],
);

/** One change of one record. Entries are written once and never changed. */
export type AuditEntryRow = typeof auditEntries.$inferSelect;
`);
}

/** `backend/src/schemas/audit.ts`. */
export function auditSchemaFile(): string {
  return fileText(`
import { type Static, Type } from 'typebox';
import { AUDIT_ACTIONS } from '../db/tables/audit-entry.ts';
import { PAGE_PARAMETERS, pageSchema } from '../pagination.ts';
import { Id, nullable } from './schema.ts';

/** One change of one record, as clients get it. */
export const AuditEntryRead = Type.Object({
  id: Type.Integer(),
  label: Type.String(),
  entity: Type.String(),
  record_id: Type.Integer(),
  action: Type.Enum(AUDIT_ACTIONS),
  changes: Type.Record(Type.String(), Type.Array(Type.Unknown())),
  actor: nullable(Type.String()),
  created_at: Type.String({ format: 'date-time' }),
});

export const AuditEntryPage = pageSchema(AuditEntryRead);

/** What the history can be asked for; \`entity\` is a collection as paths name it. */
export const AuditQuery = Type.Object({
  ...PAGE_PARAMETERS,
  entity: Type.Optional(Type.String({ maxLength: 60 })),
  record_id: Type.Optional(Id),
  action: Type.Optional(Type.Enum(AUDIT_ACTIONS)),
});

export type AuditEntryRead = Static<typeof AuditEntryRead>;
export type AuditQuery = Static<typeof AuditQuery>;
`);
}

/** `backend/src/repositories/audit.ts`. */
export function auditRepositoryFile(): string {
  return fileText(`
import { and, type SQL } from 'drizzle-orm';
import { auditEntries, type AuditEntryRow } from '../db/tables/audit-entry.ts';
import type { AuditQuery } from '../schemas/audit.ts';
import { equals, Repository } from './repository.ts';

/** The history of all records. */
export class AuditRepository extends Repository<AuditEntryRow, AuditQuery> {
  protected readonly table = auditEntries;
  protected readonly sortable = { id: auditEntries.id };

  override condition({ entity, record_id, action }: AuditQuery): SQL | undefined {
    return and(
      equals(auditEntries.entity, entity),
      equals(auditEntries.record_id, record_id),
      equals(auditEntries.action, action),
    );
  }

  async labelsOf(rows: AuditEntryRow[]): Promise<string[]> {
    return rows.map(({ action, entity, record_id }) => \`\${action} \${entity} \${record_id}\`);
  }
}
`);
}

/** `backend/src/services/trail.ts`. */
export function trailFile(project: ProjectModel): string {
  const trash = `
/** Into the trash is a deletion, out of it a restoration; other changes are updates. */
function actionOf({ deleted_at }: Changes): AuditAction {
  if (deleted_at === undefined) return 'update';
  return deleted_at[1] === null ? 'restore' : 'delete';
}
`;
  const hasTrash = keepsDeleted(project);
  return fileText(`
import type { Session } from '../db/database.ts';
import type { AuditAction, Changes } from '../db/tables/audit-entry.ts';
import { AuditRepository } from '../repositories/audit.ts';

/** Every change touches these; what they say is in the entry itself. */
const UNTRACKED = new Set(['id', 'created_at', 'updated_at', 'created_by', 'updated_by']);

/** Notes the changes of the records of one collection, in the transaction that makes them. */
export class Trail {
  /** E-mail of who makes the changes; null for nobody. */
  readonly actor: string | null;
  private readonly entity: string;
  private readonly entries: AuditRepository;

  constructor(session: Session, entity: string, actor: string | null) {
    this.entries = new AuditRepository(session);
    this.entity = entity;
    this.actor = actor;
  }

  async created(id: number, record: object): Promise<void> {
    await this.note('create', id, changesBetween(null, record));
  }

  /** Notes what differs, where anything does. */
  async changed(id: number, before: object, after: object): Promise<void> {
    const changes = changesBetween(before, after);
    if (Object.keys(changes).length > 0) await this.note(${hasTrash ? 'actionOf(changes)' : "'update'"}, id, changes);
  }

  async deleted(id: number, record: object): Promise<void> {
    await this.note('delete', id, changesBetween(record, null));
  }

  private async note(action: AuditAction, record_id: number, changes: Changes): Promise<void> {
    const { actor, entity } = this;
    await this.entries.add({ entity, record_id, action, changes, actor });
  }
}

/** The fields that differ between two states of a record; null where there is no record. */
export function changesBetween(before: object | null, after: object | null): Changes {
  const [from, to] = [new Map(Object.entries(before ?? {})), new Map(Object.entries(after ?? {}))];
  const names = [...(before === null ? to : from).keys()].filter((name) => !UNTRACKED.has(name));
  const pairs = names.map((name): [string, [unknown, unknown]] => [
    name,
    [from.get(name) ?? null, to.get(name) ?? null],
  ]);
  return Object.fromEntries(pairs.filter(([, [first, second]]) => !isSame(first, second)));
}

/** Whether two values are the same; nothing is no other value than no links. */
function isSame(first: unknown, second: unknown): boolean {
  return JSON.stringify(first ?? []) === JSON.stringify(second ?? []);
}
${hasTrash ? trash : ''}`);
}

/** `backend/src/services/audited.ts`. */
export function auditedServiceFile(hasForgetting: boolean): string {
  const forget = `
  /** Empties a reference of the records that meet the condition. */
  async forget(name: keyof Row & string, condition: SQL): Promise<void> {
    for (const row of await this.records.where(condition)) await this.change(row, { [name]: null });
  }
`;
  return fileText(`
${hasForgetting ? "import type { SQL } from 'drizzle-orm';\n" : ''}import type { StoredRecord } from '../repositories/repository.ts';
import type { ListQuery } from '../schemas/schema.ts';
import { Service } from './service.ts';
import type { Trail } from './trail.ts';

/** Signs records and notes every change of them, in the transaction of the change. */
export abstract class AuditedService<
  Row extends StoredRecord,
  Create extends object,
  Read,
  Query extends ListQuery,
> extends Service<Row, Create, Read, Query> {
  protected abstract readonly trail: Trail;
${hasForgetting ? forget : ''}
  /** Hook: a record with its links, as the trail compares it. */
  protected async snapshot(row: Row): Promise<object> {
    return row;
  }

  protected override async add(values: object): Promise<Row> {
    const { actor } = this.trail;
    const row = await super.add({ ...values, created_by: actor, updated_by: actor });
    await this.trail.created(row.id, await this.snapshot(row));
    return row;
  }

  protected override async change(row: Row, values: object): Promise<void> {
    const before = await this.snapshot(row);
    await super.change(row, { ...values, updated_by: this.trail.actor });
    await this.trail.changed(row.id, before, await this.snapshot({ ...row, ...values }));
  }

  protected override async erase(row: Row): Promise<void> {
    const before = await this.snapshot(row);
    await super.erase(row);
    await this.trail.deleted(row.id, before);
  }
}
`);
}

/** `backend/src/routes/audit.ts`. */
export function auditRoutesFile(): string {
  return fileText(`
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Database } from '../db/database.ts';
import { AuditRepository } from '../repositories/audit.ts';
import { AuditEntryPage, AuditQuery } from '../schemas/audit.ts';
import { listPage } from '../services/list-page.ts';

const LIST = { tags: ['audit'], querystring: AuditQuery, response: { 200: AuditEntryPage } };

/** The HTTP interface of the history. */
export function auditRoutes(database: Database): FastifyPluginAsyncTypebox {
  const entries = new AuditRepository(database.session);
  return async (app) => {
    app.get('', { schema: LIST }, ({ query }) => listPage(entries, query));
  };
}
`);
}

/** `backend/src/services/list-page.ts`. */
export function listPageFile(): string {
  return fileText(`
import { DEFAULT_LIMIT, type PageOf, type PageRequest } from '../pagination.ts';
import type { Repository, StoredRecord } from '../repositories/repository.ts';

/** A stored record with its short name for people. */
export type Labelled<Row> = Row & { label: string };

/** One page of the records that pass the filters, newest first. */
export async function listPage<Row extends StoredRecord, Query extends Partial<PageRequest>>(
  records: Repository<Row, Query>,
  query: Query,
): Promise<PageOf<Labelled<Row>>> {
  const { limit = DEFAULT_LIMIT, offset = 0 } = query;
  const condition = records.condition(query);
  const rows = await records.page(condition, undefined, { limit, offset });
  const total = await records.count(condition);
  const labels = await records.labelsOf(rows);
  const items = rows.map((row, index) => ({ ...row, label: labels[index] ?? '' }));
  return { items, total, limit, offset };
}
`);
}
