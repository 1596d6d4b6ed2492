import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { abandonIdempotentCall } from '../../../src/db/queries/abandon-idempotent-call.ts';
import { activeUsers } from '../../../src/db/queries/active-users.ts';
import { beginIdempotentCall } from '../../../src/db/queries/begin-idempotent-call.ts';
import { completeIdempotentCall } from '../../../src/db/queries/complete-idempotent-call.ts';
import { getMaintenance } from '../../../src/db/queries/get-maintenance.ts';
import { listAudit } from '../../../src/db/queries/list-audit.ts';
import { pruneActivity } from '../../../src/db/queries/prune-activity.ts';
import { pruneIdempotentCalls } from '../../../src/db/queries/prune-idempotent-calls.ts';
import { recordActivity } from '../../../src/db/queries/record-activity.ts';
import { setMaintenance } from '../../../src/db/queries/set-maintenance.ts';
import { writeAudit } from '../../../src/db/queries/write-audit.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const NOON = new Date('2026-11-20T12:00:00.000Z');
const after = (ms: number) => new Date(NOON.getTime() + ms);
const MINUTE = 60_000;
const DAY = 86_400_000;

describe('maintenance', () => {
  test('It is off before anybody touches it', async () => {
    expect(await getMaintenance(database.db)).toEqual({
      enabled: false,
      message: null,
      until: null,
      since: null,
      by: null,
    });
  });

  test('Switching on twice keeps its beginning; switching off clears it', async () => {
    const { db } = database;
    const on = await setMaintenance(db, {
      enabled: true,
      message: 'V2 migration',
      until: after(DAY),
      by: 'ops',
      now: NOON,
    });
    expect(on).toEqual({ enabled: true, message: 'V2 migration', until: after(DAY), since: NOON, by: 'ops' });
    const again = await setMaintenance(db, { enabled: true, message: 'longer', by: 'ops-2', now: after(MINUTE) });
    expect(again).toEqual({ enabled: true, message: 'longer', until: null, since: NOON, by: 'ops-2' });
    expect(await getMaintenance(db)).toEqual(again);
    const off = await setMaintenance(db, { enabled: false, by: 'ops', now: after(2 * MINUTE) });
    expect(off).toEqual({ enabled: false, message: null, until: null, since: null, by: 'ops' });
    const later = await setMaintenance(db, { enabled: true, by: 'ops', now: after(3 * MINUTE) });
    expect(later.since).toEqual(after(3 * MINUTE));
  });
});

describe('audit', () => {
  test('Entries are kept in order and paged from new to old', async () => {
    const { db } = database;
    for (const n of [1, 2, 3])
      await writeAudit(db, { actor: 'ops', action: 'test', subject: `thing:${n}`, details: { n } });
    const [newest] = await listAudit(db, { limit: 1 });
    expect(newest).toMatchObject({ subject: 'thing:3', details: { n: 3 } });
    const older = await listAudit(db, { limit: 5, before: newest!.auditId });
    expect(older.map((e) => e.subject)).toEqual(['thing:2', 'thing:1']);
  });

  test('An entry of a transaction that fails is not kept', async () => {
    const { db } = database;
    const failing = db.transaction(async (tx) => {
      await writeAudit(tx, { actor: 'ops', action: 'undone', subject: 'x' });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect((await listAudit(db, { limit: 100 })).map((e) => e.action)).not.toContain('undone');
  });
});

describe('activity', () => {
  test('Each window counts the different users seen within it, to the second', async () => {
    const { db, pool } = database;
    await recordActivity(db, 'ann', after(-4 * MINUTE));
    await recordActivity(db, 'ann', after(-3 * MINUTE));
    await recordActivity(db, 'ben', after(-6 * MINUTE));
    await recordActivity(db, 'cyd', after(-5 * 60 * MINUTE));
    await recordActivity(db, 'dan', after(-6 * DAY));
    await recordActivity(db, 'eve', after(-29 * DAY), 7);
    await recordActivity(db, 'old', after(-31 * DAY));
    await recordActivity(db, 'future', after(MINUTE));
    expect(await activeUsers(db, NOON)).toEqual({ '5m': 1, '1h': 2, '24h': 3, '7d': 4, '30d': 5 });
    const { rows } = await pool.query("SELECT requests, last_seen_at FROM user_activity WHERE user_id = 'ann'");
    expect(rows).toEqual([{ requests: 2, last_seen_at: after(-3 * MINUTE) }]);
    expect(await pruneActivity(db, after(-30 * DAY))).toBe(1);
  });

  test('A late report does not move the last sight back', async () => {
    const { db, pool } = database;
    await recordActivity(db, 'late', after(10 * MINUTE));
    await recordActivity(db, 'late', after(5 * MINUTE));
    const { rows } = await pool.query("SELECT last_seen_at FROM user_activity WHERE user_id = 'late'");
    expect(rows).toEqual([{ last_seen_at: after(10 * MINUTE) }]);
  });
});

describe('idempotency', () => {
  const begin = (key: string, options: { body?: string; at?: number } = {}) =>
    beginIdempotentCall(database.db, {
      scope: 'ann POST /api/v2/masterplans',
      key,
      bodySha256: options.body ?? 'aaaa',
      now: after(options.at ?? 0),
      leaseMs: MINUTE,
    });
  const call = (key: string) => ({ scope: 'ann POST /api/v2/masterplans', key });
  const answer = { status: 201, body: '{"b":1,"a":"\\u0000 é"}', headers: { location: '/api/v2/masterplans/1' } };

  test('Of requests with one key, one runs; the others wait for it; then all get its answer, byte for byte', async () => {
    const { db } = database;
    const first = await Promise.all(Array.from({ length: 6 }, () => begin('k1')));
    expect(first.filter((b) => b.outcome === 'started')).toHaveLength(1);
    expect(first.filter((b) => b.outcome === 'in_progress')).toHaveLength(5);
    const stored = await completeIdempotentCall(db, { ...call('k1'), token: NOON, answer, now: after(1), ttlMs: DAY });
    expect(stored).toBe(true);
    expect(await begin('k1', { at: 2 })).toEqual({ outcome: 'replay', answer });
    expect(await begin('k1', { at: 2, body: 'bbbb' })).toEqual({ outcome: 'mismatch' });
  });

  test('The same key of another scope is another call', async () => {
    await begin('k2');
    const other = await beginIdempotentCall(database.db, {
      scope: 'ben POST /api/v2/masterplans',
      key: 'k2',
      bodySha256: 'aaaa',
      now: NOON,
      leaseMs: MINUTE,
    });
    expect(other.outcome).toBe('started');
  });

  test('A key is free again when its request failed or when its time is over', async () => {
    const { db } = database;
    await begin('k3');
    await abandonIdempotentCall(db, { ...call('k3'), token: NOON });
    expect(await begin('k3', { body: 'bbbb', at: 1 })).toMatchObject({ outcome: 'started' });
    await completeIdempotentCall(db, { ...call('k3'), token: after(1), answer, now: after(2), ttlMs: MINUTE });
    expect(await begin('k3', { at: MINUTE })).toMatchObject({ outcome: 'mismatch' });
    expect(await begin('k3', { at: MINUTE + 2 })).toMatchObject({ outcome: 'started' });
  });

  test('A request that outlived its lease cannot answer for its successor', async () => {
    const { db } = database;
    await begin('k4');
    const second = await begin('k4', { at: MINUTE });
    expect(second).toEqual({ outcome: 'started', token: after(MINUTE) });
    const late = await completeIdempotentCall(db, {
      ...call('k4'),
      token: NOON,
      answer,
      now: after(MINUTE + 1),
      ttlMs: DAY,
    });
    expect(late).toBe(false);
    await abandonIdempotentCall(db, { ...call('k4'), token: NOON });
    expect(await begin('k4', { at: MINUTE + 1 })).toEqual({ outcome: 'in_progress' });
  });

  test('Keys whose time is over are pruned', async () => {
    await begin('k5', { at: 10 * DAY });
    await pruneIdempotentCalls(database.db, after(9 * DAY));
    expect(await begin('k5', { at: 10 * DAY + 1 })).toEqual({ outcome: 'in_progress' });
    const { rows } = await database.pool.query('SELECT key FROM idempotency_keys');
    expect(rows).toEqual([{ key: 'k5' }]);
  });
});
