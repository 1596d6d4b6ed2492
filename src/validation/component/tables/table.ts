/** What a column holds, as far as two descriptions of it can be compared. */
export type Family = 'integer' | 'real' | 'text' | 'boolean' | 'time' | 'date' | 'json' | 'binary' | 'uuid';

/** A place in a file of the project. */
export interface Place {
  readonly path: string;
  readonly text: string;
  readonly position: number;
}

export interface ForeignKey {
  readonly table: string;
  /** Null where the source does not say. */
  readonly column: string | null;
}

export interface Column {
  readonly name: string;
  readonly place: Place;
  /** Null where the type is not known. */
  readonly family: Family | null;
  /** The type as it is written. */
  readonly shown: string;
  /** Null where it is not known. */
  readonly nullable: boolean | null;
  /** True when the database fills it by itself. */
  readonly hasDefault: boolean;
  readonly references: ForeignKey | null;
}

/** A table as a model declares it, or as migrations leave it. */
export interface Table {
  readonly name: string;
  readonly place: Place;
  readonly columns: ReadonlyMap<string, Column>;
  /** True when there may be more columns than are known. */
  readonly isOpen: boolean;
}

const FAMILIES: readonly (readonly [Family, RegExp])[] = [
  ['boolean', /^bool(?:ean)?$/],
  ['integer', /^(?:(?:big|small|tiny|medium)?(?:int|integer|serial)|int[248]|serial[248]|(?:big|small)int(?:eger)?)$/],
  ['real', /^(?:real|float[48]?|double(?: precision|_precision)?|numeric|decimal|money|doubleprecision)$/],
  ['uuid', /^(?:uuid|guid)$/],
  ['json', /^jsonb?$/],
  ['time', /^(?:datetime|timestamp(?:tz)?(?: with(?:out)? time zone)?)$/],
  ['date', /^date$/],
  ['binary', /^(?:blob|bytea|binary|varbinary|largebinary|longblob)$/],
  [
    'text',
    /^(?:(?:tiny|medium|long|citext|ci|n|unicode)?text|citext|string|unicode|n?(?:var)?char(?:acter)?(?: varying)?|enum|clob)$/,
  ],
];

/** The family of a type's name, in SQL, SQLAlchemy or Drizzle; null for what is none of them. */
export function familyOf(type: string): Family | null {
  const plain = type.replace(/\(.*$/s, '').trim().toLowerCase().replaceAll(/\s+/g, ' ');
  return FAMILIES.find(([, names]) => names.test(plain))?.[0] ?? null;
}
