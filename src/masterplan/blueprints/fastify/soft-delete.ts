/** `soft_delete` in the Fastify back end: deleted records are kept in the trash, out of sight, until they are restored. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { keepsDeleted, type ServiceBase } from './bases.ts';

/** `backend/src/repositories/trash.ts`. */
export function trashRepositoryFile(project: ProjectModel): string {
  const hasLinks = project.entities.some(({ many }) => many.length > 0);
  // Where changes are noted, references are emptied record by record.
  const forgets = !has(project, 'audit');
  const hasJobs = has(project, 'jobs');
  const before = `
  /** The records that were deleted before the moment: what went first, which nothing else can need, comes first. */
  async deletedBefore(moment: string): Promise<Row[]> {
    const rows = await this.session
      .select()
      .from(this.table)
      .where(lt(this.table.deleted_at, moment))
      .orderBy(asc(this.table.deleted_at), desc(this.table.id));
    return rows as Row[];
  }
`;
  const forget = `
  /** Empties a reference to a record, in deleted records too. */
  async forget(name: string, id: number): Promise<void> {
    const refers = sql\`\${sql.identifier(name)} = \${id}\`;
    await this.session.update(this.table).set({ [name]: null }).where(refers);
  }
`;
  const linked = `
  /** Links with deleted records are out of sight. */
  override async linked(links: Links, ownerIds: number[]): Promise<Map<number, Reference[]>> {
    const linked = await super.linked(links, ownerIds);
    const ids = [...linked.values()].flat().map(({ id }) => id);
    const kept = new Set((await this.kept(inArray(this.table.id, ids))).map(({ id }) => id));
    return new Map(
      [...linked].map(([ownerId, references]) => [ownerId, references.filter(({ id }) => kept.has(id))]),
    );
  }
`;
  return fileText(`
import { and, ${hasJobs ? 'asc, desc, ' : ''}eq, ${hasLinks ? 'inArray, ' : ''}isNotNull, isNull, ${hasJobs ? 'lt, ' : ''}type SQL${forgets ? ', sql' : ''} } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
${hasLinks ? "import type { Reference } from '../schemas/schema.ts';\nimport type { Links } from './links.ts';\n" : ''}import { type RecordTable, Repository, type StoredRecord } from './repository.ts';

/** A record that is kept when it is deleted. */
export interface TrashRecord extends StoredRecord {
  /** When it was deleted; null while it is not. */
  deleted_at: string | null;
}

/** A table whose deleted records are kept. */
export type TrashTable = RecordTable & { deleted_at: SQLiteColumn };

/** Reading and writing such a table. What is deleted is found only where it is asked for. */
export abstract class TrashRepository<
  Row extends TrashRecord,
  Query = unknown,
> extends Repository<Row, Query> {
  protected abstract override readonly table: TrashTable;

  /** Condition: the record is deleted, or is not. */
  inTrash(wanted = false): SQL {
    return wanted ? isNotNull(this.table.deleted_at) : isNull(this.table.deleted_at);
  }

  override async get(id: number): Promise<Row | undefined> {
    const [row] = await this.kept(eq(this.table.id, id));
    return row;
  }

  async getDeleted(id: number): Promise<Row | undefined> {
    const [row] = await this.where(and(eq(this.table.id, id), this.inTrash(true)));
    return row;
  }

  /** The records that meet the condition and are not deleted. */
  async kept(condition: SQL): Promise<Row[]> {
    return this.where(and(condition, this.inTrash()));
  }

  /** How many records meet the condition and are not deleted. */
  async countKept(condition: SQL): Promise<number> {
    return this.count(and(condition, this.inTrash()));
  }
${hasJobs ? before : ''}${forgets ? forget : ''}${hasLinks ? linked : ''}}
`);
}

/** `backend/src/services/trash.ts`. */
export function trashServiceFile(project: ProjectModel, base: ServiceBase): string {
  const hasRelations = project.entities.some(({ relations }) => relations.length > 0);
  const purge = `
  /** Removes for good what was deleted before the moment; says how many records. */
  async purge(moment: string): Promise<number> {
    const rows = await this.records.deletedBefore(moment);
    for (const row of rows) await this.erase(row);
    return rows.length;
  }
`;
  const check = `
/** Throws where a restored record would refer to one that is deleted. */
export async function checkKept(
  records: { get(id: number): Promise<TrashRecord | undefined> },
  field: string,
  id: number | null,
): Promise<void> {
  if (id !== null && (await records.get(id)) === undefined) {
    throw new ConflictError('What this refers to is deleted: restore that first.', field);
  }
}
`;
  return fileText(`
import type { SQL } from 'drizzle-orm';
import { now } from '../db/columns.ts';
import { ${hasRelations ? 'ConflictError, ' : ''}NotFoundError } from '../errors.ts';
import type { TrashRecord, TrashRepository } from '../repositories/trash.ts';
import type { ListQuery } from '../schemas/schema.ts';
import { ${base.name} } from '${base.module}';

/** Keeps the records that it deletes, out of sight, until they are restored. */
export abstract class TrashService<
  Row extends TrashRecord,
  Create extends object,
  Read,
  Query extends ListQuery,
> extends ${base.name}<Row, Create, Read, Query> {
  protected abstract override readonly records: TrashRepository<Row, Query>;

  /** Marks a record as deleted that nothing needs, with what goes with it. */
  override async remove(id: number): Promise<void> {
    await this.discard(await this.stored(id), now());
  }

  /** Marks the records that meet the condition as deleted since the moment. */
  async discardAll(condition: SQL, moment: string): Promise<void> {
    for (const { id } of await this.records.kept(condition)) {
      // One of them may have gone with another by now.
      const row = await this.records.get(id);
      if (row !== undefined) await this.discard(row, moment);
    }
  }

  /** Takes a record back out of the trash. */
  async restore(id: number): Promise<Read> {
    const row = await this.records.getDeleted(id);
    if (row === undefined) throw new NotFoundError(\`There is no deleted \${this.noun} with id \${id}.\`);
    await this.checkRestore(row);
    await this.change(row, { deleted_at: null });
    return this.get(id);
  }
${has(project, 'jobs') ? purge : ''}
  /** Hook: what belongs to a deleted record goes with it, and what refers to it forgets it. */
  protected async release(_id: number, _moment: string): Promise<void> {}

  /** Hook: throws where something that the record refers to is deleted. */
  protected async checkRestore(_row: Row): Promise<void> {}

  private async discard(row: Row, moment: string): Promise<void> {
    await this.checkRemoval(row.id);
    await this.change(row, { deleted_at: moment });
    await this.release(row.id, moment);
  }
}
${hasRelations ? check : ''}`);
}

/** The method that refuses to restore a record without what it needs; empty where nothing can be missing. */
export function restoreMethod(project: ProjectModel, entity: EntityModel): string {
  if (!keepsDeleted(project) || entity.relations.length === 0) return '';
  const lines = entity.relations.map(({ name, target }) => {
    const other = entityNamed(project, target);
    const records = other === entity ? 'this.records' : `this.${other.names.camel}Repository`;
    return `await checkKept(${records}, '${name}_id', row.${name}_id);`;
  });
  return `
  protected override async checkRestore(row: ${entity.names.pascal}Row): Promise<void> {
    ${lines.join('\n    ')}
  }
`;
}
