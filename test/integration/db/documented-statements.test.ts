import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const page = readFileSync(new URL('../../../docs/database.md', import.meta.url), 'utf8');
const sql = /```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
const statements = sql
  .replaceAll(/^--.*$/gm, '')
  .split(';')
  .map((statement) => statement.trim())
  .filter((statement) => statement !== '');

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('Every statement that the documentation gives to operators runs', async () => {
  expect(statements.length).toBeGreaterThan(10);
  for (const statement of statements) {
    await expect(database.pool.query(statement), statement).resolves.toBeDefined();
  }
});

test('The documentation names the functions as they are, with their parameters in order', async () => {
  const documented = [...page.matchAll(/^\| `(\w+\([^)]*\))` /gm)].map((m) => m[1]);
  const { rows } = await database.pool.query<{ call: string }>(`
    SELECT format('%s(%s)', p.proname, replace(array_to_string(p.proargnames[1:p.pronargs], ', '), 'p_', '')) AS call
    FROM pg_proc p WHERE p.pronamespace = 'm10_recovery'::regnamespace`);
  const names = rows.map((row) => row.call.replace('lock_name', 'name').replace('holder_id', 'holder'));
  expect(documented.sort()).toEqual(names.sort());
});
