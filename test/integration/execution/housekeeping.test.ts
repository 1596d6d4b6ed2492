import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, schema } from '../../../src/db/index.ts';
import { keepHouse, RETENTION } from '../../../src/execution/housekeeping.ts';
import { insertAtom, insertGraph, insertMasterplan } from '../../support/factories.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness } from './harness.ts';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.open();
});
afterAll(() => harness.close());

const run = (text: string, values: unknown[] = []) => harness.database.pool.query<Record<string, string>>(text, values);

/** An execution with three events that ended so many seconds ago; null = it has not. */
async function execution(endedSecondsAgo: number | null): Promise<string> {
  const { db } = harness.database;
  const { masterplanId } = await insertMasterplan(db);
  const { graphId } = await insertGraph(db, {
    masterplanId,
    atomIds: [(await insertAtom(db, { masterplanId })).atomId],
  });
  const executionId = newId<string>();
  const ended = endedSecondsAgo !== null;
  await db.insert(schema.executions).values({
    executionId,
    masterplanId,
    graphId,
    status: ended ? 'completed' : 'paused',
    provider: 'blueprint',
    concurrency: 1,
    maxAttempts: 1,
    startedBy: 'test',
    completedAt: ended ? new Date(Date.now() - endedSecondsAgo * 1000) : null,
    createdAt: new Date(0),
  });
  for (let n = 0; n < 3; n += 1)
    await run(
      `INSERT INTO execution_events (masterplan_id, execution_id, type, data, created_at) VALUES ($1, $2, 'atom.accepted', '{}', 'epoch')`,
      [masterplanId, executionId],
    );
  return executionId;
}

const eventsOf = async (executionId: string) =>
  (await run('SELECT event_id FROM execution_events WHERE execution_id = $1', [executionId])).rowCount;
const seconds = (count: number) => `now() - interval '${count} seconds'`;

describe('housekeeping', () => {
  it('removes what is older than its retention, and only that', async () => {
    const margin = 3_600;
    const [old, recent, open] = [
      await execution(RETENTION.executionEvents + margin),
      await execution(RETENTION.executionEvents - margin),
      await execution(null),
    ];
    const { masterplanId } = await insertMasterplan(harness.database.db);
    for (const offset of [margin, -margin]) {
      const at = (kept: number) => seconds(kept + offset);
      const id = newId<string>();
      await run(
        `INSERT INTO m10_recovery.outbox (aggregate_type, aggregate_id, event_type, payload, processed_at)
                 VALUES ('test', $1, 'test', '{}', ${at(RETENTION.outbox)})`,
        [id],
      );
      await run(
        `INSERT INTO user_activity VALUES ($1, date_trunc('hour', ${at(RETENTION.activity)}), 1, ${at(RETENTION.activity)})`,
        [id],
      );
      await run(
        `INSERT INTO idempotency_keys (scope, key, body_sha256, status, expires_at)
                 VALUES ('s', $1, 'x', 'completed', ${seconds(offset)})`,
        [id],
      );
      await run(
        `INSERT INTO stage_jobs (job_id, masterplan_id, kind, status, updated_at)
                 VALUES ($1, $2, 'decompose', 'failed', ${at(RETENTION.stageJobs)})`,
        [id, masterplanId],
      );
      await run(
        `INSERT INTO m10_recovery.dead_letter_archive (msg_id, queue_name, payload, reason, archived_at)
                 VALUES ($1, 'stages', '{}', 'x', ${at(RETENTION.deadLetters)})`,
        [id],
      );
      await run(
        `INSERT INTO m10_recovery.replay_log (original_msg_id, replayed_by, replayed_at)
                 VALUES ($1, 'x', ${at(RETENTION.deadLetters)})`,
        [id],
      );
      await run(`INSERT INTO m10_recovery.distributed_locks VALUES ($1, 'x', now(), ${seconds(offset)})`, [id]);
    }
    const report = await keepHouse({ ...harness.deps, queues: harness.queues() });
    expect(report).toEqual({
      archived_jobs: 0,
      expired_locks: 1,
      outbox: 1,
      idempotency_keys: 1,
      user_activity: 1,
      execution_events: 3,
      stage_jobs: 1,
      dead_letters: 1,
    });
    expect([await eventsOf(old), await eventsOf(recent), await eventsOf(open)]).toEqual([0, 3, 3]);
    for (const table of ['outbox', 'dead_letter_archive', 'replay_log', 'distributed_locks'])
      expect((await run(`SELECT 1 FROM m10_recovery.${table}`)).rowCount, table).toBe(1);
  });

  it('archives given-up jobs that are still in Redis, then removes them there', async () => {
    const queues = harness.queues();
    const connection = new Redis(queues.url, { maxRetriesPerRequest: null });
    const queue = new Queue('stages', { connection, prefix: queues.prefix });
    const jobId = newId<string>();
    const job = await queue.add('stage', { jobId });
    const worker = new Worker('stages', null, { connection, prefix: queues.prefix });
    const taken = await worker.getNextJob('token');
    await taken?.moveToFailed(new Error('Postgres was away'), 'token');
    const report = await keepHouse({ ...harness.deps, queues });
    expect(report['archived_jobs']).toBe(1);
    const { rows } = await run('SELECT * FROM m10_recovery.dead_letter_archive WHERE msg_id = $1', [
      `stages:${jobId}:${job.id}`,
    ]);
    expect(rows[0]).toMatchObject({
      queue_name: 'stages',
      payload: { job_id: jobId },
      reason: 'Postgres was away',
      attempts: 1,
    });
    expect(await queue.getFailedCount()).toBe(0);
    await worker.close();
    await queue.close();
    connection.disconnect();
  });

  it('goes on with the other tasks when Redis is away', async () => {
    await run(`INSERT INTO m10_recovery.distributed_locks VALUES ('stale', 'x', now(), ${seconds(60)})`);
    const report = await keepHouse({ ...harness.deps, queues: harness.queues('redis://127.0.0.1:1') });
    expect(report['archived_jobs']).toBeUndefined();
    expect(report['expired_locks']).toBe(1);
  });

  it('is done by the worker that leads', async () => {
    await run(
      `INSERT INTO m10_recovery.outbox (aggregate_type, aggregate_id, event_type, payload, processed_at)
               VALUES ('test', $1, 'old', '{}', ${seconds(RETENTION.outbox + 60)})`,
      [newId<string>()],
    );
    await harness.worker();
    await waitFor(async () => (await run(`SELECT 1 FROM m10_recovery.outbox WHERE event_type = 'old'`)).rowCount === 0);
  });
});
