import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId, schema } from '../../../src/db/index.ts';
import {
  estimateMasterplan,
  getExecutionStatus,
  listCostEvents,
  overrideBudget,
  readCost,
  startExecution,
  suggestForReview,
} from '../../../src/execution/index.ts';
import { goodReply, subjectOf } from '../../support/model-answers.ts';
import type { ModelServerOptions } from '../../support/model-server.ts';
import { Harness } from '../execution/harness.ts';
import { ModelRun, planId } from './model-run.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterAll(() => harness.close());
let run: ModelRun;
afterEach(() => run.close());

const signal = new AbortController().signal;
const FILES = [{ path: 'calc.py', content: 'def add(a: int, b: int) -> int:\n    return a + b\n' }];
const ADVICE = { type: 'test', description: 'Try negative numbers.', code: null };

async function planned(reply: ModelServerOptions['reply'] = goodReply) {
  run = await ModelRun.open(harness, { reply });
  const { masterplanId } = await run.create({ files: FILES });
  const id = planId(masterplanId);
  await run.worker();
  await run.stage(id, 'decompose');
  await run.stage(id, 'build_graph');
  return id;
}

async function review(masterplanId: string): Promise<string> {
  const atom = (await harness.database.db.select().from(schema.atomicUnits)).find(
    (one) => one.masterplanId === masterplanId,
  );
  const reviewId = newId();
  await harness.database.db.insert(schema.humanReviewQueue).values({
    reviewId,
    atomId: atom?.atomId ?? '',
    masterplanId,
    confidenceScore: 0.4,
    flaggedReason: 'low confidence',
    priority: 2,
  });
  return reviewId;
}

describe('suggestions for a reviewer', () => {
  it('come from the model, are kept with the item and paid once', async () => {
    const id = await planned(() => JSON.stringify({ suggestions: [ADVICE, { ...ADVICE, description: ' ' }] }));
    const reviewId = await review(id);
    const deps = { ...harness.deps, providers: run.providers.lookup };
    expect(await suggestForReview(deps, reviewId, signal)).toEqual([ADVICE]);
    expect(await suggestForReview(deps, reviewId, signal)).toEqual([ADVICE]);
    expect(run.server.calls.length).toBe(1);
    expect(run.server.calls[0]?.user).toContain('return a + b');
    expect(await run.ledger(id)).toEqual([expect.objectContaining({ operation: 'suggest', status: 'settled' })]);
    const { rows } = await harness.database.pool.query<{ model: unknown }>(
      `select ai_suggestions->'model' as model from human_review_queue where review_id = $1`,
      [reviewId],
    );
    expect(rows[0]?.model).toEqual([{ ...ADVICE, provider: 'openai', model: 'small' }]);
  });

  it('are refused, not made up, when the answer is none; asked again, another answer counts', async () => {
    let asked = 0;
    const id = await planned(() =>
      (asked += 1) === 1 ? 'It looks fine to me!' : JSON.stringify({ suggestions: [ADVICE] }),
    );
    const reviewId = await review(id);
    const deps = { ...harness.deps, providers: run.providers.lookup };
    await expect(suggestForReview(deps, reviewId, signal)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' });
    expect(await suggestForReview(deps, reviewId, signal)).toEqual([ADVICE]);
    // Both answers were paid for.
    expect((await run.ledger(id)).map((entry) => entry.status)).toEqual(['settled', 'settled']);
  });

  it('are not served by the blueprints, and not beyond the budget', async () => {
    const id = await planned();
    const reviewId = await review(id);
    const deps = { ...harness.deps, providers: run.providers.lookup };
    await run.setBudget(id, 0);
    await expect(suggestForReview(deps, reviewId, signal)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
    expect(run.server.calls.length).toBe(0);
    const offline = { ...deps, providers: () => run.providers.lookup('blueprint') };
    await expect(suggestForReview(offline, reviewId, signal)).rejects.toMatchObject({ code: 'REQUEST_NOT_SERVED' });
  });
});

describe('an estimate', () => {
  it('says what it assumes at first, and rests on what happened later', async () => {
    const id = await planned((call) => (subjectOf(call).kind === 'plan' ? '' : goodReply(call)));
    const deps = { ...harness.deps, providers: run.providers.lookup };
    const before = await estimateMasterplan(deps, id);
    expect(before).toMatchObject({ provider: 'openai', waves: 1, fitsBudget: true });
    expect(before.atoms).toBeGreaterThan(0);
    expect(before.basis.assumed.length).toBeGreaterThan(0);
    expect(before.costUsd.low).toBeLessThanOrEqual(before.costUsd.expected);
    expect(await estimateMasterplan(deps, id)).toEqual(before);
    await startExecution(harness.deps, { masterplanId: id, startedBy: 'test' });
    await harness.until({ masterplanId: id, ids: {} }, 'completed');
    const after = await estimateMasterplan(deps, id);
    // What is accepted is not done again.
    expect(after).toMatchObject({ atoms: 0, costUsd: { expected: 0 } });
    expect(after.basis.draftAttempts).toBeGreaterThan(before.basis.draftAttempts);
  });

  it('needs atoms and a graph', async () => {
    run = await ModelRun.open(harness, { reply: goodReply });
    const { masterplanId } = await run.create({ files: FILES });
    const deps = { ...harness.deps, providers: run.providers.lookup };
    await expect(estimateMasterplan(deps, masterplanId)).rejects.toMatchObject({ code: 'NOT_DECOMPOSED' });
    await run.worker();
    await run.stage(planId(masterplanId), 'decompose');
    await expect(estimateMasterplan(deps, masterplanId)).rejects.toMatchObject({ code: 'GRAPH_NOT_BUILT' });
    await expect(estimateMasterplan(deps, newId())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('what a masterplan costs', () => {
  it('is added up by operation, model, wave and atom, and listed call by call', async () => {
    const id = await planned(() => JSON.stringify({ suggestions: [ADVICE] }));
    const deps = { ...harness.deps, providers: run.providers.lookup };
    await suggestForReview(deps, await review(id), signal);
    const cost = await readCost(deps, id);
    expect(cost).toMatchObject({ budgetUsd: 200, softCapUsd: 140, reservedUsd: 0 });
    expect(cost.settledUsd).toBeGreaterThan(0);
    expect(cost.byOperation).toEqual([{ name: 'suggest', calls: 1, usd: cost.settledUsd }]);
    expect(cost.byModel[0]?.name).toMatch(/^openai\//);
    expect(cost.byWave).toEqual([{ name: '1', calls: 1, usd: cost.settledUsd }]);
    expect(cost.dearestAtoms).toHaveLength(1);
    const events = await listCostEvents(deps, id, { limit: 1 });
    expect(events).toMatchObject({ nextCursor: null, items: [{ operation: 'suggest', status: 'settled' }] });
    expect(events.items[0]?.createdAt).toBeInstanceOf(Date);
  });

  it('is bounded per atom: what would pass it goes to a person, the rest of the run goes on', async () => {
    const id = await planned(goodReply);
    await breakDraft(id);
    await configure(id, { atom_budget_usd: 0.0001 });
    await startExecution(harness.deps, { masterplanId: id, startedBy: 'test' });
    await harness.until({ masterplanId: id, ids: {} }, 'failed');
    expect(run.server.calls.length).toBe(0);
    const { rows } = await harness.database.pool.query<{ message: string }>(
      `select error_message as message from atomic_units where masterplan_id = $1 and status = 'FAILED'`,
      [id],
    );
    expect(rows[0]?.message).toContain('budget of the atom');
  });

  it('is bounded per wave: the run pauses until an admin raises the cap', async () => {
    const id = await planned(goodReply);
    await breakDraft(id);
    await configure(id, { wave_budget_usd: 0.0001 });
    await startExecution(harness.deps, { masterplanId: id, startedBy: 'test' });
    await harness.until({ masterplanId: id, ids: {} }, 'paused');
    expect(await getExecutionStatus(harness.deps, id)).toMatchObject({
      pausedReason: expect.stringContaining('wave 1') as string,
    });
    await overrideBudget(harness.deps, {
      masterplanId: id,
      budgetUsd: 200,
      waveUsd: 100,
      reason: 'test',
      by: 'admin',
      resume: true,
    });
    await harness.until({ masterplanId: id, ids: {} }, 'completed');
    expect(run.server.calls.length).toBeGreaterThan(0);
  });

  async function breakDraft(id: string): Promise<void> {
    await harness.database.pool.query(
      `update atomic_units set code_to_generate = 'BROKEN ' || code_to_generate where masterplan_id = $1 and code_to_generate like 'def%'`,
      [id],
    );
  }

  async function configure(id: string, config: Record<string, unknown>): Promise<void> {
    await harness.database.pool.query(`update masterplans set config = config || $2::jsonb where masterplan_id = $1`, [
      id,
      JSON.stringify(config),
    ]);
  }
});
