import type { SQL } from 'drizzle-orm';
import { MgeError } from '../../domain/index.ts';
import type { Tx } from '../client.ts';

/** Runs a statement that always answers with exactly one row, such as a call of a function. */
export async function oneRow<Row extends Record<string, unknown>>(tx: Tx, statement: SQL): Promise<Row> {
  const [row] = (await tx.execute<Row>(statement)).rows;
  if (row === undefined) throw new MgeError('INTERNAL', 'a statement that always returns a row returned none');
  return row as Row;
}
