import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../../src/db/index.ts';
import { acquireLock } from '../../../src/db/queries/acquire-lock.ts';
import { archiveDeadLetter } from '../../../src/db/queries/archive-dead-letter.ts';
import { claimOutboxEvents } from '../../../src/db/queries/claim-outbox-events.ts';
import { cleanupExpiredLocks } from '../../../src/db/queries/cleanup-expired-locks.ts';
import { completeOutboxEvent } from '../../../src/db/queries/complete-outbox-event.ts';
import { completeOutboxEvents } from '../../../src/db/queries/complete-outbox-events.ts';
import { extendLock } from '../../../src/db/queries/extend-lock.ts';
import { listDeadLetters } from '../../../src/db/queries/list-dead-letters.ts';
import { outboxBacklog } from '../../../src/db/queries/outbox-backlog.ts';
import { pruneOutbox } from '../../../src/db/queries/prune-outbox.ts';
import { publishOutboxBatch } from '../../../src/db/queries/publish-outbox-batch.ts';
import { publishOutbox } from '../../../src/db/queries/publish-outbox.ts';
import { recordReplay } from '../../../src/db/queries/record-replay.ts';
import { releaseLock } from '../../../src/db/queries/release-lock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Turns the clock of a lock back, which is what waiting would do. */
const expireLock = (name: string) =>
  database.pool.query(
    "UPDATE m10_recovery.distributed_locks SET expires_at = now() - interval '1 second' WHERE lock_name = $1",
    [name],
  );

describe('locks', () => {
  test('The calls of the runbook answer as printed there', async () => {
    const answers = [];
    for (const call of [
      "acquire_lock('test:runbook', 'runbook-test', 60)",
      "extend_lock('test:runbook', 'runbook-test', 120)",
      "release_lock('test:runbook', 'runbook-test')",
    ]) {
      const { rows } = await database.pool.query<{ answer: string }>(`SELECT m10_recovery.${call}::text AS answer`);
      answers.push(rows[0]?.answer);
    }
    expect(answers).toEqual(['true', 'true', 'true']);
  });

  test('One of many takers gets a lock, and only its holder may renew, extend or release it', async () => {
    const { db } = database;
    const holders = Array.from({ length: 12 }, (_, i) => `holder-${i}`);
    const got = await Promise.all(holders.map((holder) => acquireLock(db, 'contended', holder, 60)));
    expect(got.filter(Boolean)).toHaveLength(1);

    const owner = holders[got.indexOf(true)]!;
    const other = holders[got.indexOf(false)]!;
    expect(await acquireLock(db, 'contended', owner, 60)).toBe(true);
    expect(await extendLock(db, 'contended', other, 60)).toBe(false);
    expect(await releaseLock(db, 'contended', other)).toBe(false);
    expect(await releaseLock(db, 'contended', owner)).toBe(true);
    expect(await acquireLock(db, 'contended', other, 60)).toBe(true);
  });

  test('Renewing keeps the moment of taking and moves the end', async () => {
    const { db, pool } = database;
    const read = async () =>
      (
        await pool.query<{ taken: Date; ends: Date }>(
          "SELECT acquired_at AS taken, expires_at AS ends FROM m10_recovery.distributed_locks WHERE lock_name = 'renewed'",
        )
      ).rows[0]!;
    await acquireLock(db, 'renewed', 'a', 10);
    const before = await read();
    await acquireLock(db, 'renewed', 'a', 1000);
    const after = await read();
    expect(after.taken).toEqual(before.taken);
    expect(after.ends.getTime() - before.ends.getTime()).toBeGreaterThan(900_000);
  });

  test('An expired lock can be taken over; its former holder can neither extend nor release it', async () => {
    const { db } = database;
    await acquireLock(db, 'lost', 'old', 60);
    await expireLock('lost');
    expect(await extendLock(db, 'lost', 'old', 60)).toBe(false);
    expect(await acquireLock(db, 'lost', 'new', 60)).toBe(true);
    expect(await releaseLock(db, 'lost', 'old')).toBe(false);
    expect(await extendLock(db, 'lost', 'new', 60)).toBe(true);
  });

  test('Cleaning up removes expired locks and no others', async () => {
    const { db } = database;
    await acquireLock(db, 'stale-1', 'a', 60);
    await acquireLock(db, 'stale-2', 'a', 60);
    await acquireLock(db, 'live', 'a', 60);
    await Promise.all([expireLock('stale-1'), expireLock('stale-2')]);
    expect(await cleanupExpiredLocks(db)).toBe(2);
    expect(await acquireLock(db, 'live', 'b', 60)).toBe(false);
  });

  test('A time to live below one second is refused', async () => {
    await expect(database.pool.query("SELECT m10_recovery.acquire_lock('x', 'y', 0)")).rejects.toThrow(
      /at least 1 second/,
    );
  });
});

describe('replays and dead letters', () => {
  test('A message is replayed once, however many ask at once', async () => {
    const { db } = database;
    await archiveDeadLetter(db, {
      msgId: 'm-1',
      queueName: 'atoms',
      payload: { atom: 1 },
      reason: 'gave up',
      attempts: 4,
    });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => recordReplay(db, 'm-1', `operator-${i}`, 'm-1b')),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    const [letter] = await listDeadLetters(db, { limit: 1 });
    expect(letter?.replayedAt).toBeInstanceOf(Date);
    const { rows } = await database.pool.query(
      'SELECT original_msg_id, COUNT(*) FROM m10_recovery.replay_log GROUP BY original_msg_id HAVING COUNT(*) > 1',
    );
    expect(rows).toEqual([]);
  });

  test('A replay whose transaction fails leaves the message replayable', async () => {
    const { db } = database;
    await expect(
      db.transaction(async (tx) => {
        expect(await recordReplay(tx, 'm-2', 'operator')).toBe(true);
        throw new Error('publishing failed');
      }),
    ).rejects.toThrow('publishing failed');
    expect(await recordReplay(db, 'm-2', 'operator')).toBe(true);
  });

  test('Archiving a message again keeps one row with the latest reason; pages run from new to old', async () => {
    const { db } = database;
    const letter = { msgId: 'm-3', queueName: 'atoms', payload: { atom: 3 }, reason: 'first', attempts: 4 };
    const id = await archiveDeadLetter(db, letter);
    const newer = await archiveDeadLetter(db, { ...letter, msgId: 'm-4' });
    expect(await archiveDeadLetter(db, { ...letter, reason: 'second', attempts: 1 })).toBe(id);
    const page = await listDeadLetters(db, { limit: 10, before: newer });
    expect(page[0]).toMatchObject({ archiveId: id, reason: 'second', attempts: 4, payload: { atom: 3 } });
  });
});

describe('outbox', () => {
  const event = (eventType = 'test.happened', payload: Record<string, unknown> = { n: 1 }) => ({
    aggregateType: 'test',
    aggregateId: newId<string>(),
    eventType,
    payload,
  });
  beforeEach(() => database.pool.query('TRUNCATE m10_recovery.outbox'));

  test('An event exists when its transaction commits, and not otherwise', async () => {
    const { db } = database;
    await db.transaction((tx) => publishOutbox(tx, event('kept')));
    await db
      .transaction(async (tx) => {
        await publishOutbox(tx, event('dropped'));
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    const claimed = await claimOutboxEvents(db, 'relay', 10, 30);
    expect(claimed.map((e) => e.eventType)).toEqual(['kept']);
    expect(claimed[0]).toMatchObject({ aggregateType: 'test', payload: { n: 1 }, retryCount: 0 });
    expect(claimed[0]?.createdAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  test('Relays that claim at once get each event exactly once', async () => {
    const { db } = database;
    const ids = await publishOutboxBatch(
      db,
      Array.from({ length: 200 }, (_, i) => event('many', { i })),
    );
    const claims = await Promise.all(Array.from({ length: 8 }, (_, i) => claimOutboxEvents(db, `relay-${i}`, 40, 30)));
    const rest = await claimOutboxEvents(db, 'relay-last', 200, 30);
    const claimed = [...claims.flat(), ...rest].map((e) => e.eventId);
    expect(claimed.sort((a, b) => a - b)).toEqual(ids);
    for (const claim of claims)
      expect(claim.map((e) => e.eventId)).toEqual([...claim.map((e) => e.eventId)].sort((a, b) => a - b));
  });

  test('A batch keeps its order and its payloads', async () => {
    const { db } = database;
    const events = Array.from({ length: 5 }, (_, i) => event(`type-${i}`, { text: `"quoted" ${i}`, nested: { i } }));
    const ids = await publishOutboxBatch(db, events);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const claimed = await claimOutboxEvents(db, 'relay', 10, 30);
    expect(
      claimed.map(({ eventType, payload, aggregateId, aggregateType }) => ({
        aggregateType,
        aggregateId,
        eventType,
        payload,
      })),
    ).toEqual(events);
  });

  test('A claim that is not ended is given out again when its lease is over', async () => {
    const { db, pool } = database;
    const id = await publishOutbox(db, event());
    expect(await claimOutboxEvents(db, 'first', 10, 30)).toHaveLength(1);
    expect(await claimOutboxEvents(db, 'second', 10, 30)).toHaveLength(0);
    await pool.query("UPDATE m10_recovery.outbox SET claimed_until = now() - interval '1 second'");
    expect(await claimOutboxEvents(db, 'second', 10, 30)).toHaveLength(1);
    expect(await completeOutboxEvent(db, id, 'too late', 'first')).toBe(false);
    expect(await completeOutboxEvent(db, id, undefined, 'second')).toBe(true);
    expect(await completeOutboxEvent(db, id)).toBe(false);
    expect(await outboxBacklog(db)).toEqual({ pending: 0, failing: 0, oldestSeconds: 0 });
  });

  test('Failed deliveries wait twice as long each time, up to five minutes', async () => {
    const { db, pool } = database;
    const id = await publishOutbox(db, event());
    const waits: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      await pool.query('UPDATE m10_recovery.outbox SET next_attempt_at = now()');
      expect(await claimOutboxEvents(db, 'relay', 1, 30)).toHaveLength(1);
      expect(await completeOutboxEvent(db, id, `failure ${i}`)).toBe(true);
      const { rows } = await pool.query<{ wait: number; retry_count: number; last_error: string }>(
        'SELECT extract(epoch FROM next_attempt_at - clock_timestamp())::float8 AS wait, retry_count, last_error FROM m10_recovery.outbox',
      );
      waits.push(Math.round(rows[0]!.wait));
      expect(rows[0]).toMatchObject({ retry_count: i + 1, last_error: `failure ${i}` });
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(await claimOutboxEvents(db, 'relay', 1, 30)).toHaveLength(0);
    expect(await outboxBacklog(db)).toMatchObject({ pending: 1, failing: 1 });
  });

  test('Many events can be completed at once; completed ones are pruned when they are old', async () => {
    const { db, pool } = database;
    const ids = await publishOutboxBatch(db, [event(), event(), event()]);
    expect(await completeOutboxEvents(db, ids.slice(0, 2))).toBe(2);
    expect(await completeOutboxEvents(db, ids)).toBe(1);
    await pool.query("UPDATE m10_recovery.outbox SET processed_at = now() - interval '2 hours' WHERE event_id = $1", [
      ids[0],
    ]);
    expect(await pruneOutbox(db, 3600)).toBe(1);
  });

  test('Publishing rings the channel at commit, once per type', async () => {
    const { db, pool } = database;
    const client = await pool.connect();
    const heard: (string | undefined)[] = [];
    try {
      client.on('notification', (message) => heard.push(message.payload));
      await client.query('LISTEN mge_outbox');
      await db.transaction(async (tx) => {
        await publishOutboxBatch(tx, [event('ring'), event('ring'), event('other')]);
        await client.query('SELECT 1');
        expect(heard).toEqual([]);
      });
      await expect.poll(() => client.query('SELECT 1').then(() => heard)).toEqual(['ring', 'other']);
    } finally {
      await client.query('UNLISTEN *');
      client.release();
    }
  });

  test("The runbook's troubleshooting statements run", async () => {
    const { db } = database;
    await publishOutbox(db, event('stuck'));
    await db.execute(sql`UPDATE m10_recovery.outbox SET retry_count = 4`);
    const backlog = await db.execute(sql`SELECT event_type, COUNT(*), MIN(created_at) as oldest FROM m10_recovery.outbox
      WHERE processed_at IS NULL GROUP BY event_type ORDER BY oldest`);
    const failed = await db.execute(sql`SELECT * FROM m10_recovery.outbox WHERE processed_at IS NULL AND retry_count > 3
      ORDER BY created_at LIMIT 10`);
    expect([backlog.rowCount, failed.rowCount]).toEqual([1, 1]);
    await db.execute(
      sql`SELECT * FROM m10_recovery.distributed_locks WHERE expires_at > now() ORDER BY acquired_at DESC`,
    );
    await db.execute(
      sql`DELETE FROM m10_recovery.distributed_locks WHERE lock_name = 'stuck:lock' AND expires_at < now()`,
    );
    await db.execute(sql`SELECT * FROM m10_recovery.replay_log ORDER BY replayed_at DESC LIMIT 20`);
  });
});
