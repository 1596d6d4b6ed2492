import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/runtime.ts';
import { schema } from '../../../src/db/index.ts';
import { asId, type AtomId, type MasterplanId, type ProjectCheck, type ReviewId } from '../../../src/domain/index.ts';
import { retryAtom } from '../../../src/execution/index.ts';
import { edit, flagAtoms, scoreConfidence } from '../../../src/review/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { report, wordValidation } from './fakes.ts';
import { Harness, scriptedProvider, type Plan } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

const SHAPE = { waves: [['a'], ['b']], edges: [['b', 'a']] as const };
const CHECKS: ProjectCheck[] = [{ kind: 'python', directory: '.' } as unknown as ProjectCheck];

/** A level that notes the texts it is given, and waits until it is let go. */
function gate() {
  const texts: string[] = [];
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    texts,
    open: () => open(),
    isReached: () => texts.length > 0,
    pass: (text: string) => {
      texts.push(text);
      return opened;
    },
  };
}

const textOf = (files: readonly { readonly bytes: Uint8Array }[]) =>
  files.map((file) => Buffer.from(file.bytes).toString()).join('');

const passed = (testType: string) =>
  ({ testType, outcome: 'passed', reason: null, findings: [], durationMs: 1 }) as const;

/** A plan that names a part to check, so that level 4 runs. */
async function checkedPlan(shape: Parameters<Harness['plan']>[0] = SHAPE): Promise<Plan> {
  const plan = await harness.plan(shape);
  await harness.database.db
    .update(schema.masterplans)
    .set({ planNotes: { understood: [], assumed: [], left_out: [], checks: CHECKS } })
    .where(eq(schema.masterplans.masterplanId, asId<MasterplanId>(plan.masterplanId)));
  return plan;
}

async function reviewFor(plan: Plan, name: string): Promise<ReviewId> {
  const { db } = harness.database;
  const checks = { atomic: 1, module: null };
  await flagAtoms(db, [
    {
      masterplanId: asId<MasterplanId>(plan.masterplanId),
      atomId: asId<AtomId>(plan.ids[name]!),
      confidence: scoreConfidence({ checks, attempts: 1, maxAttempts: 4, complexity: 1, integration: null }),
      reason: 'for the test',
      failed: false,
      findings: [],
      loc: 1,
      complexity: 1,
      lineStart: 1,
    },
  ]);
  const [row] = await db
    .select()
    .from(schema.humanReviewQueue)
    .where(eq(schema.humanReviewQueue.atomId, plan.ids[name]!));
  return asId<ReviewId>(row!.reviewId);
}

const editDeps = () => ({ db: harness.database.db, clock: systemClock, validation: wordValidation });

describe('the closing checks', () => {
  it('begin anew when a text is accepted while they run', async () => {
    const level4 = gate();
    await harness.worker({
      validation: {
        ...wordValidation,
        validateSystem: async ({ files }) => {
          await level4.pass(textOf(files));
          return report('system', passed('tests'));
        },
      },
    });
    const plan = await checkedPlan();
    await harness.start(plan);
    await waitFor(() => Promise.resolve(level4.isReached()));
    await edit(editDeps(), await reviewFor(plan, 'a'), { reviewer: 'ann', code: 'a = 99\n' });
    await waitFor(async () => (await harness.atom(plan, 'a')).acceptedProvider === 'reviewer');
    level4.open();
    const ended = await harness.until(plan, 'completed');
    expect(level4.texts).toEqual(['a = 1\nb = 1\n', 'a = 99\nb = 1\n']);
    expect(ended.completedAt).not.toBeNull();
    const reports = await harness.database.db
      .select()
      .from(schema.validationResults)
      .where(eq(schema.validationResults.masterplanId, asId<MasterplanId>(plan.masterplanId)));
    expect(reports.filter((row) => row.validationLevel === 'system')).toHaveLength(1);
  });

  it('run again when an atom is tried again while they run, whether or not it has ended by then', async () => {
    const level4 = gate();
    await harness.worker({
      provider: scriptedProvider(() => 'a = 2\n'),
      // The reconciler would ask for the checks in the end: here they have to be asked for at once.
      timings: { reconcileMs: 60_000 },
      validation: {
        ...wordValidation,
        validateSystem: async ({ files }) => {
          await level4.pass(textOf(files));
          return report('system', passed('tests'));
        },
      },
    });
    const plan = await checkedPlan();
    await harness.start(plan);
    await waitFor(() => Promise.resolve(level4.isReached()));
    await retryAtom(harness.deps, { masterplanId: plan.masterplanId, by: 'test', atomId: plan.ids['a']! });
    level4.open();
    await harness.until(plan, 'completed');
    expect(level4.texts.at(-1)).toBe('a = 2\nb = 1\n');
  });

  it('keep no level-2 result of a text that changed while it was checked', async () => {
    const level2 = gate();
    await harness.worker({
      validation: {
        ...wordValidation,
        validateModule: async (file) => {
          if (file.path === 'src/a.py') await level2.pass(textOf([file]));
          const isEdited = textOf([file]).includes('99');
          return report('module', { ...passed('syntax'), outcome: isEdited ? 'failed' : 'passed' });
        },
      },
    });
    const plan = await harness.plan({ ...SHAPE, waves: [['a']], edges: [] });
    await harness.start(plan);
    await waitFor(() => Promise.resolve(level2.isReached()));
    await edit(editDeps(), await reviewFor(plan, 'a'), { reviewer: 'ann', code: 'a = 99\n' });
    await waitFor(async () => (await harness.atom(plan, 'a')).acceptedProvider === 'reviewer');
    level2.open();
    await harness.until(plan, 'partial');
    const rows = await harness.database.db
      .select()
      .from(schema.validationResults)
      .where(eq(schema.validationResults.scope, 'src/a.py'));
    const modules = rows.filter((row) => row.masterplanId === plan.masterplanId && row.validationLevel === 'module');
    expect(modules.map((row) => row.outcome)).toEqual(['failed']);
  });
});

describe('a file that fails level 2', () => {
  it('makes the run partial, lowers the confidence of its atoms and brings them to review first', async () => {
    const finding = { file: 'src/c.py', line: 1, column: 1, rule: 'duplicate', message: 'twice', suggestion: null };
    await harness.worker({
      validation: {
        ...wordValidation,
        validateModule: async ({ path }) =>
          path === 'src/c.py'
            ? report('module', {
                ...passed('duplicates'),
                outcome: 'failed',
                findings: [{ ...finding, severity: 'error' as const }],
              })
            : report('module', passed('syntax')),
        validateSystem: async () =>
          report('system', { ...passed('tests'), tests: { passed: 3, failed: 1, skipped: 0 } }),
      },
    });
    const plan = await checkedPlan({
      waves: [['a', 'b', 'c', 'd']],
      edges: [],
      config: { review_fraction: 0.25, max_attempts: 1 },
    });
    await harness.start(plan);
    const ended = await harness.until(plan, 'partial');
    expect(ended.atomsSucceeded).toBe(4);
    // 0.4 x mean(1, 0) + 0.3 + 0.2 + 0.1 x 3/4
    expect((await harness.atom(plan, 'c')).confidenceScore).toBeCloseTo(0.775, 6);
    expect((await harness.atom(plan, 'a')).confidenceScore).toBeCloseTo(0.975, 6);
    const items = await harness.database.db
      .select()
      .from(schema.humanReviewQueue)
      .where(eq(schema.humanReviewQueue.masterplanId, asId<MasterplanId>(plan.masterplanId)));
    expect(items.map((item) => item.atomId)).toEqual([plan.ids['c']]);
    expect(items[0]!.confidenceScore).toBeCloseTo(0.775, 6);
    expect(items[0]!.confidenceParts).toMatchObject({
      validation: { score: 0.5, note: 'mean of atomic 1, module 0' },
      attempts: { score: 1 },
      integration: { score: 0.75 },
    });
  });
});

describe('what the closing checks blame', () => {
  const code = (files: readonly { readonly bytes: Uint8Array }[]) => textOf(files);
  const failing = (message: string) => ({
    ...passed('tests'),
    part: 'backend',
    outcome: 'failed' as const,
    findings: [
      {
        file: 'test_all.py',
        line: 1,
        column: 1,
        rule: 'pytest',
        severity: 'error' as const,
        message: `test_all.py::test_it: ${message}`,
        suggestion: null,
      },
    ],
    tests: { passed: 0, failed: 1, skipped: 0 },
    cases: [{ name: 'test_all.py::test_it', outcome: 'failed' as const, durationMs: 1, message }],
  });
  const passing = {
    ...passed('tests'),
    part: 'backend',
    tests: { passed: 1, failed: 0, skipped: 0 },
    cases: [{ name: 'test_all.py::test_it', outcome: 'passed' as const, durationMs: 1, message: null }],
  };
  const PART = { name: 'backend', directory: '.', toolchain: 'python' } as const;
  async function planWithTests(names: readonly string[], draft?: (name: string) => string): Promise<Plan> {
    const plan = await harness.plan({
      waves: [names],
      edges: [],
      ...(draft ? { draft } : {}),
      config: { review_fraction: 0 },
    });
    await harness.database.db
      .update(schema.masterplans)
      .set({ planNotes: { understood: [], assumed: [], left_out: [], checks: [PART] } })
      .where(eq(schema.masterplans.masterplanId, asId<MasterplanId>(plan.masterplanId)));
    return plan;
  }
  const reviewsOf = (plan: Plan) =>
    harness.database.db
      .select()
      .from(schema.humanReviewQueue)
      .where(eq(schema.humanReviewQueue.masterplanId, asId<MasterplanId>(plan.masterplanId)));

  it('goes back to the provider with what the failing test said, and the run completes', async () => {
    const provider = scriptedProvider(() => 'b = 2\n');
    await harness.worker({
      provider,
      validation: {
        ...wordValidation,
        validateSystem: async ({ files }) =>
          report(
            'system',
            code(files).includes('b = 2') ? passing : failing('assert 1 == 2\n\nsrc/b.py:1: AssertionError'),
          ),
      },
    });
    const plan = await planWithTests(['a', 'b', 'c']);
    await harness.start(plan);
    await harness.until(plan, 'completed');
    expect(provider.requests.map((request) => request.atom.name)).toEqual(['b']);
    expect(provider.requests[0]!.findings).toMatchObject([
      { file: 'src/b.py', line: 1, message: expect.stringContaining('assert 1 == 2') as string },
    ]);
    expect(await harness.atom(plan, 'b')).toMatchObject({ acceptedCode: 'b = 2\n', attempts: 2 });
    expect(await reviewsOf(plan)).toEqual([]);
  });

  it('is searched for among the accepted texts that are not drafts when no trace names it, with few runs', async () => {
    // Every draft is rejected at level 1; of the eight answers that are accepted, that for f fails the test.
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    let runs = 0;
    const provider = scriptedProvider(({ atom, attempt }) => `${atom.name} = ${attempt === 2 ? 'first' : 'second'}\n`);
    await harness.worker({
      provider,
      validation: {
        ...wordValidation,
        validateSystem: async ({ files, only }) => {
          if (only !== undefined) runs += 1;
          return report('system', code(files).includes('f = first') ? failing('assert 1 == 2') : passing);
        },
      },
    });
    const plan = await planWithTests(names, (name) => `${name} = BROKEN\n`);
    await harness.start(plan);
    await harness.until(plan, 'completed');
    expect(runs).toBeLessThanOrEqual(1 + 3 * 2);
    expect(provider.requests.filter((request) => request.attempt > 2).map((request) => request.atom.name)).toEqual([
      'f',
    ]);
    expect(await harness.atom(plan, 'f')).toMatchObject({ acceptedCode: 'f = second\n' });
  });

  it('goes to review, and not back, when its provider would write the same again', async () => {
    const provider = { ...scriptedProvider(() => 'never\n'), repeats: true };
    await harness.worker({
      provider,
      validation: {
        ...wordValidation,
        validateSystem: async () => report('system', failing('src/a.py:1: ValueError: no')),
      },
    });
    const plan = await planWithTests(['a', 'b']);
    await harness.start(plan);
    await harness.until(plan, 'partial');
    expect(provider.requests).toEqual([]);
    const items = await reviewsOf(plan);
    expect(items.map((item) => item.atomId)).toEqual([plan.ids['a']]);
    expect(items[0]!.flaggedReason).toMatch(/^level 4 fails because of it: src\/a\.py:1: .*ValueError: no/s);
  });

  it('ends after the attempts that an atom has, with the text that was accepted before', async () => {
    let number = 0;
    const provider = scriptedProvider(() => `a = ${(number += 1)}0\n`);
    await harness.worker({
      provider,
      validation: {
        ...wordValidation,
        validateSystem: async () => report('system', failing('src/a.py:1: ValueError: no')),
      },
    });
    const plan = await planWithTests(['a']);
    await harness.start(plan);
    await harness.until(plan, 'partial');
    expect(provider.requests.map((request) => request.attempt)).toEqual([2, 3, 4]);
    expect(await harness.atom(plan, 'a')).toMatchObject({ status: 'completed', acceptedCode: 'a = 30\n' });
    expect((await reviewsOf(plan)).map((item) => item.atomId)).toEqual([plan.ids['a']]);
  });

  it('is an atom of a component that fails level 3, and the run is partial', async () => {
    const finding = {
      file: 'src/b.py',
      line: 1,
      column: 1,
      rule: 'unknown-name',
      message: 'no such name',
      suggestion: null,
    };
    await harness.worker({
      provider: { ...scriptedProvider(() => ''), repeats: true },
      validation: {
        ...wordValidation,
        validateComponent: async () =>
          report('component', {
            ...passed('interfaces'),
            outcome: 'failed',
            findings: [{ ...finding, severity: 'error' as const }],
          }),
      },
    });
    const plan = await harness.plan({ waves: [['a', 'b']], edges: [], config: { review_fraction: 0 } });
    await harness.start(plan);
    const ended = await harness.until(plan, 'partial');
    expect(ended.atomsSucceeded).toBe(2);
    expect((await reviewsOf(plan)).map((item) => item.atomId)).toEqual([plan.ids['b']]);
  });
});

describe('the sample for review', () => {
  it('takes the longest of equal atoms and says that nothing speaks against it', async () => {
    await harness.worker();
    const plan = await harness.plan({
      waves: [['a', 'b', 'c']],
      edges: [],
      draft: (name) => (name === 'a' ? '' : name === 'b' ? 'b = 1\n' : 'c = 1\nd = 2\n'),
      config: { review_fraction: 0.3 },
    });
    await harness.start(plan);
    await harness.until(plan, 'completed');
    const items = await harness.database.db
      .select()
      .from(schema.humanReviewQueue)
      .where(eq(schema.humanReviewQueue.masterplanId, asId<MasterplanId>(plan.masterplanId)));
    expect(items.map((item) => item.atomId)).toEqual([plan.ids['c']]);
    expect(items[0]!.flaggedReason).toBe(
      'sampled: nothing speaks against it; 30 % of this masterplan go to review in any case',
    );
  });
});
