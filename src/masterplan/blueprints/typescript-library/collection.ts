/** How the records of a library are made, listed and removed. */
import { fileText } from '../layout.ts';

export function queryFile(): string {
  return fileText(`
import type { Fields, ValuesOf } from './fields.ts';
import type { Identity, RecordOf } from './kind.ts';
import type { StoredRecord } from './store.ts';

/** What a list can be narrowed by: values, or one of the values of fields with several. */
export type Where<F extends Fields> = {
  readonly [Name in keyof F]?: ValuesOf<F>[Name] extends readonly (infer Member)[]
    ? Member
    : ValuesOf<F>[Name];
};

/** A field, with a minus before it for descending order. */
export type Order<F extends Fields> = \`\${'' | '-'}\${(keyof F & string) | keyof Identity}\`;

/** What a list is asked for. */
export interface ListQuery<F extends Fields> {
  readonly where?: Where<F>;
  /** Part of a text, whatever its case. */
  readonly search?: string;
  /** Newest first unless it says otherwise; records without a value come last. */
  readonly sort?: Order<F>;
  /** Records of the page: 20 unless it says otherwise. */
  readonly limit?: number;
  /** Records before the page. */
  readonly offset?: number;
}

/** Part of a list, and how many records it has in all. */
export interface Page<F extends Fields> {
  readonly items: readonly RecordOf<F>[];
  readonly total: number;
}

/** The records that meet all values. */
export function matching(
  records: readonly StoredRecord[],
  where: Readonly<Record<string, unknown>>,
): StoredRecord[] {
  const wanted = Object.entries(where).filter(([, value]) => value !== undefined);
  return records.filter((record) => wanted.every(([name, value]) => meets(record[name], value)));
}

function meets(held: unknown, value: unknown): boolean {
  return Array.isArray(held) ? held.includes(value) : held === value;
}

/** The records with the term in one of the fields, whatever its case. */
export function searching(
  records: readonly StoredRecord[],
  fields: readonly string[],
  term: string,
): StoredRecord[] {
  const wanted = term.toLowerCase();
  const holds = (value: unknown) => typeof value === 'string' && value.toLowerCase().includes(wanted);
  return records.filter((record) => fields.some((field) => holds(record[field])));
}

/** The records in the order of a field; equal ones newest first, those without a value last. */
export function inOrder(records: readonly StoredRecord[], sort: string): StoredRecord[] {
  const field = sort.replace(/^-/, '');
  const direction = sort.startsWith('-') ? -1 : 1;
  return records.toSorted((a, b) => {
    const [first, second] = [a[field] ?? null, b[field] ?? null];
    if (first === null || second === null) {
      return Number(first === null) - Number(second === null) || b.id - a.id;
    }
    return direction * compare(first, second) || b.id - a.id;
  });
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b));
}
`);
}

export function removalFile(): string {
  return fileText(`
import { collectionIn } from './access.ts';
import { ConflictError } from './errors.ts';
import type { Kind, Relation } from './kind.ts';
import { matching } from './query.ts';
import type { StoredData, StoredRecord } from './store.ts';

/** Removes a record, and does with those that refer to it what their relations say. */
export function removeRecord(data: StoredData, kinds: readonly Kind[], plural: string, id: number): void {
  const collection = collectionIn(data, plural);
  collection.records = collection.records.filter((record) => record.id !== id);
  for (const kind of kinds) {
    for (const relation of kind.relations.filter(({ to }) => to === plural)) {
      release(data, kinds, kind, relation, id);
    }
  }
}

function release(data: StoredData, kinds: readonly Kind[], kind: Kind, relation: Relation, id: number): void {
  const dependents = matching(collectionIn(data, kind.plural).records, { [relation.field]: id });
  if (dependents.length === 0) return;
  switch (relation.onRemoval) {
    case 'restrict':
      throw new ConflictError(
        \`Still used by \${dependents.length} \${dependents.length === 1 ? kind.name : kind.plural}.\`,
      );
    case 'cascade':
      for (const dependent of dependents) removeRecord(data, kinds, kind.plural, dependent.id);
      break;
    case 'set_null':
      rewrite(data, kind, dependents, relation.field, () => null);
      break;
    case 'unlink':
      rewrite(data, kind, dependents, relation.field, (ids) => without(ids, id));
  }
}

function without(ids: unknown, id: number): unknown {
  return Array.isArray(ids) ? ids.filter((one) => one !== id) : ids;
}

function rewrite(
  data: StoredData,
  kind: Kind,
  records: readonly StoredRecord[],
  field: string,
  change: (value: unknown) => unknown,
): void {
  const ids = new Set(records.map(({ id }) => id));
  const collection = collectionIn(data, kind.plural);
  collection.records = collection.records.map((record) =>
    ids.has(record.id) ? { ...record, [field]: change(record[field]) } : record,
  );
}
`);
}

export function recordCollectionFile(): string {
  return fileText(`
import { type Access, collectionIn } from './access.ts';
import { ConflictError, InvalidInputError, NotFoundError } from './errors.ts';
import type { Fields, InputOf, ValuesOf } from './fields.ts';
import { checkOrder, type Kind, readChanges, readInput, type RecordOf } from './kind.ts';
import { inOrder, type ListQuery, matching, type Page, searching } from './query.ts';
import { removeRecord } from './removal.ts';
import type { StoredData, StoredRecord } from './store.ts';

/** Records of a page that names no limit. */
const DEFAULT_LIMIT = 20;

/** All records of one kind. */
export class RecordCollection<F extends Fields> {
  private readonly kind: Kind<F>;
  private readonly kinds: readonly Kind[];
  private readonly access: Access;

  /** \`kinds\` are all kinds of the store: removing a record asks those that refer to it. */
  constructor(kind: Kind<F>, kinds: readonly Kind[], access: Access) {
    this.kind = kind;
    this.kinds = kinds;
    this.access = access;
  }

  /** Keeps a new record. Throws an InvalidInputError or a ConflictError. */
  create(input: InputOf<F>): Promise<RecordOf<F>> {
    return this.access.change((data) => {
      const values = readInput(this.kind, input);
      this.check(data, values);
      const collection = collectionIn(data, this.kind.plural);
      const now = new Date().toISOString();
      collection.lastId += 1;
      const record = { ...values, id: collection.lastId, createdAt: now, updatedAt: now };
      collection.records.push(record);
      return record as RecordOf<F>;
    });
  }

  /** The record of an id. Throws a NotFoundError. */
  get(id: number): Promise<RecordOf<F>> {
    return this.access.read((data) => this.stored(data, id) as RecordOf<F>);
  }

  /** Changes the fields that are named. Throws as \`create\` and \`get\` do. */
  update(id: number, changes: Partial<ValuesOf<F>>): Promise<RecordOf<F>> {
    return this.access.change((data) => {
      const before = this.stored(data, id);
      const read = readChanges(this.kind, changes);
      const after = { ...before, ...read, updatedAt: new Date().toISOString() };
      this.check(data, after, id);
      const collection = collectionIn(data, this.kind.plural);
      collection.records = collection.records.map((record) => (record === before ? after : record));
      return after as RecordOf<F>;
    });
  }

  /** Removes a record, with what goes with it. Throws a ConflictError where others need it. */
  remove(id: number): Promise<void> {
    return this.access.change((data) => {
      this.stored(data, id);
      removeRecord(data, this.kinds, this.kind.plural, id);
    });
  }

  /** One page of the records that pass the filters. */
  list(query: ListQuery<F> = {}): Promise<Page<F>> {
    const { where = {}, search, sort = '-id', limit = DEFAULT_LIMIT, offset = 0 } = query;
    return this.access.read((data) => {
      const passing = matching(collectionIn(data, this.kind.plural).records, where);
      const found = search === undefined ? passing : searching(passing, this.kind.searched, search);
      const items = inOrder(found, sort).slice(offset, offset + limit);
      return { items: items as RecordOf<F>[], total: found.length };
    });
  }

  private stored(data: StoredData, id: number): StoredRecord {
    const record = collectionIn(data, this.kind.plural).records.find((one) => one.id === id);
    if (record === undefined) throw new NotFoundError(\`There is no \${this.kind.name} with id \${id}.\`);
    return record;
  }

  private check(data: StoredData, values: Readonly<Record<string, unknown>>, ownId?: number): void {
    checkOrder(this.kind, values);
    this.checkReferences(data, values);
    const others = collectionIn(data, this.kind.plural).records.filter(({ id }) => id !== ownId);
    for (const field of this.kind.unique) {
      const value = values[field];
      if (value !== null && matching(others, { [field]: value }).length > 0) {
        throw new ConflictError(\`Another \${this.kind.name} has the \${field} "\${String(value)}".\`);
      }
    }
  }

  private checkReferences(data: StoredData, values: Readonly<Record<string, unknown>>): void {
    for (const { field, to } of this.kind.relations) {
      const known = new Set<unknown>(collectionIn(data, to).records.map(({ id }) => id));
      const ids = [values[field]].flat().filter((id) => id !== null && id !== undefined);
      const unknown = ids.find((id) => !known.has(id));
      if (unknown !== undefined) {
        throw new InvalidInputError([{ field, message: \`there is no record with id \${String(unknown)}\` }]);
      }
    }
  }
}
`);
}
