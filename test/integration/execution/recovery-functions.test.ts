/** The engine runs on the functions of m10_recovery: each test replaces one and sees the engine stop doing what rests on it. */
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveDeadLetter } from '../../../src/db/queries/archive-dead-letter.ts';
import { awaitStage, replayDeadLetter, submitStage, type WorkerDeps } from '../../../src/execution/index.ts';
import { keepHouse } from '../../../src/execution/housekeeping.ts';
import { openQueues } from '../../../src/adapters/queue/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness, log } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.open();
  await harness.database.pool.query(
    'create table calls (name text not null, at timestamptz default clock_timestamp())',
  );
});
afterEach(() => harness.close());

interface FunctionRow {
  readonly args: string;
  readonly result: string;
  readonly names: string[];
}

/** Puts a function in the place of one of m10_recovery: it notes the call and then does `body`, or what the real one does. */
async function replace(name: string, body?: string): Promise<void> {
  const { pool } = harness.database;
  const { rows } = await pool.query<FunctionRow>(
    `select pg_get_function_arguments(p.oid) as args, pg_get_function_result(p.oid) as result,
       p.proargnames[1:p.pronargs]::text[] as names
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'm10_recovery' and p.proname = $1`,
    [name],
  );
  const { args, result, names } = rows[0]!;
  await pool.query(`alter function m10_recovery.${name} rename to real_${name}`);
  const real = `m10_recovery.real_${name}(${names.join(', ')})`;
  const does = body ?? (result.startsWith('SETOF') ? `return query select * from ${real};` : `return ${real};`);
  await pool.query(
    `create function m10_recovery.${name}(${args}) returns ${result} language plpgsql as $f$
     begin insert into calls (name) values ('${name}'); ${does} end $f$`,
  );
}

async function restore(name: string): Promise<void> {
  await harness.database.pool.query(
    `do $d$ declare f regprocedure; begin
       for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname = 'm10_recovery' and p.proname = '${name}' loop execute 'drop function ' || f; end loop;
       execute 'alter function m10_recovery.real_${name} rename to ${name}'; end $d$`,
  );
}

async function calls(name: string): Promise<number> {
  const { rows } = await harness.database.pool.query<{ n: number }>(
    'select count(*)::int as n from calls where name = $1',
    [name],
  );
  return rows[0]!.n;
}

const two = () => harness.plan({ waves: [['a'], ['b']], edges: [['b', 'a']] });
/** Waits until a function has been asked so often that the engine has had its chance. */
const asked = (name: string, times = 3) =>
  waitFor(async () => (await calls(name)) >= times, { timeoutMs: 15_000, what: `${name} being called` });

describe('acquire_lock', () => {
  it('elects who delivers and who reconciles: while it is refused nobody does', async () => {
    await replace('acquire_lock', 'return false;');
    const plan = await two();
    await harness.worker();
    await harness.start(plan);
    // Atoms need no leader. The closing checks are announced by one.
    await waitFor(async () => (await harness.states(plan))['b'] === 'completed');
    await asked('acquire_lock', 8);
    expect((await harness.status(plan)).status).toBe('running');
    const open = async () =>
      (await harness.database.pool.query('select 1 from m10_recovery.outbox where processed_at is null')).rowCount;
    expect(await open()).toBeGreaterThan(0);
    await restore('acquire_lock');
    await harness.until(plan, 'completed');
  });
});

describe('extend_lock', () => {
  it('keeps a leader in office: one that is refused has to be elected again', async () => {
    await replace('extend_lock');
    await replace('acquire_lock');
    // A lock of three seconds is renewed after one: it is taken once per office.
    await harness.worker({ timings: { leaderTtlSeconds: 3 } });
    await asked('extend_lock', 2);
    expect(await calls('acquire_lock')).toBe(2);
    await restore('extend_lock');
    await replace('extend_lock', 'return false;');
    await waitFor(async () => (await calls('acquire_lock')) > 2, { timeoutMs: 15_000 });
  });
});

describe('claim_outbox_events and complete_outbox_event', () => {
  it('are how events leave: none is delivered that is not claimed', async () => {
    await replace('claim_outbox_events', 'return;');
    const plan = await two();
    await harness.worker();
    await harness.start(plan);
    await waitFor(async () => (await harness.states(plan))['b'] === 'completed');
    await asked('claim_outbox_events', 4);
    expect((await harness.status(plan)).status).toBe('running');
    await restore('claim_outbox_events');
    await harness.until(plan, 'completed');
  });

  it('end the claim: an event that is not completed is delivered again, and does nothing twice', async () => {
    const delivered: string[] = [];
    const queues = harness.queues();
    const counted: WorkerDeps['queues'] = {
      ...queues,
      announceStages: (tickets) => {
        delivered.push(...tickets.map((ticket) => ticket.jobId));
        return queues.announceStages(tickets);
      },
    };
    const { pool } = harness.database;
    const plan = await two();
    // Nothing is ever done with, and the lease of a claim ends at once.
    await replace('complete_outbox_event', 'return false;');
    await replace(
      'claim_outbox_events',
      'return query select * from m10_recovery.real_claim_outbox_events(p_claimer, p_limit, 0);',
    );
    await harness.worker({ queues: counted });
    await harness.start(plan);
    await harness.until(plan, 'completed');
    await waitFor(() => delivered.length > 3, { what: 'the same ticket again and again' });
    expect(new Set(delivered).size).toBe(1);
    // Two may check a file at once, as it is completed and at the end; one result is kept.
    const fileResults = await pool.query('select 1 from validation_results where level_number = 2');
    expect(fileResults.rowCount).toBe(2);
    const attempts = await pool.query('select 1 from atom_retry_history');
    expect(attempts.rowCount).toBe(2);
  });
});

describe('archive_dead_letter', () => {
  it('comes before a given-up job leaves Redis: while it fails the job stays there', async () => {
    const { url, prefix } = harness.redis;
    const queues = openQueues({ url, prefix, onError: () => undefined });
    const client = new Redis(url);
    await queues.announceStages([{ jobId: '00000000-0000-7000-8000-000000000001' }]);
    // As BullMQ leaves a job that failed as often as allowed.
    const id = (await client.lrange(`${prefix}:stages:wait`, 0, 0))[0]!;
    await client
      .multi()
      .lrem(`${prefix}:stages:wait`, 1, id)
      .zadd(`${prefix}:stages:failed`, Date.now(), id)
      .hset(`${prefix}:stages:${id}`, 'failedReason', 'gone', 'attemptsMade', '5', 'atm', '5')
      .exec();
    expect(await queues.givenUpStages(10)).toHaveLength(1);
    await replace('archive_dead_letter', `raise exception 'the archive is full';`);
    const house = { ...harness.deps, queues };
    await keepHouse(house);
    expect(await queues.givenUpStages(10)).toHaveLength(1);
    await restore('archive_dead_letter');
    await keepHouse(house);
    expect(await queues.givenUpStages(10)).toHaveLength(0);
    const letters = await harness.database.pool.query<{ reason: string }>(
      'select reason from m10_recovery.dead_letter_archive',
    );
    expect(letters.rows).toMatchObject([{ reason: 'gone' }]);
    client.disconnect();
    await queues.close();
  });
});

describe('record_replay', () => {
  it('decides who replays: refused, nothing is sent; granted, once for any number of askers', async () => {
    const { masterplanId } = await two();
    const { jobId } = await submitStage(harness.deps, { masterplanId, kind: 'decompose' });
    const { db, pool } = harness.database;
    await pool.query(`update stage_jobs set status = 'failed' where job_id = $1`, [jobId]);
    const msgId = `stage:${jobId}`;
    const letter = { msgId, queueName: 'stages', payload: { job_id: jobId }, reason: 'x', attempts: 5 };
    await archiveDeadLetter(db, letter);
    const jobs = async () => (await pool.query('select 1 from stage_jobs')).rowCount;
    await replace('record_replay', 'return false;');
    await expect(replayDeadLetter(harness.deps, { msgId, by: 'ann' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await jobs()).toBe(1);
    await restore('record_replay');
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => replayDeadLetter(harness.deps, { msgId, by: `ann-${i}` })),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(await jobs()).toBe(2);
    await harness.worker({
      log,
      stages: { decompose: () => Promise.resolve({ done: true }), build_graph: () => Promise.resolve({}) },
    });
    const { rows } = await pool.query<{ id: string }>(`select job_id as id from stage_jobs where status <> 'failed'`);
    expect((await awaitStage(harness.deps, rows[0]!.id, 10_000)).status).toBe('completed');
  });
});
