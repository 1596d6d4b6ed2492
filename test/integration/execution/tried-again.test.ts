import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/runtime.ts';
import { schema } from '../../../src/db/index.ts';
import { asId, type ReviewId } from '../../../src/domain/index.ts';
import { listExecutionEvents, retryAtom } from '../../../src/execution/index.ts';
import { approve, edit, getReview, regenerate, reject } from '../../../src/review/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { wordValidation } from './fakes.ts';
import { Harness, scriptedProvider, type Plan } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

const SHAPE = {
  waves: [['a'], ['b']],
  edges: [['b', 'a']] as const,
  // Everything is sampled: each atom has a review.
  config: { review_fraction: 1, max_attempts: 2 },
};
const review = () => ({ db: harness.database.db, clock: systemClock, validation: wordValidation });

async function itemOf(plan: Plan, name: string) {
  const [row] = await harness.database.db
    .select()
    .from(schema.humanReviewQueue)
    .where(eq(schema.humanReviewQueue.atomId, plan.ids[name]!));
  return row!;
}
const reviewOf = async (plan: Plan, name: string) => asId<ReviewId>((await itemOf(plan, name)).reviewId);

/** Runs the plan and gives it with an answer for later attempts at `a`. */
async function completed(answer: () => Promise<string> | string) {
  const provider = scriptedProvider(answer);
  await harness.worker({ provider });
  const plan = await harness.plan(SHAPE);
  await harness.start(plan);
  await harness.until(plan, 'completed');
  return { plan, provider };
}

const retry = (plan: Plan, name = 'a') =>
  retryAtom(harness.deps, { masterplanId: plan.masterplanId, by: 'test', atomId: plan.ids[name]! });

/** Waits until the atom has had that many attempts and the run has ended. */
async function after(plan: Plan, attempts: number, ...states: Parameters<Harness['until']>[1][]) {
  await waitFor(async () => (await harness.atom(plan, 'a')).attempts === attempts);
  return harness.until(plan, ...states);
}

describe('an accepted atom that is tried again', () => {
  it('may come out with the same text: it was not rejected', async () => {
    const { plan } = await completed(() => 'a = 1\n');
    await retry(plan);
    await after(plan, 2, 'completed');
    expect(await harness.atom(plan, 'a')).toMatchObject({ status: 'completed', acceptedCode: 'a = 1\n', attempts: 2 });
    await regenerate(review(), await reviewOf(plan, 'a'), { reviewer: 'ann', feedback: 'again' });
    await after(plan, 3, 'completed');
    expect(await harness.atom(plan, 'a')).toMatchObject({ status: 'completed', errorMessage: null });
  });

  it('keeps its text while it is tried, and when nothing better comes of it; a person is told', async () => {
    const answers = ['a = BROKEN 1\n', 'a = BROKEN 2\n'];
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const { plan, provider } = await completed(async () => {
      await gate;
      return answers.shift() ?? 'none\n';
    });
    await approve(review(), await reviewOf(plan, 'a'), { reviewer: 'ann' });
    await retry(plan);
    await waitFor(() => Promise.resolve(provider.requests.length === 1));
    expect(await harness.atom(plan, 'a')).toMatchObject({ acceptedCode: 'a = 1\n', acceptedProvider: 'blueprint' });
    letGo();
    const ended = await after(plan, 3, 'completed');
    expect(ended).toMatchObject({ atomsSucceeded: 2, atomsFailed: 0 });
    expect(ended.waves.map((wave) => [wave.completedAtoms, wave.failedAtoms])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(await harness.atom(plan, 'a')).toMatchObject({ status: 'completed', acceptedCode: 'a = 1\n' });
    expect(await itemOf(plan, 'a')).toMatchObject({
      status: 'pending',
      flaggedReason: expect.stringContaining('the text accepted before stands') as string,
    });
    const events = await listExecutionEvents(harness.deps, ended.executionId, { afterId: 0, limit: 100 });
    expect(events.filter((event) => event.type === 'atom.kept')).toHaveLength(1);
  });

  it('lets its dependents go on that had not run yet', async () => {
    await harness.worker({ provider: scriptedProvider(() => 'a = BROKEN\n') });
    const plan = await harness.plan({
      ...SHAPE,
      waves: [['a'], ['b'], ['c']],
      edges: [
        ['b', 'a'],
        ['c', 'b'],
      ],
    });
    await harness.start(plan, { maxWaves: 1 });
    await harness.until(plan, 'waiting');
    await retry(plan);
    await harness.start(plan);
    await harness.until(plan, 'completed');
    expect((await harness.atom(plan, 'a')).attempts).toBe(3);
    expect(await harness.states(plan)).toEqual({ a: 'completed', b: 'completed', c: 'completed' });
  });

  it('is rejected for good by a reviewer: its text never comes back', async () => {
    const { plan } = await completed(() => 'a = 1\n');
    await reject(review(), await reviewOf(plan, 'a'), { reviewer: 'ann', feedback: 'not one' });
    await after(plan, 2, 'partial', 'failed');
    expect(await harness.atom(plan, 'a')).toMatchObject({
      status: 'failed',
      acceptedCode: null,
      errorMessage: expect.stringContaining('rejected by ann: not one') as string,
    });
    // A person can still take it.
    await approve(review(), await reviewOf(plan, 'a'), { reviewer: 'bob' });
    await harness.until(plan, 'completed');
    expect(await harness.atom(plan, 'a')).toMatchObject({ acceptedCode: 'a = 1\n', acceptedProvider: 'reviewer' });
  });

  it('has no text to go back to when a reviewer rejects it while it is tried', async () => {
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const { plan, provider } = await completed(() => gate.then(() => 'a = BROKEN\n'));
    await retry(plan);
    await waitFor(() => Promise.resolve(provider.requests.length === 1));
    await reject(review(), await reviewOf(plan, 'a'), { reviewer: 'ann', feedback: 'not one' });
    await waitFor(async () => (await harness.atom(plan, 'a')).acceptedCode === null);
    letGo();
    await after(plan, 3, 'partial', 'failed');
    expect((await harness.atom(plan, 'a')).status).toBe('failed');
  });

  it('takes another text after a rejection', async () => {
    const { plan, provider } = await completed(() => 'a = 2\n');
    await reject(review(), await reviewOf(plan, 'a'), { reviewer: 'ann', feedback: 'use two' });
    await after(plan, 2, 'completed');
    expect(provider.requests.at(-1)).toMatchObject({ feedback: 'use two' });
    expect(await harness.atom(plan, 'a')).toMatchObject({ status: 'completed', acceptedCode: 'a = 2\n' });
  });
});

describe("a reviewer's text", () => {
  it('has a confidence of its own and is not replaced by a retry, only by a regeneration that saw it', async () => {
    const answers = ['a = BROKEN 1\n', 'a = 5\n'];
    const { plan } = await completed(() => answers.shift() ?? 'none\n');
    const { db } = harness.database;
    await db
      .update(schema.atomicUnits)
      .set({ confidenceScore: 0.1 })
      .where(eq(schema.atomicUnits.atomId, plan.ids['a']!));
    const reviewId = await reviewOf(plan, 'a');
    const edited = await edit(review(), reviewId, { reviewer: 'ann', code: 'a = 42\n' });
    await waitFor(async () => (await harness.atom(plan, 'a')).acceptedCode === 'a = 42\n');
    expect((await harness.atom(plan, 'a')).confidenceScore).toBeGreaterThan(0.9);
    await harness.until(plan, 'completed');
    await expect(retry(plan)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`regenerate of review ${reviewId}`) as string,
    });
    await expect(regenerate(review(), reviewId, { reviewer: 'bob', feedback: 'other' })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await regenerate(review(), reviewId, { reviewer: 'bob', feedback: 'other', version: edited.version });
    // The first answer is broken: the reviewer's text stands.
    await after(plan, 2, 'completed');
    expect(await harness.atom(plan, 'a')).toMatchObject({ acceptedCode: 'a = 42\n', acceptedProvider: 'reviewer' });
    const { version } = (await getReview(review(), reviewId))!;
    await regenerate(review(), reviewId, { reviewer: 'bob', feedback: 'once more', version });
    await after(plan, 3, 'completed');
    expect(await harness.atom(plan, 'a')).toMatchObject({ acceptedCode: 'a = 5\n', acceptedProvider: 'scripted' });
  });
});

describe('why an atom failed', () => {
  it('is what was wrong with its text, not that the text came again', async () => {
    await harness.worker({ provider: scriptedProvider(() => 'a = BROKEN\n') });
    const plan = await harness.plan({ ...SHAPE, waves: [['a']], edges: [], draft: () => 'a = BROKEN\n' });
    await harness.start(plan);
    await harness.until(plan, 'failed');
    const item = await waitFor(() => itemOf(plan, 'a'));
    expect(item.flaggedReason).toMatch(/^src\/a\.py:1: it is broken; scripted gave the same text/);
    expect(item.aiSuggestions).toMatchObject({ issues: [{ type: 'broken' }, { type: 'repeated-output' }] });
  });
});
