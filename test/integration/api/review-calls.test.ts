import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, schema } from '../../../src/db/index.ts';
import { asId, type ReviewId } from '../../../src/domain/index.ts';
import { edit, type EditDeps } from '../../../src/review/index.ts';
import type { LevelReport } from '../../../src/validation/index.ts';
import { insertAtom, insertMasterplan } from '../../support/factories.ts';
import { tokenFor } from '../../unit/api/api-fixture.ts';
import { expectProblem, pointers, startApi, type ApiUnderTest } from './api-under-test.ts';
import { stagesOver } from './stages-under-test.ts';

const UNKNOWN = '01890000-0000-7000-8000-000000000000';

/** Level 1 that finds the same fault in everything: what the real one finds is tested where it lives. */
const acceptsNothing: EditDeps['validation'] = {
  validateAtom: async ({ path }): Promise<LevelReport> => ({
    level: 'atomic',
    outcome: 'failed',
    passed: false,
    score: 0,
    checks: [
      {
        testType: 'syntax',
        outcome: 'failed',
        reason: null,
        findings: [
          {
            file: path,
            line: 1,
            column: 12,
            rule: 'syntax',
            severity: 'error',
            message: 'unexpected :',
            suggestion: null,
          },
        ],
        durationMs: 1,
      },
    ],
  }),
};

let api: ApiUnderTest;
let admin: string;
let reviewer: string;

beforeAll(async () => {
  api = await startApi((deps) => ({
    stages: {
      ...stagesOver(deps),
      editReview: (id, decision) => edit({ ...deps, validation: acceptsNothing }, id, decision),
    },
  }));
  admin = await tokenFor('operator', { role: 'admin' });
  reviewer = await tokenFor('rita', { role: 'reviewer' });
});
afterAll(() => api.close());

describe('review', () => {
  let id: string;
  let first: string;
  let second: string;

  beforeAll(async () => {
    const { db } = api.database;
    id = (await insertMasterplan(db, { userId: 'someone' })).masterplanId;
    const items = [];
    for (const confidenceScore of [0.4, 0.6]) {
      const { atomId } = await insertAtom(db, { masterplanId: id, needsReview: true });
      items.push({
        reviewId: newId<string>(),
        atomId,
        masterplanId: id,
        confidenceScore,
        flaggedReason: 'low confidence',
      });
    }
    await db.insert(schema.humanReviewQueue).values(items);
    [first, second] = items.map((item) => item.reviewId) as [string, string];
  });
  const at = (review: string, action = '') => `/api/v2/review/${review}${action && `/${action}`}`;

  it('is for reviewers', async () => {
    expectProblem(await api.call('GET', '/api/v2/review/queue'), 403, 'FORBIDDEN');
    expectProblem(await api.call('POST', at(first, 'approve')), 403, 'FORBIDDEN');
    expectProblem(await api.call('GET', at(UNKNOWN), { token: reviewer }), 404, 'NOT_FOUND');
  });

  it('lists the least confident first, and gives two reviewers two items', async () => {
    const queue = await api.call('GET', `/api/v2/review/queue?masterplan_id=${id}`, { token: reviewer });
    expect((queue.body['data'] as { review_id: string }[]).map((item) => item.review_id)).toEqual([first, second]);
    const another = await tokenFor('ron', { role: 'reviewer' });
    const [mine, theirs] = await Promise.all(
      [reviewer, another].map((token) =>
        api.call('POST', '/api/v2/review/next', { token, body: { masterplan_id: id } }),
      ),
    );
    expect([mine?.body['review_id'], theirs?.body['review_id']].sort()).toEqual([first, second].sort());
    expect(
      (await api.call('POST', '/api/v2/review/next', { token: reviewer, body: { masterplan_id: id } })).status,
    ).toBe(204);
    for (const item of [first, second])
      expect((await api.call('POST', at(item, 'release'), { token: admin })).body['status']).toBe('pending');
  });

  it('shows the code, decides once, on the version that was seen, and is audited', async () => {
    const seen = await api.call('GET', at(first), { token: reviewer });
    expect(seen.body).toMatchObject({
      code: expect.stringContaining('def f') as string,
      version: 0,
      before: '',
      status: 'pending',
    });
    expectProblem(
      await api.call('POST', at(first, 'approve'), { token: reviewer, body: { version: 7 } }),
      409,
      'CONFLICT',
    );
    expectProblem(await api.call('POST', at(first, 'reject'), { token: reviewer }), 400, 'MALFORMED_JSON');
    const bare = await api.call('POST', at(first, 'reject'), { token: reviewer, body: { reason: '  ' } });
    expectProblem(bare, 400, 'VALIDATION_FAILED');
    expect(pointers(bare)).toEqual(['/reason']);
    const approved = await api.call('POST', at(first, 'approve'), { token: reviewer, body: { version: 0 } });
    expect(approved.body).toMatchObject({ status: 'approved', resolution: 'approve', assigned_to: 'rita', version: 1 });
    expectProblem(
      await api.call('POST', at(first, 'reject'), { token: reviewer, body: { reason: 'no' } }),
      409,
      'CONFLICT',
    );
    const audit = await api.call('GET', '/api/v2/admin/audit?limit=1', { token: admin });
    expect(audit.body['data']).toMatchObject([{ actor: 'rita', action: 'review.approve', subject: `review:${first}` }]);
    expect(await api.count(`SELECT count(*) n FROM m10_recovery.outbox WHERE aggregate_id = $1`, [first])).toBe(1);
  });

  it('does not take an edit that fails validation, and says what was found', async () => {
    const answer = await api.call('POST', at(second, 'edit'), { token: reviewer, body: { code: 'def broken(:\n' } });
    expectProblem(answer, 422, 'CANDIDATE_INVALID');
    expect(answer.body['findings']).toMatchObject([{ rule: 'syntax' }]);
    expect((await api.call('GET', at(second), { token: reviewer })).body).toMatchObject({
      status: 'pending',
      edited_code: null,
    });
  });

  it('sends back at most three times, each with feedback', async () => {
    const regenerate = () =>
      api.call('POST', at(second, 'regenerate'), { token: reviewer, body: { feedback: 'handle the empty list' } });
    for (let i = 1; i <= 3; i++) {
      expect((await regenerate()).body).toMatchObject({ status: 'regenerated', regenerations: i });
      await api.database.pool.query(`UPDATE human_review_queue SET status = 'PENDING' WHERE review_id = $1`, [second]);
    }
    expectProblem(await regenerate(), 422, 'REGENERATION_EXHAUSTED');
    const figures = await api.call('GET', `/api/v2/review/statistics?masterplan_id=${id}`, { token: reviewer });
    expect(figures.body).toMatchObject({ total: 2, by_status: { approved: 1, pending: 1 } });
    const { body } = await api.call('GET', '/metrics');
    expect(body['text']).toMatch(/^mge_review_decisions_total\{decision="regenerate"\} 3$/m);
    expect(body['text']).toMatch(/^flow_operations_total\{operation="review_decision",status="refused"\} [1-9]/m);
  });
});

describe('many decisions with one call', () => {
  interface Outcome {
    readonly review_id: string;
    readonly outcome: string;
    readonly error: { readonly code: string } | null;
  }
  const bulk = (decisions: unknown, token = reviewer) =>
    api.call('POST', '/api/v2/review/bulk', { token, body: { decisions } });
  const outcomes = (answer: { body: Readonly<Record<string, unknown>> }) =>
    (answer.body['data'] as Outcome[]).map(({ outcome, error }) => error?.code ?? outcome);

  async function queued(count: number): Promise<string[]> {
    const { db } = api.database;
    const { masterplanId } = await insertMasterplan(db, { userId: 'someone' });
    const ids: string[] = [];
    for (let i = 0; i < count; i += 1) {
      const { atomId } = await insertAtom(db, { masterplanId, needsReview: true });
      const reviewId = newId<string>();
      await db
        .insert(schema.humanReviewQueue)
        .values({ reviewId, atomId, masterplanId, confidenceScore: 0.5, flaggedReason: 'low confidence' });
      ids.push(reviewId);
    }
    return ids;
  }

  it('decides what can be decided and says of each item how it went, in the order of the call', async () => {
    const [one, two, three, four] = (await queued(4)) as [string, string, string, string];
    expect((await api.call('POST', `/api/v2/review/${three}/approve`, { token: reviewer })).status).toBe(200);
    const answer = await bulk([
      { review_id: four, action: 'regenerate', feedback: 'use a set' },
      { review_id: one, action: 'approve' },
      { review_id: UNKNOWN, action: 'approve' },
      { review_id: three, action: 'reject', reason: 'too late' },
      { review_id: two, action: 'reject', reason: 'wrong', version: 7 },
    ]);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(outcomes(answer)).toEqual(['decided', 'decided', 'NOT_FOUND', 'CONFLICT', 'CONFLICT']);
    expect(answer.body).toMatchObject({ decided: 2, refused: 3 });
    const events = (id: string) =>
      api.count(
        `select count(*) as n from m10_recovery.outbox where event_type = 'review.decided' and aggregate_id = $1`,
        [id],
      );
    expect(await events(one)).toBe(1);
    expect(await events(two)).toBe(0);
    expect(
      await api.count(`select count(*) as n from audit_log where subject = $1 and action = 'review.regenerate'`, [
        `review:${four}`,
      ]),
    ).toBe(1);
    expect(await api.count(`select count(*) as n from audit_log where subject = $1`, [`review:${two}`])).toBe(0);
  });

  it('decides nothing when the transaction fails', async () => {
    const [one] = (await queued(1)) as [string];
    const { stages } = api.deps;
    const failing = stages.decideReviews(
      { reviewer: 'rita' },
      [{ reviewId: asId<ReviewId>(one), action: 'approve' }],
      () => Promise.reject(new Error('the audit log is full')),
    );
    await expect(failing).rejects.toThrow('the audit log is full');
    expect(
      await api.count(`select count(*) as n from human_review_queue where review_id = $1 and status = 'PENDING'`, [
        one,
      ]),
    ).toBe(1);
  });

  it('is for reviewers, and refuses what no single call would take', async () => {
    const [one] = (await queued(1)) as [string];
    const user = await tokenFor('someone');
    expectProblem(await bulk([{ review_id: one, action: 'approve' }], user), 403, 'FORBIDDEN');
    for (const decisions of [
      [],
      [{ review_id: one, action: 'reject' }],
      [{ review_id: one, action: 'edit', code: 'x = 1' }],
      [{ review_id: one, action: 'regenerate', feedback: ' ' }],
      [
        { review_id: one, action: 'approve' },
        { review_id: one.toUpperCase(), action: 'skip' },
      ],
    ])
      expectProblem(await bulk(decisions), 400, 'VALIDATION_FAILED');
  });
});
