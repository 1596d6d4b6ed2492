import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { newId, schema } from '../../../src/db/index.ts';
import { archiveDeadLetter } from '../../../src/db/queries/archive-dead-letter.ts';
import { replayDeadLetter } from '../../../src/execution/index.ts';
import { refreshDatabaseGauges } from '../../../src/operations/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness } from './harness.ts';

let harness: Harness;
/** Long enough that nobody loses a lock while Redis lets it wait. */
const timings = { leaderTtlSeconds: 30 };
const metrics = createMetrics({ version: 'test', processMetrics: false });

beforeAll(async () => {
  harness = await Harness.open();
});
afterAll(() => harness.close());

async function valueOf(name: string): Promise<number> {
  const line = (await metrics.registry.metrics()).split('\n').find((text) => text.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

describe('the metrics of m10_recovery', () => {
  it('stand at 0 from the start, so that alerts have something to look at', async () => {
    for (const name of [
      'locks_acquired_total',
      'locks_failed_total',
      'replay_duplicates_total',
      'outbox_pending_gauge',
      'outbox_retry_total',
    ])
      expect(await valueOf(`m10_${name}`), name).toBe(0);
  });

  it('all move: leaders are elected, deliveries fail, events wait, a replay is refused', async () => {
    const plan = await harness.plan({ waves: [['a']], edges: [] });
    await harness.worker({ metrics, timings, queues: harness.queues('redis://127.0.0.1:1') });
    await waitFor(async () => (await valueOf('m10_locks_acquired_total')) >= 2);
    expect(await valueOf('m10_locks_failed_total')).toBe(0);

    await harness.start(plan);
    await waitFor(async () => (await valueOf('m10_outbox_retry_total')) > 0);
    await refreshDatabaseGauges({ ...harness.deps, metrics })();
    expect(await valueOf('m10_outbox_pending_gauge')).toBeGreaterThan(0);

    await harness.worker({ metrics, timings });
    // The first worker does not reach the queue: it steps back as the relay, and the second delivers.
    await harness.until(plan, 'completed');
    const failed = await valueOf('m10_locks_failed_total');
    expect(failed).toBeGreaterThanOrEqual(1);
    // Two stand-bys ask several times a second each; that is not a failure each time.
    expect(failed).toBeLessThan(12);

    const jobId = newId<string>();
    await harness.database.db
      .insert(schema.stageJobs)
      .values({ jobId, masterplanId: plan.masterplanId, kind: 'decompose', status: 'failed' });
    const letter = {
      msgId: 'stage:test',
      queueName: 'stages',
      payload: { job_id: jobId },
      reason: 'test',
      attempts: 1,
    };
    await archiveDeadLetter(harness.database.db, letter);
    const replay = () => replayDeadLetter({ ...harness.deps, metrics }, { msgId: 'stage:test', by: 'operator' });
    await replay();
    await expect(replay()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await valueOf('m10_replay_duplicates_total')).toBe(1);
  });
});

describe('the metrics of runs', () => {
  it('count checks, atoms and durations once an execution has ended', async () => {
    const own = createMetrics({ version: 'test', processMetrics: false });
    await harness.stopWorkers();
    const plan = await harness.plan({ waves: [['m'], ['n']], edges: [['n', 'm']] });
    await harness.worker({ metrics: own });
    await harness.start(plan);
    await harness.until(plan, 'completed');
    const sum = async (name: string): Promise<number> => {
      const lines = (await own.registry.metrics())
        .split('\n')
        .filter((text) => text.startsWith(`${name}{`) || text.startsWith(`${name} `));
      return lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
    };
    await waitFor(async () => (await sum('mge_wave_duration_seconds_count')) > 0);
    expect(await sum('mge_wave_duration_seconds_count')).toBe(2);
    expect(await sum('mge_run_duration_seconds_count')).toBe(1);
    expect(await sum('mge_atoms_total')).toBe(2);
    expect(await sum('mge_validation_total')).toBeGreaterThanOrEqual(2);
  });
});
