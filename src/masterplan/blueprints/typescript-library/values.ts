/** What records are made of: fields, kinds and the errors of wrong values. */
import { fileText } from '../layout.ts';

export function errorsFile(): string {
  return fileText(`
/** What is wrong with one field. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** Values that a record cannot have; names every field that is wrong. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
  readonly problems: readonly FieldProblem[];

  constructor(problems: readonly FieldProblem[]) {
    super(problems.map(({ field, message }) => \`\${field}: \${message}\`).join('; '));
    this.problems = problems;
  }
}

/** There is no record with the id. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

/** A change that does not fit the records that are there. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
}
`);
}

export function fieldsFile(): string {
  return fileText(`
/** Thrown by fields that refuse a value; the message goes without the name of the field. */
export class RefusedValue extends Error {
  override readonly name = 'RefusedValue';
}

/** How a field reads what it is given. \`Needed\` fields have no value to fall back on. */
export interface Field<Value, Needed extends boolean = boolean> {
  readonly isNeeded: Needed;
  /** The value to keep; throws a RefusedValue. Undefined asks for the fallback. */
  read(value: unknown): Value;
}

/** The fields of a kind of record by name. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

type NeededNames<F extends Fields> = {
  [Name in keyof F]: F[Name] extends Field<unknown, true> ? Name : never;
}[keyof F];

/** The values of all fields. */
export type ValuesOf<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends Field<infer Value> ? Value : never;
};

/** What a new record is made from: fields with a fallback may be left out. */
export type InputOf<F extends Fields> = Pick<ValuesOf<F>, NeededNames<F>> &
  Partial<Omit<ValuesOf<F>, NeededNames<F>>>;

function needed<Value>(read: (value: unknown) => Value): Field<Value, true> {
  return { isNeeded: true, read };
}

/** Text without blanks around it, of 1 to \`maxLength\` characters. */
export function text(maxLength: number): Field<string, true> {
  return needed((value) => {
    if (typeof value !== 'string') throw new RefusedValue('must be a text');
    const trimmed = value.trim();
    if (trimmed === '') throw new RefusedValue('must not be blank');
    if (trimmed.length > maxLength) throw new RefusedValue(\`has more than \${maxLength} characters\`);
    return trimmed;
  });
}

/** A number from \`min\` to \`max\`. */
export function decimal(min: number, max: number): Field<number, true> {
  return needed((value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new RefusedValue('must be a number');
    if (value < min || value > max) throw new RefusedValue(\`must lie between \${min} and \${max}\`);
    return value;
  });
}

/** A whole number from \`min\` to \`max\`. */
export function integer(min: number, max: number): Field<number, true> {
  const number = decimal(min, max);
  return needed((value) => {
    if (!Number.isInteger(value)) throw new RefusedValue('must be a whole number');
    return number.read(value);
  });
}

/** Yes or no. */
export function flag(): Field<boolean, true> {
  return needed((value) => {
    if (typeof value !== 'boolean') throw new RefusedValue('must be true or false');
    return value;
  });
}

/** One of a few values. */
export function choice<const Value extends string>(values: readonly Value[]): Field<Value, true> {
  return needed((value) => {
    const found = values.find((one) => one === value);
    if (found === undefined) throw new RefusedValue(\`must be one of \${values.join(', ')}\`);
    return found;
  });
}

/** A day of the calendar: \`2024-05-31\`. */
export function day(): Field<string, true> {
  return needed((value) => {
    const isWritten = typeof value === 'string' && /^\\d{4}-\\d{2}-\\d{2}$/.test(value);
    const time = isWritten ? Date.parse(\`\${value}T00:00:00Z\`) : Number.NaN;
    // Days that no month has are carried over into the next one.
    if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== value) {
      throw new RefusedValue('must be a day such as 2024-05-31');
    }
    return value;
  });
}

/** A point in time, kept in UTC: \`2024-05-31T12:00:00.000Z\`. */
export function instant(): Field<string, true> {
  return needed((value) => {
    const isWritten = typeof value === 'string' && /^\\d{4}-\\d{2}-\\d{2}T.*(Z|[+-]\\d{2}:\\d{2})$/.test(value);
    const time = isWritten ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(time)) throw new RefusedValue('must be a time such as 2024-05-31T12:00:00Z');
    return new Date(time).toISOString();
  });
}

/** The id of another record. */
export function reference(): Field<number, true> {
  return integer(1, Number.MAX_SAFE_INTEGER);
}

/** The ids of any number of other records, each once; none unless it says otherwise. */
export function references(): Field<readonly number[], false> {
  const one = reference();
  const read = (value: unknown): readonly number[] => {
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw new RefusedValue('must be a list of ids');
    return [...new Set(value.map((id) => one.read(id)))];
  };
  return { isNeeded: false, read };
}

/** A field that may be empty (null), and is unless it says otherwise. */
export function optional<Value>(field: Field<Value>): Field<Value | null, false> {
  return {
    isNeeded: false,
    read: (value) => (value === undefined || value === null ? null : field.read(value)),
  };
}

/** A field with a value for records that name none. */
export function withDefault<Value, Fallback extends Value>(
  field: Field<Value>,
  fallback: Fallback,
): Field<Value, false> {
  return { isNeeded: false, read: (value) => (value === undefined ? fallback : field.read(value)) };
}
`);
}

export function kindFile(): string {
  return fileText(`
import { type FieldProblem, InvalidInputError } from './errors.ts';
import { type Fields, type InputOf, RefusedValue, type ValuesOf } from './fields.ts';

/** What happens to the records that refer to one that is removed. */
export type RemovalRule = 'restrict' | 'cascade' | 'set_null' | 'unlink';

/** A field that holds the id, or ids, of records of another kind. */
export interface Relation {
  readonly field: string;
  /** Plural name of the kind referred to. */
  readonly to: string;
  readonly onRemoval: RemovalRule;
}

/** What every record has beside its fields. */
export interface Identity {
  readonly id: number;
  /** Instants in UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A record of a kind. */
export type RecordOf<F extends Fields> = Identity & ValuesOf<F>;

/** The rules of one kind of record. */
export interface Kind<F extends Fields = Fields> {
  /** What people call one, and several. */
  readonly name: string;
  readonly plural: string;
  readonly fields: F;
  /** Fields of which no two records have the same value. */
  readonly unique: readonly string[];
  /** Fields that a search looks into. */
  readonly searched: readonly string[];
  readonly relations: readonly Relation[];
  /** Pairs of fields with times, the earlier one first. */
  readonly inOrder: readonly (readonly [earlier: string, later: string])[];
}

/** All values of a new record. Throws an InvalidInputError that names every wrong field. */
export function readInput<F extends Fields>(kind: Kind<F>, input: InputOf<F>): ValuesOf<F> {
  const given = { ...input } as Record<string, unknown>;
  return readFields(kind, Object.keys(kind.fields), given) as ValuesOf<F>;
}

/** The values that a change names. Throws an InvalidInputError that names every wrong field. */
export function readChanges<F extends Fields>(
  kind: Kind<F>,
  changes: Partial<ValuesOf<F>>,
): Partial<ValuesOf<F>> {
  const given = { ...changes } as Record<string, unknown>;
  const names = Object.keys(given).filter((name) => given[name] !== undefined);
  return readFields(kind, names, given) as Partial<ValuesOf<F>>;
}

function readFields(kind: Kind, names: readonly string[], given: Record<string, unknown>) {
  const values: Record<string, unknown> = {};
  const problems = Object.keys(given)
    .filter((name) => !Object.hasOwn(kind.fields, name))
    .map((field): FieldProblem => ({ field, message: 'is no field' }));
  for (const name of names) {
    const field = Object.hasOwn(kind.fields, name) ? kind.fields[name] : undefined;
    if (field === undefined) continue;
    try {
      values[name] = field.read(given[name]);
    } catch (error) {
      if (!(error instanceof RefusedValue)) throw error;
      problems.push({ field: name, message: given[name] === undefined ? 'is needed' : error.message });
    }
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return values;
}

/** Throws where a later time lies before the earlier one. */
export function checkOrder(kind: Kind, values: Readonly<Record<string, unknown>>): void {
  for (const [earlier, later] of kind.inOrder) {
    const [first, second] = [values[earlier], values[later]];
    if (typeof first === 'string' && typeof second === 'string' && second < first) {
      throw new InvalidInputError([{ field: later, message: \`must not be before \${earlier}\` }]);
    }
  }
}
`);
}
