import { afterEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/db/index.ts';
import {
  currentRevision,
  downgrade,
  history,
  listRevisions,
  renderSql,
  upgrade,
  upgradeIfEmpty,
} from '../../../src/db/migrations.ts';
import { createEmptyDatabase, type TestDatabase } from '../../support/database.ts';
import { insertAtom, insertGraph, insertMasterplan } from '../../support/factories.ts';

const open: TestDatabase[] = [];
const emptyDatabase = async (): Promise<TestDatabase> => {
  const database = await createEmptyDatabase();
  open.push(database);
  return database;
};
afterEach(() => Promise.all(open.splice(0).map((database) => database.drop())));

const all = listRevisions().map((r) => r.revision);
const V2_TABLES = [
  'atom_dependencies',
  'atom_retry_history',
  'atomic_units',
  'dependency_graphs',
  'execution_waves',
  'human_review_queue',
  'validation_results',
];

async function objects({ pool }: TestDatabase): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(`
    SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('public', 'm10_recovery') AND c.relkind IN ('r', 'i', 'S', 'v') AND c.relname NOT LIKE 'mge_migrations%'
    UNION ALL SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'm10_recovery')
    UNION ALL SELECT typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE n.nspname IN ('public', 'm10_recovery') AND typtype = 'e'
    UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'm10_recovery'`);
  return rows.map((row) => row.name).sort();
}

describe('on an empty database', () => {
  test('up, each step back and up again leave what the runbooks expect', async () => {
    const database = await emptyDatabase();
    const { pool } = database;
    expect(await currentRevision(pool)).toBeNull();
    expect(await objects(database)).toEqual([]);

    expect(await upgrade(pool)).toEqual(all);
    const full = await objects(database);
    expect(full).toEqual(expect.arrayContaining(V2_TABLES));
    const { rows: routines } = await pool.query<{ routine_name: string }>(
      "SELECT routine_name FROM information_schema.routines WHERE routine_schema = 'm10_recovery' ORDER BY routine_name",
    );
    expect(routines.map((r) => r.routine_name)).toEqual([
      'acquire_lock',
      'archive_dead_letter',
      'claim_outbox_events',
      'cleanup_expired_locks',
      'complete_outbox_event',
      'extend_lock',
      'publish_outbox',
      'record_replay',
      'release_lock',
    ]);

    expect(await downgrade(pool, '002')).toEqual(['003_m10_recovery']);
    expect(await objects(database)).not.toContain('m10_recovery');
    expect(await downgrade(pool, '001_mvp_baseline')).toEqual(['002_mge_v2_schema']);
    expect(await objects(database)).not.toEqual(expect.arrayContaining([expect.stringMatching(/atom|review|wave/)]));
    expect(await currentRevision(pool)).toBe('001_mvp_baseline');
    expect(await downgrade(pool, 'base')).toEqual(['001_mvp_baseline']);
    expect(await objects(database)).toEqual([]);
    expect(await currentRevision(pool)).toBeNull();

    expect(await upgrade(pool)).toEqual(all);
    expect(await objects(database)).toEqual(full);
  });

  test('a second upgrade has nothing to do; the history says what was applied when', async () => {
    const { pool } = await emptyDatabase();
    const before = Date.now();
    await upgrade(pool, '1');
    expect(await upgrade(pool, 'mge_v2')).toEqual(['002_mge_v2_schema']);
    expect(await upgrade(pool, '002')).toEqual([]);
    const applied = await history(pool);
    expect(applied.map((a) => a.revision)).toEqual(all.slice(0, 2));
    for (const { appliedAt } of applied) expect(Math.abs(appliedAt.getTime() - before)).toBeLessThan(60_000);
  });

  test('replicas that start at once apply each revision once', async () => {
    const { pool, url } = await emptyDatabase();
    const replicas = Array.from({ length: 5 }, () => openDatabase({ url, max: 2, onIdleError: () => undefined }));
    const done = await Promise.all(replicas.map((replica) => upgrade(replica.pool)));
    await Promise.all(replicas.map((replica) => replica.close()));
    expect(done.flat().sort()).toEqual(all);
    expect(await currentRevision(pool)).toBe(all.at(-1));
  });

  test('replicas that migrate only an empty database all find it migrated, while one that holds something is left alone', async () => {
    const { pool, url } = await emptyDatabase();
    const replicas = Array.from({ length: 4 }, () => openDatabase({ url, max: 1, onIdleError: () => undefined }));
    const done = await Promise.all(replicas.map((replica) => upgradeIfEmpty(replica.pool)));
    await Promise.all(replicas.map((replica) => replica.close()));
    expect(done).toEqual([true, true, true, true]);
    await downgrade(pool, '002');
    expect(await upgradeIfEmpty(pool)).toBe(false);
    expect(await currentRevision(pool)).toBe('002_mge_v2_schema');
    await downgrade(pool, 'base');
    expect(await upgradeIfEmpty(pool)).toBe(true);

    const other = await emptyDatabase();
    await other.pool.query('CREATE TABLE somebody_elses (id int)');
    expect(await upgradeIfEmpty(other.pool)).toBe(false);
    expect(await objects(other)).toEqual(['somebody_elses']);
  });

  test('the rendered SQL, run by hand, is the same as the upgrade', async () => {
    const [byHand, byTool] = [await emptyDatabase(), await emptyDatabase()];
    await byHand.pool.query(renderSql('base', 'head'));
    await upgrade(byTool.pool);
    expect(await objects(byHand)).toEqual(await objects(byTool));
    expect(await upgrade(byHand.pool)).toEqual([]);
    await byHand.pool.query(renderSql('head', 'base'));
    expect(await objects(byHand)).toEqual([]);
  });
});

describe('a database that is not as expected', () => {
  test('an applied revision whose file has changed is refused, naming both checksums', async () => {
    const { pool } = await emptyDatabase();
    await upgrade(pool, '001');
    await pool.query("UPDATE mge_migrations SET checksum = 'feed'");
    await expect(upgrade(pool)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(
        /001_mvp_baseline was applied with checksum feed, but its file now has [0-9a-f]{64}/,
      ) as string,
    });
    expect(await currentRevision(pool)).toBe('001_mvp_baseline');
  });

  test('a revision of a newer version is refused', async () => {
    const { pool } = await emptyDatabase();
    await upgrade(pool);
    await pool.query("INSERT INTO mge_migrations (revision, checksum) VALUES ('004_from_the_future', 'x')");
    await expect(upgrade(pool)).rejects.toThrow(/004_from_the_future, which this version of mge does not know/);
    await expect(downgrade(pool, 'base')).rejects.toThrow(/004_from_the_future/);
  });

  test('a revision that fails changes nothing, and says where', async () => {
    const database = await emptyDatabase();
    await upgrade(database.pool, '001');
    await database.pool.query('CREATE TABLE atomic_units (id int)');
    const before = await objects(database);
    await expect(upgrade(database.pool)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(
        /002_mge_v2_schema \(up\) failed and changed nothing: .*already holds atomic_units/,
      ) as string,
    });
    expect(await objects(database)).toEqual(before);
    await database.pool.query('DROP TABLE atomic_units');
    expect(await upgrade(database.pool)).toEqual(all.slice(1));
  });

  test('tables that only share their names with those of an MVP are refused', async () => {
    const { pool } = await emptyDatabase();
    await pool.query('CREATE TABLE users (id serial PRIMARY KEY, email text)');
    await expect(upgrade(pool)).rejects.toThrow(/primary key is not a column user_id of type uuid/);
    expect(await currentRevision(pool)).toBeNull();
  });
});

test('The circle between plans and graphs can be cut from both ends, and atoms can be renumbered within a transaction', async () => {
  const database = await emptyDatabase();
  await upgrade(database.pool);
  const { db, pool } = database;
  const plan = await insertMasterplan(db);
  const a = await insertAtom(db, { masterplanId: plan.masterplanId });
  const b = await insertAtom(db, { masterplanId: plan.masterplanId });
  await pool.query('UPDATE atomic_units SET atom_number = 3 - atom_number');
  await expect(pool.query('UPDATE atomic_units SET atom_number = 1')).rejects.toThrow(/uq_atoms_masterplan_number/);

  await insertGraph(db, {
    masterplanId: plan.masterplanId,
    atomIds: [a.atomId, b.atomId],
    edges: [{ from: b.atomId, to: a.atomId }],
  });
  await pool.query('DELETE FROM dependency_graphs');
  const { rows } = await pool.query('SELECT graph_id FROM masterplans');
  expect(rows).toEqual([{ graph_id: null }]);
  await insertGraph(db, { masterplanId: plan.masterplanId, atomIds: [a.atomId, b.atomId] });
  await pool.query('DELETE FROM masterplans');
  const { rows: left } = await pool.query('SELECT count(*)::int AS n FROM atomic_units');
  expect(left).toEqual([{ n: 0 }]);
});
