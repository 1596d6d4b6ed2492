/** The drizzle schema and the hand-written migrations describe the same database. */
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../../src/db/index.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/database.ts';

let migrated: TestDatabase;
let drawn: TestDatabase;

/** Types that the schema names without declaring: their labels are upper case in the database (see upperEnum). */
const UPPER_TYPES = [
  'atom_status',
  'dependency_type',
  'validation_level',
  'wave_status',
  'review_status',
  'review_resolution',
];
const SCHEMAS = "('public', 'm10_recovery')";

beforeAll(async () => {
  migrated = await createTestDatabase();
  drawn = await createEmptyDatabase();
  for (const type of UPPER_TYPES) await drawn.pool.query(await enumStatement(type));
  const statements = await generateMigration(generateDrizzleJson({}), generateDrizzleJson(schema));
  for (const statement of statements) {
    await drawn.pool.query(statement.replace(/("\w+_status" DEFAULT )'(pending)'( NOT NULL)/g, upperIfCustom));
  }
});
afterAll(() => Promise.all([migrated.drop(), drawn.drop()]));

/** drizzle-kit writes the default of a custom type as the program spells it. */
function upperIfCustom(match: string, head: string, label: string, tail: string): string {
  return UPPER_TYPES.some((type) => head.startsWith(`"${type}"`)) ? `${head}'${label.toUpperCase()}'${tail}` : match;
}

async function enumStatement(type: string): Promise<string> {
  const { rows } = await migrated.pool.query<{ labels: string }>(
    "SELECT string_agg(quote_literal(label), ', ') AS labels FROM unnest(enum_range(NULL::" + type + ')) AS label',
  );
  return `CREATE TYPE ${type} AS ENUM (${rows[0]!.labels})`;
}

async function lines(pool: pg.Pool, query: string): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(query);
  return rows.map((row) => row.line).sort(byCodePoint);
}

const COLUMNS = `
  SELECT format('%s.%s.%s %s%s%s', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN ' NOT NULL' END,
    CASE WHEN a.attgenerated = 's' THEN ' GENERATED ' ELSE ' DEFAULT ' END || pg_get_expr(d.adbin, d.adrelid)) AS line
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' AND c.relname NOT LIKE 'mge\\_%'
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ${SCHEMAS}
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped`;

const INDEXES = `
  SELECT indexdef AS line FROM pg_indexes WHERE schemaname IN ${SCHEMAS} AND tablename NOT LIKE 'mge\\_%'
    AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_pk'`;

const CONSTRAINTS = `
  SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
  WHERE connamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ${SCHEMAS}) AND contype IN ('p', 'u', 'f', 'c')
    AND conrelid::regclass::text NOT LIKE 'mge\\_%'`;

const ENUMS = `
  SELECT t.typname || ': ' || string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) AS line
  FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.typname`;

describe('the migrated database and the drizzle schema', () => {
  test('have the same columns, types, nullability and defaults', async () => {
    const actual = await lines(migrated.pool, COLUMNS);
    expect(actual.length).toBeGreaterThan(250);
    expect(actual).toEqual(await lines(drawn.pool, COLUMNS));
  });

  test('have the same indexes', async () => {
    const actual = await lines(migrated.pool, INDEXES);
    expect(actual.length).toBeGreaterThan(40);
    expect(actual).toEqual(await lines(drawn.pool, INDEXES));
  });

  test('have the same keys, but for the two that drizzle cannot say', async () => {
    const drawnKeys = await lines(drawn.pool, CONSTRAINTS);
    const expected = drawnKeys.map((line) =>
      line === 'atomic_units UNIQUE (masterplan_id, atom_number)' ? `${line} DEFERRABLE INITIALLY DEFERRED` : line,
    );
    expect(expected).not.toEqual(drawnKeys);
    expected.push('masterplans FOREIGN KEY (graph_id) REFERENCES dependency_graphs(graph_id) ON DELETE SET NULL');
    expect(await lines(migrated.pool, CONSTRAINTS)).toEqual(expected.sort(byCodePoint));
  });

  test('have the same enumerations', async () => {
    expect(await lines(migrated.pool, ENUMS)).toEqual(await lines(drawn.pool, ENUMS));
  });
});

test('Every foreign key has an index, so that deleting a plan does not scan whole tables', async () => {
  const { rows } = await migrated.pool.query<{ key: string }>(`
    SELECT conrelid::regclass || ' ' || pg_get_constraintdef(c.oid) AS key FROM pg_constraint c
    WHERE contype = 'f' AND NOT EXISTS (
      SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indpred IS NULL)`);
  expect(rows).toEqual([]);
});

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
