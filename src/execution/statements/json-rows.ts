import { sql, type SQL } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';

/** One JSON parameter that Postgres takes apart into rows: batches of any size are one statement with one plan. */
export function jsonRows(rows: readonly object[]): SQL {
  return sql`${storable(JSON.stringify(rows))}::json`;
}

/** Postgres text holds neither NUL nor half a surrogate pair; JSON.stringify writes exactly those as these escapes. */
function storable(json: string): string {
  if (!/\\u(?:0000|d)/.test(json)) return json;
  return json.replaceAll(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape) => (escape.length > 2 ? '\\ufffd' : escape));
}

/** An array as one parameter (a bare array in a template would become a list of parameters). */
export function uuidArray(ids: readonly string[]): SQL {
  return sql`${sql.param([...ids])}::uuid[]`;
}

/** A value of an array that Postgres takes apart with `unnest`. */
export type ArrayValue = string | number | boolean | null | undefined;

/** Values as the text of a Postgres array: taken apart faster than JSON, and one plan for any number of rows. */
export function arrayText(values: readonly ArrayValue[]): string {
  return `{${values.map(elementText).join(',')}}`;
}

function elementText(value: ArrayValue): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value !== 'string') return String(value);
  return `"${NEEDS_CARE.test(value) ? escaped(value) : value}"`;
}

const NEEDS_CARE = /["\\\0]/;

/** Half a surrogate pair needs no care: as UTF-8 it becomes U+FFFD by itself. */
function escaped(text: string): string {
  return text.replaceAll(/["\\]/g, '\\$&').replaceAll('\0', '\ufffd');
}

interface NamedQueryClient {
  query(config: { name: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
}

/** A statement with its parameters as $1, $2, …, written once: building it anew costs more than sending it. */
export interface FixedStatement {
  /** Belongs to one statement only. */
  readonly name: string;
  readonly text: string;
}

/**
 * `rowsOf` for statements that run all the time: planned once per connection instead of every time. Works on a connection of one's own
 * (`drizzle(client)`); inside another transaction it is `rowsOf`.
 */
export async function fixedRows<Row extends object>(
  tx: Tx,
  { name, text }: FixedStatement,
  values: readonly (string | number | boolean | null)[],
): Promise<Row[]> {
  const client = (tx as { readonly $client?: NamedQueryClient }).$client;
  if (client) return (await client.query({ name, text, values: [...values] })).rows as Row[];
  const parts = text
    .split(/\$(\d+)/)
    .map((part, n) => (n % 2 === 0 ? sql.raw(part) : sql`${values[Number(part) - 1]}`));
  return rowsOf<Row>(tx, sql.join(parts));
}

/** Runs a statement and gives its rows. Column names and types are those of the statement. */
export async function rowsOf<Row extends object>(tx: Tx, statement: SQL): Promise<Row[]> {
  const result = await tx.execute(statement);
  return result.rows as unknown as Row[];
}
