import { desc, eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/runtime.ts';
import { schema } from '../../../src/db/index.ts';
import { asId, type ReviewId } from '../../../src/domain/index.ts';
import { applyReviewDecision } from '../../../src/execution/apply-review-decision.ts';
import { exportArtifact } from '../../../src/execution/index.ts';
import type { ApprovedAtom, PatternLibrary } from '../../../src/masterplan/index.ts';
import { approve, regenerate } from '../../../src/review/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness, log, scriptedProvider, type Plan } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

const SHAPE = {
  waves: [['a'], ['b']],
  edges: [['b', 'a']] as const,
  draft: (name: string) => (name === 'a' ? 'a = BROKEN\n' : `${name} = 1\n`),
};

async function reviewOf(plan: Plan, name: string): Promise<ReviewId> {
  const row = await waitFor(async () => {
    const rows = await harness.database.db
      .select()
      .from(schema.humanReviewQueue)
      .where(eq(schema.humanReviewQueue.atomId, plan.ids[name]!));
    return rows[0];
  });
  return asId<ReviewId>(row.reviewId);
}

const review = () => ({ db: harness.database.db, clock: systemClock });

describe('a review decision', () => {
  it('approving a failed atom accepts its last candidate and frees its dependents', async () => {
    const answers = ['BROKEN 1\n', 'BROKEN 2\n', 'BROKEN but fine\n'];
    await harness.worker({ provider: scriptedProvider(() => answers.shift() ?? 'none\n') });
    const plan = await harness.plan(SHAPE);
    await harness.start(plan);
    await harness.until(plan, 'failed');
    await approve(review(), await reviewOf(plan, 'a'), { reviewer: 'ann' });
    await harness.until(plan, 'completed');
    expect(await harness.atom(plan, 'a')).toMatchObject({
      status: 'completed',
      acceptedCode: 'BROKEN but fine\n',
      acceptedProvider: 'reviewer',
      acceptedBy: 'ann',
    });
    const { manifest } = await exportArtifact(harness.deps, plan.masterplanId);
    expect(manifest.files[0]!.atoms[0]).toMatchObject({ provider: 'reviewer', reviewer: 'ann' });
  });

  it('keeps what was approved as an example for its owner, and is applied all the same where that fails', async () => {
    const kept: ApprovedAtom[] = [];
    let away = true;
    const patterns: PatternLibrary = {
      find: () => Promise.resolve([]),
      search: () => Promise.resolve([]),
      prepare: () => Promise.resolve(),
      remember: (atom) => {
        if (!away) kept.push(atom);
        return away ? Promise.reject(new Error('the vector store is away')) : Promise.resolve();
      },
    };
    const answers = ['BROKEN 1\n', 'BROKEN 2\n', 'BROKEN 3\n'];
    await harness.worker({ patterns, provider: scriptedProvider(() => answers.shift() ?? 'none\n') });
    for (const [at, brokenAway] of [true, false].entries()) {
      away = brokenAway;
      answers.splice(0, answers.length, `BROKEN ${at} 1\n`, `BROKEN ${at} 2\n`, `BROKEN ${at} 3\n`);
      const plan = await harness.plan(SHAPE);
      await harness.start(plan);
      await harness.until(plan, 'failed');
      await approve(review(), await reviewOf(plan, 'a'), { reviewer: 'ann' });
      await harness.until(plan, 'completed');
      if (!away) {
        await waitFor(() => kept.length > 0);
        expect(kept).toMatchObject([{ atomId: plan.ids['a'], code: 'BROKEN 1 3\n' }]);
      }
    }
  });

  it('regenerating gives the atom one more attempt with the words of the reviewer, however often the event comes', async () => {
    const answers = ['BROKEN 1\n', 'BROKEN 2\n', 'BROKEN 3\n', 'a = 9\n'];
    const provider = scriptedProvider(() => answers.shift() ?? 'none\n');
    await harness.worker({ provider });
    const plan = await harness.plan(SHAPE);
    await harness.start(plan);
    await harness.until(plan, 'failed');
    const reviewId = await reviewOf(plan, 'a');
    await regenerate(review(), reviewId, { reviewer: 'ann', feedback: 'use nine' });
    await harness.until(plan, 'completed');
    expect(provider.requests.at(-1)).toMatchObject({ attempt: 5, feedback: 'use nine' });
    expect(await harness.atom(plan, 'a')).toMatchObject({ acceptedCode: 'a = 9\n', attempts: 5 });
    // The relay died after the decision was applied: the event is handed out again.
    const [event] = await harness.database.db
      .select()
      .from(schema.outbox)
      .where(eq(schema.outbox.eventType, 'review.decided'))
      .orderBy(desc(schema.outbox.eventId));
    await applyReviewDecision({ db: harness.database.db, log }, event!);
    expect(await harness.status(plan)).toMatchObject({ status: 'completed' });
    expect((await harness.atom(plan, 'a')).attempts).toBe(5);
  });
});
