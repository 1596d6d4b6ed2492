/** The day of the migration: a database that an MVP filled is taken to V2 and, if need be, back. */
import { readFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import type pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { openDatabase, schema } from '../../../src/db/index.ts';
import { currentRevision, downgrade, upgrade } from '../../../src/db/migrations.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertAtom, insertGraph, insertMasterplan, insertTask } from '../../support/factories.ts';

const FIXTURE = readFileSync(new URL('../../fixtures/mvp-database.sql', import.meta.url), 'utf8');
const TABLES = [
  'users',
  'discovery_documents',
  'masterplans',
  'masterplan_phases',
  'masterplan_milestones',
  'masterplan_tasks',
  'masterplan_subtasks',
] as const;

const open: TestDatabase[] = [];
afterEach(() => Promise.all(open.splice(0).map((database) => database.drop())));

/** A database as an MVP left it; `changes` is SQL for another flavour of MVP. */
async function mvpDatabase(changes = ''): Promise<TestDatabase> {
  const database = await createEmptyDatabase();
  open.push(database);
  await database.pool.query(`${FIXTURE};${changes}`);
  return database;
}

/** Everything that an MVP application could notice: every value of every row to the letter, columns, keys, indexes, types. */
async function photograph(pool: pg.Pool): Promise<Record<string, string[]>> {
  const texts = async (query: string) => (await pool.query<{ line: string }>(query)).rows.map((row) => row.line).sort();
  const tables = await texts(
    "SELECT relname AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
  );
  const photo: Record<string, string[]> = {};
  for (const table of tables.filter((name) => !name.startsWith('mge_'))) {
    photo[table] = await texts(`SELECT t::text AS line FROM ${table} t`);
  }
  photo['columns'] = await texts(`
    SELECT c.relname || '.' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull
      || coalesce(' ' || pg_get_expr(d.adbin, d.adrelid), '') AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid AND relkind = 'r' AND relnamespace = 'public'::regnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped AND relname NOT LIKE 'mge\\_%'`);
  const constraints = await texts(`
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE 'mge\\_%'`);
  // The server prints a check that was written back with other casts and brackets, as it does after pg_dump.
  photo['constraints'] = constraints.map((line) => line.replaceAll(/::(character varying|text)(\[\])?|[()]/g, ''));
  photo['indexes'] = await texts(
    "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'mge\\_%'",
  );
  photo['types'] = await texts(`
    SELECT typname || ': ' || string_agg(enumlabel, ',' ORDER BY enumsortorder) AS line
    FROM pg_type t JOIN pg_enum ON enumtypid = t.oid GROUP BY typname`);
  return photo;
}

/** The way back, by an operator whose session prints times in another way than the one that upgraded. */
async function downgradeElsewhere(url: string): Promise<void> {
  const options = encodeURIComponent('-c timezone=Asia/Tokyo -c datestyle=German');
  const session = openDatabase({ url: `${url}?options=${options}`, max: 1, onIdleError: () => undefined });
  try {
    await downgrade(session.pool, 'base');
  } finally {
    await session.close();
  }
}

/** Other ways in which MVP databases were made. */
const FLAVOURS: Record<string, string> = {
  'as the ORM made it: upper-case enumerations': '',
  'lower-case enumerations, some under the very names that V2 uses': `
    ALTER TYPE masterplanstatus RENAME TO masterplan_status;
    ALTER TYPE phasetype RENAME TO phase_type;
    ALTER TYPE phase_type RENAME VALUE 'SETUP' TO 'setup';
    ALTER TYPE phase_type RENAME VALUE 'CORE' TO 'core';
    ALTER TYPE phase_type RENAME VALUE 'POLISH' TO 'polish';
    ALTER TYPE taskcomplexity RENAME VALUE 'LOW' TO 'low';
    ALTER TYPE taskcomplexity RENAME VALUE 'MEDIUM' TO 'medium';
    ALTER TYPE taskcomplexity RENAME VALUE 'HIGH' TO 'high';
    ALTER TYPE taskcomplexity RENAME VALUE 'CRITICAL' TO 'critical';`,
  'states as text in mixed case with a check and a default, owners as text without a key': `
    DROP INDEX idx_masterplan_open;
    ALTER TABLE masterplans DROP CONSTRAINT masterplans_user_id_fkey, ALTER user_id TYPE varchar(40),
      ALTER status TYPE varchar(20) USING initcap(status::text), ALTER status SET DEFAULT 'Draft';
    ALTER TABLE discovery_documents DROP CONSTRAINT discovery_documents_user_id_fkey, ALTER user_id TYPE varchar(40);
    ALTER TABLE masterplan_tasks DROP CONSTRAINT ck_task_done, ALTER status TYPE varchar(20) USING status::text;
    ALTER TABLE masterplan_tasks ADD CONSTRAINT ck_task_status CHECK (status IN ('PENDING','READY','COMPLETED','FAILED'));
    CREATE INDEX idx_task_failed ON masterplan_tasks (task_number) WHERE status = 'FAILED';
    CREATE INDEX idx_plan_status ON masterplans (status varchar_pattern_ops);`,
  'without users and subtasks, with columns V2 does not know, no keys between tables, and odd numbers': `
    DROP TABLE masterplan_subtasks;
    ALTER TABLE masterplans DROP CONSTRAINT masterplans_user_id_fkey, ADD tenant varchar(20);
    UPDATE masterplans SET tenant = 'acme';
    ALTER TABLE masterplans ALTER tenant SET NOT NULL, ALTER actual_cost_usd TYPE numeric(10,4), ALTER generation_tokens TYPE bigint,
      ALTER tech_stack TYPE jsonb, ALTER created_at TYPE timestamptz USING created_at AT TIME ZONE 'UTC';
    ALTER TABLE discovery_documents DROP CONSTRAINT discovery_documents_user_id_fkey, DROP risk_factors, ALTER user_request DROP NOT NULL;
    UPDATE discovery_documents SET user_request = NULL WHERE session_id = 'session-2';
    DROP TABLE users;
    ALTER TABLE masterplan_phases ALTER created_at DROP NOT NULL;
    UPDATE masterplan_phases SET created_at = NULL WHERE phase_number = 2;
    ALTER TABLE masterplan_tasks DROP CONSTRAINT masterplan_tasks_phase_id_fkey, ALTER name TYPE varchar(80), ALTER task_type TYPE text;`,
};

describe.each(Object.entries(FLAVOURS))('An MVP database, %s', (_name, changes) => {
  test('keeps every row on the way up, works as V2, and is as it was after the way back', async () => {
    const { pool, db, url } = await mvpDatabase(changes);
    const before = await photograph(pool);
    const sizes = Object.fromEntries(TABLES.map((table) => [table, before[table]?.length ?? 0]));

    await upgrade(pool);
    for (const table of TABLES) {
      const { rows } = await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
      expect([table, rows[0]!.n]).toEqual([table, sizes[table]]);
    }
    const plans = await db.select().from(schema.masterplans).orderBy(schema.masterplans.sessionId);
    expect(plans[2]).toMatchObject({
      status: 'draft',
      projectName: 'Café orders – naïve edition',
      techStack: { frontend: 'React', backend: 'FastAPI', database: 'PostgreSQL' },
      createdAt: new Date('2025-09-05T07:15:00Z'),
      v2Mode: true,
      planningStatus: 'ready',
      generationTokens: 24515,
      actualCostUsd: 1.75,
    });
    const tasks = await db.select().from(schema.masterplanTasks).where(eq(schema.masterplanTasks.status, 'completed'));
    expect(tasks.length).toBe(8 * 2 * 14);
    expect(tasks[0]!.startedAt?.toISOString()).toMatch(/^2025-09-1\dT06:\d\d:/);
    // What V2 writes works in all tables, with an owner that no MVP would take.
    const own = await insertMasterplan(db, { userId: 'test-user-migration' });
    const task = await insertTask(db, { masterplanId: own.masterplanId });
    await insertAtom(db, { masterplanId: own.masterplanId, taskId: task.taskId });
    await pool.query('DELETE FROM discovery_documents WHERE discovery_id = $1', [own.discoveryId]);

    await downgradeElsewhere(url);
    expect(await photograph(pool)).toEqual(before);
    const { rows: leftovers } = await pool.query(
      "SELECT relname FROM pg_class WHERE relname LIKE 'mge\\_%' AND relkind = 'r'",
    );
    expect(leftovers).toEqual([{ relname: 'mge_migrations' }]);

    await upgrade(pool);
    expect((await db.select().from(schema.masterplans)).length).toBe(8);
  });
});

test('An adopted database has the columns, types and keys of a new one', async () => {
  const [adopted, fresh] = [await mvpDatabase(), await createTestDatabase()];
  open.push(fresh);
  await upgrade(adopted.pool);
  const [a, b] = [await photograph(adopted.pool), await photograph(fresh.pool)];
  // What V2 leaves as it found it: wider text, columns of the MVP's own.
  expect(a['columns']!.filter((line) => !b['columns']!.includes(line))).toEqual([
    'alembic_version.version_num character varying(32) true',
    'discovery_documents.llm_cost_usd double precision false',
    'discovery_documents.llm_model character varying(100) false',
    'masterplan_milestones.depends_on_milestones json false',
    'masterplans.project_name character varying(300) true',
    'users.last_login_at timestamp without time zone false',
  ]);
  expect(b['columns']!.filter((line) => !a['columns']!.includes(line))).toEqual([
    'masterplans.project_name character varying(200) true',
  ]);
  expect(a['indexes']).toEqual(expect.arrayContaining(b['indexes']!));
  const keys = (lines: string[]) => lines.map((line) => line.replace(/^(\S+) \S+ /, '$1 ')).sort();
  expect(keys(a['constraints']!)).toEqual(expect.arrayContaining(keys(b['constraints']!)));
});

describe('Plans that V2 made beside those of an MVP', () => {
  test('are put aside on the way back, and return with the next upgrade to be decomposed again', async () => {
    const { pool, db } = await mvpDatabase();
    const before = await photograph(pool);
    await upgrade(pool);
    const plan = await insertMasterplan(db, {
      userId: 'test-user-migration',
      config: { seed: 7 },
      provider: 'blueprint',
    });
    const task = await insertTask(db, {
      masterplanId: plan.masterplanId,
      draftBytes: Buffer.from([0xff, 0x00, 0x41]),
      decomposedSha256: 'ab'.repeat(32),
    });
    const atom = await insertAtom(db, { masterplanId: plan.masterplanId, taskId: task.taskId });
    await insertGraph(db, { masterplanId: plan.masterplanId, atomIds: [atom.atomId] });

    await downgrade(pool, 'base');
    expect(await photograph(pool)).toEqual(before);

    await upgrade(pool);
    const [returned] = await db
      .select()
      .from(schema.masterplans)
      .where(eq(schema.masterplans.masterplanId, plan.masterplanId));
    expect(returned).toEqual({ ...plan, graphId: null, totalAtoms: 0, totalWaves: 0, maxParallelism: 0 });
    const [its] = await db.select().from(schema.masterplanTasks).where(eq(schema.masterplanTasks.taskId, task.taskId));
    expect(its).toEqual({ ...task, decomposedSha256: null });
    const { rows } = await pool.query("SELECT to_regclass('mge_parked') AS parked");
    expect(rows).toEqual([{ parked: null }]);
  });

  test('what V2 changed in a plan of the MVP stays changed; its neighbours get their spelling back', async () => {
    const { pool } = await mvpDatabase();
    await upgrade(pool);
    await pool.query(
      `UPDATE masterplans SET status = 'completed', tech_stack = '{"b": 1,   "a": 2}' WHERE session_id = 'session-3'`,
    );
    await pool.query(`UPDATE masterplan_tasks SET name = repeat('n', 300) WHERE task_number = 1`);
    await downgrade(pool, '001');
    const { rows } = await pool.query<{ status: string; stack: string }>(
      'SELECT status::text, tech_stack::text AS stack FROM masterplans ORDER BY session_id',
    );
    expect(rows[2]).toEqual({ status: 'COMPLETED', stack: '{"a": 2, "b": 1}' });
    expect(rows[3]).toEqual({
      status: 'APPROVED',
      stack: '{"frontend": "React",  "backend": "FastAPI", "database": "PostgreSQL"}',
    });
  });

  test('text that has outgrown its old column is kept whole', async () => {
    const { pool } = await mvpDatabase('ALTER TABLE masterplan_tasks ALTER name TYPE varchar(60);');
    await upgrade(pool);
    await pool.query("UPDATE masterplan_tasks SET name = repeat('n', 200) WHERE task_number = 1");
    await downgrade(pool, 'base');
    const { rows } = await pool.query('SELECT max(length(name)) AS longest FROM masterplan_tasks');
    expect(rows).toEqual([{ longest: 200 }]);
  });
});

describe('An MVP database that V2 cannot take as it is', () => {
  test.each([
    [
      'a state that V2 does not know',
      `ALTER TYPE taskstatus ADD VALUE 'ARCHIVED'; COMMIT; UPDATE masterplan_tasks SET status = 'ARCHIVED' WHERE task_number = 3;`,
      /masterplan_tasks\.status holds values that V2 does not know: ARCHIVED/,
    ],
    [
      'a NUL in json',
      `UPDATE masterplan_tasks SET target_files = '["a\\u0000b"]' WHERE task_number = 3;`,
      /masterplan_tasks\.target_files holds a value that jsonb cannot hold/,
    ],
    [
      'tasks of a plan that is gone',
      `ALTER TABLE masterplan_tasks DROP CONSTRAINT masterplan_tasks_masterplan_id_fkey;
       UPDATE masterplan_tasks SET masterplan_id = md5('nobody')::uuid WHERE task_number = 3;`,
      /8 rows of masterplan_tasks name a masterplan_id that is not in masterplans/,
    ],
    [
      'a task without a number',
      `ALTER TABLE masterplan_tasks ALTER task_number DROP NOT NULL; UPDATE masterplan_tasks SET task_number = NULL;`,
      /masterplan_tasks\.task_number is NULL in some rows/,
    ],
    [
      'a view over a column that has to change',
      `CREATE VIEW open_plans AS SELECT masterplan_id FROM masterplans WHERE status = 'IN_PROGRESS';`,
      /cannot alter type of a column used by a view/,
    ],
  ])('is refused with the reason and left as it is: %s', async (_what, changes, reason) => {
    const { pool } = await mvpDatabase(changes);
    await upgrade(pool, '001');
    const before = await photograph(pool);
    await expect(upgrade(pool)).rejects.toThrow(reason);
    expect(await photograph(pool)).toEqual(before);
    expect(await currentRevision(pool)).toBe('001_mvp_baseline');
  });
});
