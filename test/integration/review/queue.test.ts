import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eq, sql } from 'drizzle-orm';
import { schema } from '../../../src/db/index.ts';
import { asId, type AtomId, type Finding, type MasterplanId, type ReviewId } from '../../../src/domain/index.ts';
import {
  assign,
  claimNext,
  enqueueLowest,
  flagAtoms,
  getReview,
  listQueue,
  release,
  scoreConfidence,
  statistics,
} from '../../../src/review/index.ts';
import { storeReport } from '../../../src/validation/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertAtom, insertMasterplan } from '../../support/factories.ts';

let database: TestDatabase;
let now = new Date('2026-03-01T10:00:00Z');
const clock = { now: () => now };
let masterplanId: MasterplanId;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  now = new Date('2026-03-01T10:00:00Z');
  const plan = await insertMasterplan(database.db, { userId: 'owner' });
  masterplanId = asId<MasterplanId>(plan.masterplanId);
});

const deps = () => ({ db: database.db, clock });
const reviews = schema.humanReviewQueue;

async function completedAtom(confidenceScore: number, values: Record<string, unknown> = {}): Promise<AtomId> {
  const row = await insertAtom(database.db, { masterplanId, status: 'completed', confidenceScore, ...values });
  return asId<AtomId>(row.atomId);
}

function flag(atomId: AtomId, score: number, more: { failed?: boolean; findings?: Finding[] } = {}) {
  const confidence = {
    ...scoreConfidence({
      checks: { atomic: 1, module: 1 },
      attempts: 1,
      maxAttempts: 4,
      complexity: 1,
      integration: 1,
    }),
    score,
  };
  return {
    masterplanId,
    atomId,
    confidence,
    reason: 'for the test',
    failed: false,
    findings: [],
    loc: 3,
    complexity: 1,
    lineStart: 1,
    ...more,
  };
}

async function atomRow(atomId: AtomId) {
  const [row] = await database.db.select().from(schema.atomicUnits).where(eq(schema.atomicUnits.atomId, atomId));
  return row!;
}

describe('flagging', () => {
  it('queues an atom once, with its parts, findings and priority, and marks it', async () => {
    const atomId = await completedAtom(0.9, { status: 'failed' });
    const findings: Finding[] = [
      { file: 'a.py', line: 3, column: 1, rule: 'syntax-error', severity: 'error', message: 'no', suggestion: 'yes' },
    ];
    await flagAtoms(database.db, [flag(atomId, 0.6, { failed: true, findings })]);
    await flagAtoms(database.db, [flag(atomId, 0.55, { failed: true, findings })]);
    const { items } = await listQueue(deps(), { masterplanId }, { limit: 10 });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      atomId,
      status: 'pending',
      priority: 2,
      confidenceScore: 0.55,
      confidenceBand: 'low',
      regenerations: 0,
      atomStatus: 'failed',
    });
    expect(items[0]?.suggestions).toMatchObject({
      recommendation: 'edit',
      issues: [{ type: 'syntax-error', line: 3 }],
      suggestions: [{ description: 'yes' }],
    });
    expect(items[0]?.confidenceParts).toHaveProperty('validation.weight', 0.4);
    expect(await atomRow(atomId)).toMatchObject({ needsReview: true, reviewPriority: 2, confidenceScore: 0.55 });
  });

  it('opens a decided item again and leaves one that is in review with its holder', async () => {
    const [decided, held] = [await completedAtom(0.5), await completedAtom(0.5)];
    await flagAtoms(database.db, [flag(decided, 0.5), flag(held, 0.6)]);
    await database.db
      .update(reviews)
      .set({ status: 'regenerated', resolution: 'regenerate', regenerations: 1, assignedTo: 'rita', reviewedAt: now })
      .where(eq(reviews.atomId, decided));
    expect((await claimNext(deps(), 'rita', { masterplanId }))?.atomId).toBe(held);
    await flagAtoms(database.db, [flag(decided, 0.4), flag(held, 0.3)]);
    const { items } = await listQueue(deps(), { masterplanId }, { limit: 10 });
    expect(items.find((item) => item.atomId === decided)).toMatchObject({
      status: 'pending',
      regenerations: 1,
      resolution: null,
      assignedTo: null,
      reviewedAt: null,
    });
    expect(items.find((item) => item.atomId === held)).toMatchObject({
      status: 'in_review',
      assignedTo: 'rita',
      confidenceScore: 0.3,
    });
  });
});

describe('the share of atoms that goes to review', () => {
  it('is the lowest by confidence, then by plan order, and the same when asked again', async () => {
    const scores = [0.9, 0.6, 0.95, 0.7, 0.6, 0.99, 0.8, 0.6, 0.97, 0.98];
    const ids: AtomId[] = [];
    for (const score of scores) ids.push(await completedAtom(score));
    expect(await enqueueLowest(deps(), masterplanId, 0.2)).toEqual(expect.arrayContaining([ids[1], ids[4]]));
    expect(await enqueueLowest(deps(), masterplanId, 0.2)).toEqual([]);
    const { items } = await listQueue(deps(), { masterplanId }, { limit: 10 });
    expect(items.map((item) => item.atomId)).toEqual([ids[1], ids[4]]);
    expect(items[0]).toMatchObject({
      priority: 3,
      flaggedReason: 'confidence 0.60 is among the lowest 20 % of this masterplan',
    });
    expect((await atomRow(ids[1]!)).needsReview).toBe(true);
    expect((await atomRow(ids[0]!)).needsReview).toBe(false);
  });

  it('leaves out atoms that are not accepted or not scored, and rounds up', async () => {
    await completedAtom(0.1, { status: 'failed' });
    await insertAtom(database.db, { masterplanId, status: 'completed' });
    const lowest = await completedAtom(0.8);
    for (let i = 0; i < 5; i += 1) await completedAtom(0.9);
    expect(await enqueueLowest(deps(), masterplanId, 0.15)).toEqual([lowest]);
    expect(await enqueueLowest(deps(), masterplanId, 0)).toEqual([]);
    await expect(enqueueLowest(deps(), masterplanId, 1.5)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('shows the findings of the last attempt', async () => {
    const atomId = await completedAtom(0.5);
    const where = { masterplanId, executionId: null, atomId, scope: 'a.py' };
    const report = (rule: string) => ({
      level: 'atomic' as const,
      passed: true,
      outcome: 'passed' as const,
      score: 1,
      checks: [
        {
          testType: 'atomicity',
          outcome: 'passed' as const,
          reason: null,
          durationMs: 1,
          findings: [
            { file: 'a.py', line: 2, column: 1, rule, severity: 'warning' as const, message: rule, suggestion: null },
          ],
        },
      ],
    });
    await storeReport(database.db, { ...where, attempt: 1 }, report('first'));
    await storeReport(database.db, { ...where, attempt: 2 }, report('second'));
    await enqueueLowest(deps(), masterplanId, 1);
    const { items } = await listQueue(deps(), { masterplanId }, { limit: 10 });
    expect(items[0]?.suggestions).toMatchObject({ issues: [{ type: 'second' }], recommendation: 'look_closely' });
  });
});

describe('reading the queue', () => {
  it('pages through everything once, in order', async () => {
    const inputs = [];
    for (let i = 0; i < 23; i += 1) inputs.push(flag(await completedAtom(0.5), 0.3 + ((i * 7) % 5) / 10));
    await flagAtoms(database.db, inputs);
    const seen: string[] = [];
    const places: [number, number, number][] = [];
    let cursor: string | undefined;
    do {
      const page = await listQueue(deps(), { masterplanId }, { limit: 5, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map((item) => item.reviewId));
      places.push(
        ...page.items.map((item): [number, number, number] => [item.priority, item.confidenceScore, item.atomNumber]),
      );
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(23);
    expect(places).toEqual(places.toSorted((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]));
  });

  it('filters', async () => {
    const first = await completedAtom(0.4, { filePath: 'app/one.py' });
    const second = await completedAtom(0.9, { filePath: 'app/two.py' });
    await flagAtoms(database.db, [flag(first, 0.4), flag(second, 0.9)]);
    await claimNext(deps(), 'rita', { masterplanId });
    const ids = async (filter: Parameters<typeof listQueue>[1]) =>
      (await listQueue(deps(), { masterplanId, ...filter }, { limit: 10 })).items.map((item) => item.atomId);
    expect(await ids({ status: ['pending'] })).toEqual([second]);
    expect(await ids({ status: ['pending', 'in_review'] })).toEqual([first, second]);
    expect(await ids({ assignedTo: 'rita' })).toEqual([first]);
    expect(await ids({ filePath: 'app/two.py' })).toEqual([second]);
    expect(await ids({ priority: 5 })).toEqual([second]);
    expect(await ids({ ownerId: 'owner' })).toHaveLength(2);
    expect(await ids({ ownerId: 'someone else' })).toEqual([]);
  });

  it('refuses a cursor of its own making', async () => {
    for (const cursor of [
      '',
      'x',
      Buffer.from('[1,2]').toString('base64url'),
      Buffer.from('{"a":1}').toString('base64url'),
    ])
      await expect(listQueue(deps(), {}, { limit: 5, cursor })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('shows an item with its code and the file around it', async () => {
    const before = await insertAtom(database.db, {
      masterplanId,
      filePath: 'a.py',
      fileOrdinal: 0,
      codeToGenerate: 'import os\n',
      status: 'completed',
      acceptedCode: 'import sys\n',
    });
    const own = await completedAtom(0.4, {
      filePath: 'a.py',
      fileOrdinal: 1,
      codeToGenerate: 'x = 1\n',
      status: 'failed',
    });
    await insertAtom(database.db, { masterplanId, filePath: 'a.py', fileOrdinal: 2, codeToGenerate: 'y = 2\n' });
    await insertAtom(database.db, { masterplanId, filePath: 'b.py', fileOrdinal: 0, codeToGenerate: 'z = 3\n' });
    await flagAtoms(database.db, [flag(own, 0.4)]);
    const [item] = (await listQueue(deps(), { masterplanId }, { limit: 1 })).items;
    expect(await getReview(deps(), item!.reviewId)).toMatchObject({
      code: 'x = 1\n',
      draftCode: 'x = 1\n',
      before: 'import sys\n',
      after: 'y = 2\n',
    });
    expect(await getReview(deps(), asId<ReviewId>(before.atomId))).toBeNull();
  });
});

describe('claiming', () => {
  it('gives each of many reviewers another item, most urgent first', async () => {
    const scores = [0.9, 0.3, 0.6, 0.75, 0.55];
    for (const score of scores) await flagAtoms(database.db, [flag(await completedAtom(score), score)]);
    const claimed = await Promise.all(
      Array.from({ length: 8 }, (_, n) => claimNext(deps(), `reviewer-${n}`, { masterplanId })),
    );
    const got = claimed.filter((item) => item !== null);
    expect(got).toHaveLength(5);
    expect(new Set(got.map((item) => item.reviewId)).size).toBe(5);
    expect(new Set(got.map((item) => item.assignedTo)).size).toBe(5);
    expect(
      got.every((item) => item.status === 'in_review' && item.leaseUntil?.getTime() === now.getTime() + 900_000),
    ).toBe(true);
  });

  it('takes the lowest first and takes over what was held too long', async () => {
    const [low, high] = [await completedAtom(0.3), await completedAtom(0.9)];
    await flagAtoms(database.db, [flag(high, 0.9), flag(low, 0.3)]);
    expect((await claimNext(deps(), 'rita', { masterplanId, leaseSeconds: 60 }))?.atomId).toBe(low);
    expect((await claimNext(deps(), 'tom', { masterplanId }))?.atomId).toBe(high);
    expect(await claimNext(deps(), 'tom', { masterplanId })).toBeNull();
    now = new Date(now.getTime() + 61_000);
    expect(await claimNext(deps(), 'tom', { masterplanId })).toMatchObject({ atomId: low, assignedTo: 'tom' });
  });

  it('keeps to the owner and the masterplan that were asked for', async () => {
    await flagAtoms(database.db, [flag(await completedAtom(0.3), 0.3)]);
    expect(await claimNext(deps(), 'rita', { masterplanId, ownerId: 'someone else' })).toBeNull();
    const other = await insertMasterplan(database.db);
    expect(await claimNext(deps(), 'rita', { masterplanId: asId<MasterplanId>(other.masterplanId) })).toBeNull();
  });

  it('assigns and releases, but not what others hold', async () => {
    await flagAtoms(database.db, [flag(await completedAtom(0.3), 0.3)]);
    const [item] = (await listQueue(deps(), { masterplanId }, { limit: 1 })).items;
    const { reviewId } = item!;
    expect(await assign(deps(), reviewId, { reviewer: 'lead', to: 'rita' })).toMatchObject({
      status: 'in_review',
      assignedTo: 'rita',
    });
    await expect(assign(deps(), reviewId, { reviewer: 'tom', to: 'tom' })).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { assigned_to: 'rita' },
    });
    await expect(release(deps(), reviewId, { reviewer: 'tom' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await assign(deps(), reviewId, { reviewer: 'admin', to: 'tom', override: true })).toMatchObject({
      assignedTo: 'tom',
    });
    expect(await release(deps(), reviewId, { reviewer: 'tom' })).toMatchObject({
      status: 'pending',
      assignedTo: null,
      leaseUntil: null,
    });
    await expect(release(deps(), reviewId, { reviewer: 'tom' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(release(deps(), asId<ReviewId>(masterplanId), { reviewer: 'tom' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('what belongs to a deleted masterplan', () => {
  it('is not there: not listed, not given out, not counted', async () => {
    const held = await completedAtom(0.3);
    await flagAtoms(database.db, [flag(held, 0.3), flag(await completedAtom(0.9), 0.9)]);
    const item = await claimNext(deps(), 'rita', { masterplanId });
    const { reviewId } = item!;
    const { masterplans } = schema;
    await database.db.update(masterplans).set({ deletedAt: now }).where(eq(masterplans.masterplanId, masterplanId));
    expect((await listQueue(deps(), { masterplanId }, { limit: 10 })).items).toEqual([]);
    expect(await getReview(deps(), reviewId)).toBeNull();
    expect(await claimNext(deps(), 'tom', { masterplanId })).toBeNull();
    const missing = { code: 'NOT_FOUND' };
    await expect(assign(deps(), reviewId, { reviewer: 'rita', to: 'tom' })).rejects.toMatchObject(missing);
    await expect(release(deps(), reviewId, { reviewer: 'rita' })).rejects.toMatchObject(missing);
    const rows = await database.db.select().from(reviews).where(eq(reviews.reviewId, reviewId));
    expect(rows).toMatchObject([{ status: 'in_review', assignedTo: 'rita' }]);
    for (const scope of [{ masterplanId }, { masterplanId, ownerId: 'owner' }])
      expect(await statistics(deps(), scope)).toMatchObject({ total: 0, totalAtoms: 0, minConfidence: null });
    await database.db.update(masterplans).set({ deletedAt: null }).where(eq(masterplans.masterplanId, masterplanId));
    expect((await getReview(deps(), reviewId))?.assignedTo).toBe('rita');
  });
});

describe('statistics', () => {
  it('count what there is', async () => {
    const ids = [
      await completedAtom(0.4),
      await completedAtom(0.6),
      await completedAtom(0.8),
      await completedAtom(0.99),
    ];
    await flagAtoms(database.db, [flag(ids[0]!, 0.4), flag(ids[1]!, 0.6), flag(ids[2]!, 0.8)]);
    await database.db.update(reviews).set({ createdAt: now }).where(eq(reviews.masterplanId, masterplanId));
    now = new Date(now.getTime() + 120_000);
    await database.db.update(reviews).set({ status: 'approved', reviewedAt: now }).where(eq(reviews.atomId, ids[0]!));
    await database.db.update(reviews).set({ status: 'rejected', reviewedAt: now }).where(eq(reviews.atomId, ids[1]!));
    const figures = await statistics(deps(), { masterplanId });
    expect(figures).toEqual({
      total: 3,
      byStatus: { pending: 1, in_review: 0, approved: 1, rejected: 1, edited: 0, regenerated: 0 },
      avgConfidence: 0.6,
      minConfidence: 0.4,
      maxConfidence: 0.8,
      totalAtoms: 4,
      reviewPercent: 75,
      approvalPercent: 50,
      rejectionPercent: 50,
      correctionPercent: 0,
      oldestWaitingSeconds: 120,
      avgDecisionSeconds: 120,
    });
    expect(await statistics(deps(), { ownerId: 'nobody' })).toMatchObject({
      total: 0,
      avgConfidence: null,
      totalAtoms: 0,
      reviewPercent: null,
      oldestWaitingSeconds: null,
    });
  });

  it('agree with the table', async () => {
    const all = await statistics(deps());
    const { rows } = await database.pool.query<{ n: number }>('select count(*)::int as n from human_review_queue');
    expect(all.total).toBe(rows[0]?.n);
    expect(await database.db.$count(reviews, sql`true`)).toBe(all.total);
  });
});
