import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ModelCallError } from '../../../src/adapters/llm/model-error.ts';
import { MgeError } from '../../../src/domain/index.ts';
import { resumeExecution } from '../../../src/execution/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness, scriptedProvider, type Plan } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

interface HistoryRow {
  readonly n: number;
  readonly temperature: number;
  readonly success: boolean;
  readonly tokens: number;
  readonly cost: number;
  readonly provider: string;
  readonly model: string | null;
  readonly strategy: string;
  readonly sha: string | null;
  readonly analysis: { readonly error_type: string; readonly findings: readonly object[] } | null;
  readonly ms: number;
}

async function history(plan: Plan, name: string): Promise<HistoryRow[]> {
  const { rows } = await harness.database.pool.query<HistoryRow>(
    `select attempt_number as n, temperature, success, tokens_used as tokens, cost_usd::float8 as cost, provider, model,
       prompt_variation as strategy, candidate_sha256 as sha, error_analysis as analysis, duration_ms as ms
     from atom_retry_history where atom_id = $1 order by attempt_number`,
    [plan.ids[name]],
  );
  return rows;
}

const waiting = async (plan: Plan, name: string) =>
  (
    await harness.database.pool.query<{ postponements: number; seconds: number }>(
      `select postponements, extract(epoch from available_at - clock_timestamp())::float8 as seconds
       from atom_queue where atom_id = $1 and state = 'ready'`,
      [plan.ids[name]],
    )
  ).rows[0];

const broken = (name: string) => (name === 'a' ? 'a = BROKEN\n' : `${name} = 1\n`);

describe('the attempts of an atom', () => {
  it('are all kept, cooler each time, with what they cost and what was wrong with them', async () => {
    let answers = 0;
    const provider = scriptedProvider(() => `a = BROKEN ${(answers += 1)}\n`, 0.1);
    await harness.worker({ provider });
    const plan = await harness.plan({ waves: [['a', 'b']], edges: [], draft: broken });
    await harness.start(plan);
    await harness.until(plan, 'partial');
    const rows = await history(plan, 'a');
    expect(rows.map((row) => [row.n, row.temperature, row.success, row.tokens, row.cost])).toEqual([
      [1, 0.7, false, 0, 0],
      [2, 0.5, false, 30, 0.05],
      [3, 0.3, false, 30, 0.05],
      [4, 0.3, false, 30, 0.05],
    ]);
    expect(rows.map((row) => [row.provider, row.model, row.strategy])).toEqual([
      ['blueprint', null, 'draft'],
      ...Array.from({ length: 3 }, () => ['scripted', 'script-1', 'regenerate']),
    ]);
    expect(new Set(rows.map((row) => row.sha)).size).toBe(4);
    for (const row of rows) {
      expect(row.analysis).toMatchObject({
        error_type: 'validation',
        findings: [{ file: 'src/a.py', line: 1, rule: 'broken', severity: 'error', message: 'it is broken' }],
      });
      expect(row.ms).toBeGreaterThanOrEqual(0);
    }
    // Each attempt was told what was wrong with the one before.
    expect(provider.requests.map((request) => request.findings[0]?.rule)).toEqual(['broken', 'broken', 'broken']);
    expect(provider.requests.map((request) => request.temperature)).toEqual([0.5, 0.3, 0.3]);
  });
});

describe('a failure of the provider', () => {
  it('that passes makes the atom wait as long as it was asked to, and uses no attempt', async () => {
    let away = true;
    const provider = scriptedProvider(() => {
      if (away) throw new ModelCallError('unavailable', 'overloaded', { retryAfterMs: 600 });
      return 'a = 2\n';
    });
    await harness.worker({ provider });
    const plan = await harness.plan({ waves: [['a', 'b']], edges: [], draft: broken });
    await harness.start(plan);
    const first = await waitFor(
      async () => {
        const row = await waiting(plan, 'a');
        return row && row.postponements >= 1 ? row : null;
      },
      { intervalMs: 5 },
    );
    expect(first.seconds).toBeLessThanOrEqual(0.6);
    expect((await harness.atom(plan, 'a')).attempts).toBe(1);
    // The others do not wait.
    await waitFor(async () => (await harness.states(plan))['b'] === 'completed');
    away = false;
    await harness.until(plan, 'completed');
    expect((await history(plan, 'a')).map((row) => [row.n, row.success])).toEqual([
      [1, false],
      [2, true],
    ]);
  });

  it('that lasts ends the atom at once, and no other', async () => {
    const provider = scriptedProvider(() => {
      throw new ModelCallError('request', 'the context is too long', { httpStatus: 400 });
    });
    await harness.worker({ provider });
    const plan = await harness.plan({ waves: [['a', 'b']], edges: [], draft: broken });
    await harness.start(plan);
    await harness.until(plan, 'partial');
    expect(await harness.states(plan)).toEqual({ a: 'failed', b: 'completed' });
    expect(provider.requests).toHaveLength(1);
    const rows = await history(plan, 'a');
    expect(rows.map((row) => row.analysis?.error_type)).toEqual(['validation', 'provider']);
    expect((await harness.atom(plan, 'a')).errorMessage).toContain('the context is too long');
  });

  it('of the budget pauses the run before anything is asked, and uses no attempt', async () => {
    let full = false;
    const provider = scriptedProvider(() => {
      if (!full) throw new MgeError('BUDGET_EXCEEDED', 'the budget is used up');
      return 'a = 2\n';
    });
    await harness.worker({ provider });
    const plan = await harness.plan({ waves: [['a', 'b'], ['c']], edges: [['c', 'a']], draft: broken });
    await harness.start(plan);
    const paused = await harness.until(plan, 'paused');
    expect(paused.pausedReason).toContain('the budget is used up');
    expect((await harness.atom(plan, 'a')).attempts).toBe(1);
    expect(await history(plan, 'a')).toHaveLength(1);
    full = true;
    await resumeExecution(harness.deps, { masterplanId: plan.masterplanId, by: 'admin' });
    await harness.until(plan, 'completed');
  });
});
