/** What schemas and services of the back end build on. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { followsRemovals, hasAttachments, keepsDeleted } from './bases.ts';

export function schemaFile(): string {
  return fileText(`
import { type Static, type TSchema, Type } from 'typebox';
import { MAX_INTEGER, PAGE_PARAMETERS } from '../pagination.ts';

/** What a list can be asked for, whatever it holds. */
export interface ListQuery {
  limit?: number;
  offset?: number;
  sort?: string;
}

/** An answer without a body. */
export const Nothing = Type.Null();

/** An id of a record. */
export const Id = Type.Integer({ minimum: 1, maximum: MAX_INTEGER });

/** A record that another one refers to: its id and a short name for people. */
export const Reference = Type.Object({ id: Type.Integer(), label: Type.String() });
export type Reference = Static<typeof Reference>;

/** The ids of records that another one is linked with. */
export function idsOf(references: Reference[]): number[] {
  return references.map(({ id }) => id);
}

/** The path of one record. */
export const RecordPath = Type.Object({ id: Id });

/** What every record has beside its fields. */
export const RECORD_FIELDS = {
  id: Type.Integer(),
  label: Type.String(),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
};

/** A value that may be missing. */
export function nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

/** Query parameters of a list that can be sorted by the columns; a minus reverses the order. */
export function listParameters(columns: string[]) {
  const orders = columns.flatMap((column) => [column, \`-\${column}\`]);
  return { ...PAGE_PARAMETERS, sort: Type.Optional(Type.Enum(orders)) };
}
`);
}

export function checksFile(): string {
  return fileText(`
import { ConflictError, InvalidInputError } from '../errors.ts';
import type { StoredRecord } from '../repositories/repository.ts';

/** Throws where a field refers to a record that is not there. */
export async function checkExist(
  records: { get(id: number): Promise<StoredRecord | undefined> },
  field: string,
  ids: (number | null | undefined)[],
): Promise<void> {
  for (const id of ids) {
    if (id === null || id === undefined) continue;
    const found = await records.get(id);
    if (found === undefined) throw new InvalidInputError(\`There is no record with id \${id}.\`, field);
  }
}

/** Throws where the later of two times lies before the earlier one. */
export function checkOrder<Name extends string>(
  values: Partial<Record<Name, string | null>>,
  earlier: Name,
  later: Name,
): void {
  const [first, second] = [values[earlier], values[later]];
  if (first && second && second < first) {
    throw new InvalidInputError(\`This must not be before \${earlier.replaceAll('_', ' ')}.\`, later);
  }
}

/** Throws where other records still refer to the one to delete. */
export function checkUnused(count: number, noun: string, plural: string): void {
  if (count > 0) throw new ConflictError(\`Still used by \${count} \${count === 1 ? noun : plural}.\`);
}
`);
}

const REMOVE_ALL = `
  /** Deletes the records that meet the condition, with what goes with each of them. */
  async removeAll(condition: SQL): Promise<void> {
    for (const { id } of await this.records.where(condition)) {
      // One of them may be gone with another, or be what the others belong to.
      if (!this.removed.has(id)) await this.remove(id);
    }
  }
`;

const RELEASE = `
  /** Hook: what belongs to a record goes with it, and what refers to it forgets it. */
  protected async release(_id: number): Promise<void> {}
`;

export function serviceFile(project: ProjectModel): string {
  const follows = followsRemovals(project);
  const attached = hasAttachments(project);
  return fileText(`
${follows ? "import type { SQL } from 'drizzle-orm';\n" : ''}import { ConflictError, NotFoundError } from '../errors.ts';
import { DEFAULT_LIMIT, type PageOf } from '../pagination.ts';
import type { Repository, StoredRecord } from '../repositories/repository.ts';
import type { ListQuery } from '../schemas/schema.ts';
${attached ? "import type { AttachedFiles } from './attached-files.ts';\n" : ''}
/**
 * Finds, creates, changes and deletes records of one kind: \`Row\` is stored, \`Create\` is what
 * clients send, \`Read\` what they get. Whoever calls a service decides on the transaction.
 */
export abstract class Service<
  Row extends StoredRecord,
  Create extends object,
  Read,
  Query extends ListQuery,
> {
  /** What people call such a record. */
  protected abstract readonly noun: string;
  protected abstract readonly records: Repository<Row, Query>;
${attached ? '  protected abstract readonly files: AttachedFiles;\n' : ''}  /** Fields of which no two records have the same value. */
  protected readonly unique: readonly (keyof Create & keyof Row & string)[] = [];
  /** Fields that hold instants: they are stored in UTC, whatever zone they were sent in. */
  protected readonly instants: readonly (keyof Create & string)[] = [];
${follows ? '  private readonly removed = new Set<number>();\n' : ''}
  /** Records as clients get them. */
  protected abstract present(rows: Row[]): Promise<Read[]>;

  /** One page of the records that pass the filters. */
  async list(query: Query): Promise<PageOf<Read>> {
    const { limit = DEFAULT_LIMIT, offset = 0, sort } = query;
    const condition = this.records.condition(query);
    const rows = await this.records.page(condition, sort, { limit, offset });
    const total = await this.records.count(condition);
    return { items: await this.present(rows), total, limit, offset };
  }

  /** The record of an id; throws a NotFoundError where there is none. */
  async get(id: number): Promise<Read> {
    return this.presentOne(await this.stored(id));
  }

  async create(payload: Create): Promise<Read> {
    const values = this.prepared(payload);
    await this.checkUnique(values);
    await this.check(values);
    return this.presentOne(await this.add(values));
  }

  /** Changes the fields that the payload names. */
  async update(id: number, payload: Partial<Create>): Promise<Read> {
    const row = await this.stored(id);
    const changes = this.prepared(payload);
    await this.checkUnique(changes, id);
    await this.check({ ...row, ...changes });
    if (Object.keys(changes).length > 0) await this.change(row, changes);
    return this.get(id);
  }

  /** Deletes a record that nothing needs, with what goes with it. */
  async remove(id: number): Promise<void> {
    const row = await this.stored(id);
    await this.checkRemoval(id);
${follows ? '    this.removed.add(id);\n    await this.release(id);\n' : ''}    await this.erase(row);
  }
${follows ? REMOVE_ALL : ''}
  /** Stores a new record with its links. */
  protected async add(values: object): Promise<Row> {
    const row = await this.records.add(values);
    await this.link(row.id, values);
    return row;
  }

  /** Stores other values of a record, and its links where they name them. */
  protected async change({ id }: Row, values: object): Promise<void> {
    await this.records.change(id, values);
    await this.link(id, values);
  }

  /** Removes a record for good. */
  protected async erase({ id }: Row): Promise<void> {
${attached ? '    await this.files.discard(id);\n' : ''}    await this.records.remove(id);
  }

  /** Hook: throws where the values of a record do not fit together, or refer to nothing. */
  protected async check(_values: Partial<Create>): Promise<void> {}

  /** Hook: throws where a record must stay. */
  protected async checkRemoval(_id: number): Promise<void> {}
${follows ? RELEASE : ''}
  /** Hook: stores what a record is linked with, as far as the values name it. */
  protected async link(_id: number, _values: object): Promise<void> {}

  ${keepsDeleted(project) ? 'protected' : 'private'} async stored(id: number): Promise<Row> {
    const row = await this.records.get(id);
    if (row === undefined) throw new NotFoundError(\`There is no \${this.noun} with id \${id}.\`);
    return row;
  }

  private async presentOne(row: Row): Promise<Read> {
    const [read] = await this.present([row]);
    if (read === undefined) throw new Error(\`The \${this.noun} \${row.id} has no form for clients.\`);
    return read;
  }

  private prepared<Payload extends Partial<Create>>(payload: Payload): Payload {
    const values = { ...payload };
    for (const field of this.instants) {
      const value = values[field];
      if (typeof value === 'string') Object.assign(values, { [field]: new Date(value).toISOString() });
    }
    return values;
  }

  private async checkUnique(values: Partial<Create>, ownId?: number): Promise<void> {
    for (const field of this.unique) {
      const value = values[field];
      if (value === undefined || value === null) continue;
      if (await this.records.isTaken(field, value, ownId)) {
        throw new ConflictError(\`Another \${this.noun} has this value.\`, field);
      }
    }
  }
}
`);
}
