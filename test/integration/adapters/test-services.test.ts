import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testRedis } from '../../support/redis.ts';

describe('the servers of a test run', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('give each test file a migrated database of its own', async () => {
    const { rows } = await database.pool.query<{ name: string }>('select current_database() as name');
    expect(rows[0]?.name).toMatch(/^mge_test_/);
    const tables = await database.pool.query(
      `select 1 from information_schema.tables where table_name = 'masterplans'`,
    );
    expect(tables.rowCount).toBe(1);
  });

  it('give a Redis that keeps what it is told and never evicts', async () => {
    const { url, prefix } = testRedis();
    const redis = new Redis(url);
    await redis.set(`${prefix}:key`, 'value');
    expect(await redis.get(`${prefix}:key`)).toBe('value');
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    await redis.del(`${prefix}:key`);
    redis.disconnect();
  });

  it('give a Chroma that answers', async () => {
    expect((await fetch(`${inject('chromaUrl')}/api/v2/heartbeat`)).status).toBe(200);
  });
});
