import { sql, type SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
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

interface NamedQueryClient {
  query(config: { name: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
}

const dialect = new PgDialect();

/**
 * `rowsOf` for statements that run all the time: planned once per connection instead of every time. `name` must belong to one
 * statement only. Works on a connection of one's own (`drizzle(client)`); inside another transaction it is `rowsOf`.
 */
export async function preparedRows<Row extends object>(tx: Tx, name: string, statement: SQL): Promise<Row[]> {
  const client = (tx as { readonly $client?: NamedQueryClient }).$client;
  if (!client) return rowsOf<Row>(tx, statement);
  const { sql: text, params } = dialect.sqlToQuery(statement);
  const { rows } = await client.query({ name, text, values: params });
  return rows as Row[];
}

/** Runs a statement and gives its rows. Column names and types are those of the statement. */
export async function rowsOf<Row extends object>(tx: Tx, statement: SQL): Promise<Row[]> {
  const result = await tx.execute(statement);
  return result.rows as unknown as Row[];
}
