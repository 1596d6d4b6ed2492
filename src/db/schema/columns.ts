import { customType, timestamp } from 'drizzle-orm/pg-core';

/**
 * A PostgreSQL enum whose labels are upper case in the database (as SQL users of the V2 tables know them) and lower case in
 * the program and the API. The one place where the two spellings meet.
 */
export function upperEnum<const T extends readonly string[]>(typeName: string, _values: T) {
  return customType<{ data: T[number]; driverData: string }>({
    dataType: () => typeName,
    toDriver: (value) => value.toUpperCase(),
    fromDriver: (value) => value.toLowerCase(),
  });
}

/** Raw bytes, for source text that is not valid UTF-8 or holds NUL. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });

/** `timestamptz` as a Date. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
