import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eq } from 'drizzle-orm';
import { schema } from '../../../src/db/index.ts';
import { unconfined } from '../../../src/adapters/sandbox/detect-sandbox.ts';
import { asId, type AtomId, type MasterplanId, type ReviewId } from '../../../src/domain/index.ts';
import {
  approve,
  claimNext,
  edit,
  flagAtoms,
  listQueue,
  regenerate,
  reject,
  scoreConfidence,
  skip,
} from '../../../src/review/index.ts';
import { createValidation, type Validation } from '../../../src/validation/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertAtom, insertMasterplan } from '../../support/factories.ts';

let database: TestDatabase;
let validation: Validation;
let now = new Date('2026-03-01T10:00:00Z');
let masterplanId: MasterplanId;
let atomId: AtomId;
let reviewId: ReviewId;

beforeAll(async () => {
  database = await createTestDatabase();
  validation = await createValidation({ sandbox: unconfined('not needed'), threads: 1 });
});
afterAll(async () => {
  await validation.close();
  await database.drop();
});

const deps = () => ({ db: database.db, clock: { now: () => now }, validation });

async function queueAtom(
  values: Partial<typeof schema.atomicUnits.$inferInsert> = {},
): Promise<{ atomId: AtomId; reviewId: ReviewId }> {
  const atom = await insertAtom(database.db, {
    masterplanId,
    filePath: `src/${Math.random()}.py`,
    status: 'completed',
    confidenceScore: 0.6,
    ...values,
  });
  const id = asId<AtomId>(atom.atomId);
  const confidence = scoreConfidence({
    checks: { atomic: 0.5, module: null },
    attempts: 3,
    maxAttempts: 4,
    complexity: 2,
    integration: null,
  });
  await flagAtoms(database.db, [
    {
      masterplanId,
      atomId: id,
      confidence,
      reason: 'test',
      failed: false,
      findings: [],
      loc: 2,
      complexity: 2,
      lineStart: 1,
    },
  ]);
  const [row] = await database.db.select().from(schema.humanReviewQueue).where(eq(schema.humanReviewQueue.atomId, id));
  return { atomId: id, reviewId: asId<ReviewId>(row!.reviewId) };
}

beforeEach(async () => {
  now = new Date('2026-03-01T10:00:00Z');
  masterplanId = asId<MasterplanId>((await insertMasterplan(database.db)).masterplanId);
  ({ atomId, reviewId } = await queueAtom());
});

async function events() {
  const { outbox } = schema;
  const rows = await database.db.select().from(outbox).where(eq(outbox.aggregateId, reviewId)).orderBy(outbox.eventId);
  return rows.map((row) => ({ type: row.eventType, payload: row.payload }));
}

describe('a decision', () => {
  it('changes the item and tells the engine, in one step', async () => {
    const item = await approve(deps(), reviewId, { reviewer: 'rita', feedback: 'looks right' });
    expect(item).toMatchObject({
      status: 'approved',
      resolution: 'approve',
      assignedTo: 'rita',
      reviewerFeedback: 'looks right',
      reviewedAt: now,
      version: 1,
      leaseUntil: null,
    });
    expect(await events()).toEqual([
      {
        type: 'review.decided',
        payload: {
          review_id: reviewId,
          atom_id: atomId,
          masterplan_id: masterplanId,
          action: 'approve',
          reviewer: 'rita',
        },
      },
    ]);
    const [atom] = await database.db.select().from(schema.atomicUnits).where(eq(schema.atomicUnits.atomId, atomId));
    expect(atom?.needsReview).toBe(false);
  });

  it('is not made about a deleted masterplan', async () => {
    const { masterplans } = schema;
    await database.db.update(masterplans).set({ deletedAt: now }).where(eq(masterplans.masterplanId, masterplanId));
    const words = { reviewer: 'rita', feedback: 'no' };
    for (const decided of [
      () => approve(deps(), reviewId, words),
      () => reject(deps(), reviewId, words),
      () => regenerate(deps(), reviewId, words),
      () => skip(deps(), reviewId, words),
      () => edit(deps(), reviewId, { ...words, code: 'a = 1\n' }),
    ])
      await expect(decided()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await events()).toEqual([]);
  });

  it('is made once, however many make it', async () => {
    const outcomes = await Promise.allSettled([
      approve(deps(), reviewId, { reviewer: 'rita' }),
      reject(deps(), reviewId, { reviewer: 'tom', feedback: 'wrong' }),
      regenerate(deps(), reviewId, { reviewer: 'eve', feedback: 'again' }),
      approve(deps(), reviewId, { reviewer: 'zoe' }),
    ]);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CONFLICT' });
    expect(await events()).toHaveLength(1);
  });

  it('belongs to whoever holds the item, until the lease is over', async () => {
    await claimNext(deps(), 'rita', { masterplanId, leaseSeconds: 60 });
    await expect(approve(deps(), reviewId, { reviewer: 'tom' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('held by rita') as string,
    });
    now = new Date(now.getTime() + 61_000);
    expect(await approve(deps(), reviewId, { reviewer: 'tom' })).toMatchObject({
      status: 'approved',
      assignedTo: 'tom',
    });
  });

  it('may be made by the holder, and by an admin over the holder', async () => {
    await claimNext(deps(), 'rita', { masterplanId });
    expect(await reject(deps(), reviewId, { reviewer: 'rita', feedback: 'no' })).toMatchObject({
      status: 'rejected',
      resolution: 'reject',
    });
    const other = await queueAtom();
    await claimNext(deps(), 'rita', { masterplanId });
    expect(await approve(deps(), other.reviewId, { reviewer: 'admin', override: true })).toMatchObject({
      status: 'approved',
      assignedTo: 'admin',
    });
  });

  it('is refused when the reviewer saw another version', async () => {
    await expect(approve(deps(), reviewId, { reviewer: 'rita', version: 7 })).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { version: 0 },
    });
    expect(await approve(deps(), reviewId, { reviewer: 'rita', version: 0 })).toMatchObject({ version: 1 });
  });

  it('needs an item', async () => {
    await expect(approve(deps(), asId<ReviewId>(atomId), { reviewer: 'rita' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('rejecting and regenerating', () => {
  it('need words', async () => {
    await expect(reject(deps(), reviewId, { reviewer: 'rita', feedback: '  ' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      fields: [{ pointer: '/reason' }],
    });
    await expect(regenerate(deps(), reviewId, { reviewer: 'rita' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      fields: [{ pointer: '/feedback' }],
    });
    await expect(reject(deps(), reviewId, { reviewer: 'rita', feedback: 'a\0b' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(await events()).toEqual([]);
  });

  it('can be done three times, not more', async () => {
    for (let time = 1; time <= 3; time += 1) {
      expect(await regenerate(deps(), reviewId, { reviewer: 'rita', feedback: `try ${time}` })).toMatchObject({
        status: 'regenerated',
        regenerations: time,
        reviewerFeedback: `try ${time}`,
      });
      const confidence = scoreConfidence({
        checks: { atomic: 1, module: null },
        attempts: 4,
        maxAttempts: 4,
        complexity: 2,
        integration: null,
      });
      await flagAtoms(database.db, [
        {
          masterplanId,
          atomId,
          confidence,
          reason: 'again',
          failed: false,
          findings: [],
          loc: 2,
          complexity: 2,
          lineStart: 1,
        },
      ]);
    }
    await expect(regenerate(deps(), reviewId, { reviewer: 'rita', feedback: 'once more' })).rejects.toMatchObject({
      code: 'REGENERATION_EXHAUSTED',
    });
    expect(await events()).toHaveLength(3);
    expect(await approve(deps(), reviewId, { reviewer: 'rita' })).toMatchObject({
      status: 'approved',
      regenerations: 3,
    });
  });
});

describe('skipping', () => {
  it('puts the item behind the others of its priority, undecided', async () => {
    const second = await queueAtom();
    expect((await claimNext(deps(), 'rita', { masterplanId }))?.reviewId).toBe(reviewId);
    expect(await skip(deps(), reviewId, { reviewer: 'rita' })).toMatchObject({
      status: 'pending',
      resolution: 'skip',
      assignedTo: null,
      reviewedAt: null,
    });
    const { items } = await listQueue(deps(), { masterplanId }, { limit: 10 });
    expect(items.map((item) => item.reviewId)).toEqual([second.reviewId, reviewId]);
    expect((await claimNext(deps(), 'rita', { masterplanId }))?.reviewId).toBe(second.reviewId);
    expect(await approve(deps(), reviewId, { reviewer: 'tom' })).toMatchObject({ status: 'approved' });
  });
});

describe('editing', () => {
  const FILE = 'app/service.py';

  beforeEach(async () => {
    await insertAtom(database.db, { masterplanId, filePath: FILE, fileOrdinal: 0, codeToGenerate: 'class Service:\n' });
    ({ atomId, reviewId } = await queueAtom({
      filePath: FILE,
      fileOrdinal: 1,
      codeToGenerate: '    def run(self):\n        return 1\n',
    }));
    await insertAtom(database.db, {
      masterplanId,
      filePath: FILE,
      fileOrdinal: 2,
      codeToGenerate: '\n    def stop(self):\n        return 2\n',
    });
  });

  it('takes text that is right inside its file, and keeps the proof', async () => {
    const code = '    def run(self):\n        return 3\n';
    expect(await edit(deps(), reviewId, { reviewer: 'rita', code })).toMatchObject({
      status: 'edited',
      resolution: 'edit',
      editedCode: code,
      assignedTo: 'rita',
    });
    expect(await events()).toMatchObject([{ payload: { action: 'edit' } }]);
    const rows = await database.db
      .select()
      .from(schema.validationResults)
      .where(eq(schema.validationResults.atomId, atomId));
    expect(rows.map((row) => [row.testType, row.outcome, row.attemptNumber])).toEqual(
      expect.arrayContaining([
        ['syntax', 'passed', null],
        ['types', 'passed', null],
      ]),
    );
  });

  it('refuses text that breaks the file, with the findings', async () => {
    const broken = edit(deps(), reviewId, { reviewer: 'rita', code: '    def run(self:\n        return 3\n' });
    await expect(broken).rejects.toMatchObject({
      code: 'CANDIDATE_INVALID',
      details: { findings: [{ file: FILE, line: 2, severity: 'error' }] },
    });
    await expect(
      edit(deps(), reviewId, { reviewer: 'rita', code: 'def run(self):\nreturn 3\n' }),
    ).rejects.toMatchObject({ code: 'CANDIDATE_INVALID' });
    await expect(edit(deps(), reviewId, { reviewer: 'rita', code: '   \n' })).rejects.toMatchObject({
      code: 'CANDIDATE_INVALID',
    });
    const [row] = await database.db
      .select()
      .from(schema.humanReviewQueue)
      .where(eq(schema.humanReviewQueue.reviewId, reviewId));
    expect(row).toMatchObject({ status: 'pending', editedCode: null, version: 0 });
    expect(await events()).toEqual([]);
  });

  it('refuses what cannot be kept', async () => {
    await expect(edit(deps(), reviewId, { reviewer: 'rita', code: 'a = "\0"' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    await expect(edit(deps(), asId<ReviewId>(atomId), { reviewer: 'rita', code: 'a = 1\n' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const latin = await queueAtom({ filePath: 'latin.py', codeBytes: Buffer.from('# caf\xe9\n', 'latin1') });
    await expect(edit(deps(), latin.reviewId, { reviewer: 'rita', code: 'a = 1\n' })).rejects.toMatchObject({
      code: 'NOT_IMPLEMENTED',
    });
  });

  it('does not store the proof of an edit that came too late', async () => {
    const code = '    def run(self):\n        return 3\n';
    await approve(deps(), reviewId, { reviewer: 'tom' });
    await expect(edit(deps(), reviewId, { reviewer: 'rita', code })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await database.db.$count(schema.validationResults, eq(schema.validationResults.atomId, atomId))).toBe(0);
  });
});
