import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe('connections that the server cuts', () => {
  it('are given back by transactions that cannot begin, so that the pool neither runs dry nor hangs at its end', async () => {
    const far = openDatabase({ url: database.url, max: 2, onIdleError: () => undefined });
    for (let round = 0; round < 4; round += 1) {
      // The connection dies while it is handed out, before the transaction begins.
      const connect = far.pool.connect.bind(far.pool);
      far.pool.connect = (async () => {
        const client = await connect();
        await client.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
        return client;
      }) as typeof far.pool.connect;
      await expect(far.db.transaction((tx) => tx.execute(sql`select 1`))).rejects.toThrow();
      far.pool.connect = connect;
    }
    const { rows } = await far.db.transaction((tx) => tx.execute(sql`select 1 as one`));
    expect(rows).toEqual([{ one: 1 }]);
    expect(far.pool.totalCount).toBe(far.pool.idleCount);
    await far.close();
  });

  it('undo what a transaction did', async () => {
    await expect(
      database.db.transaction(async (tx) => {
        await tx.execute(sql`insert into system_state (key, value, updated_by) values ('x', '{}', 'test')`);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    const { rows } = await database.db.execute(sql`select 1 from system_state where key = 'x'`);
    expect(rows).toEqual([]);
  });
});
