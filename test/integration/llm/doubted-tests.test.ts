/** Tests that a model drafted, and code that they refuse: which of the two gives way. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { detectSandbox } from '../../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { startExecution } from '../../../src/execution/index.ts';
import type { CreateMasterplanInput } from '../../../src/masterplan/index.ts';
import { createValidation, type Validation } from '../../../src/validation/index.ts';
import { planTask, PLAN_ANSWER, subjectOf } from '../../support/model-answers.ts';
import { fenced, type ModelServerOptions } from '../../support/model-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness } from '../execution/harness.ts';
import { ModelRun, planId } from './model-run.ts';

const sandbox = await detectSandbox(createLogger('silent'));
let harness: Harness;
let validation: Validation;
let run: ModelRun;
beforeAll(async () => {
  harness = await Harness.open();
  validation = await createValidation({ sandbox, threads: 1 });
});
afterEach(() => run.close());
afterAll(async () => {
  await validation.close();
  await harness.close();
});

const CODE = 'shop/price.py';
const TEST = 'tests/test_price.py';
const TASKS = [
  planTask({
    key: 'price',
    name: 'Prices',
    description: 'Adds the tax to net prices.',
    file_path: CODE,
    acceptance: [{ text: 'adds the tax', priority: 'must', test: `${TEST}::test_gross` }],
  }),
  planTask({
    key: 'tests',
    name: 'Tests',
    file_path: TEST,
    task_type: 'test',
    depends_on: ['price'],
    acceptance: [{ text: 'run', priority: 'must', test: `${TEST}::test_gross` }],
  }),
];
const PLAN = {
  ...PLAN_ANSWER,
  phases: [{ name: 'core', description: 'All', milestones: [{ name: 'Shop', description: 'All', tasks: TASKS }] }],
};
const gross = (body: string) => `def gross(net: int) -> int:\n    """The price with 19 percent tax."""\n${body}`;
const test = (value: number) =>
  `from shop.price import gross\n\n\ndef test_gross() -> None:\n    assert gross(100) == ${value}\n`;
const RIGHT = [
  gross('    return net * 119 // 100\n'),
  gross('    return net + net * 19 // 100\n'),
  gross('    tax = net * 19 // 100\n    return net + tax\n'),
];

/** A model that gives one text after the other for each file; the last one again and again. */
function model(texts: Readonly<Record<string, readonly string[]>>): ModelServerOptions['reply'] {
  const given = new Map<string, number>();
  return (call) => {
    const { kind, name } = subjectOf(call);
    if (kind === 'plan') return JSON.stringify(PLAN);
    const file = kind === 'draft' ? name : name.includes('test') ? TEST : CODE;
    const n = given.get(file) ?? 0;
    given.set(file, n + 1);
    const of = texts[file] ?? [];
    return fenced(of[Math.min(n, of.length - 1)] ?? '');
  };
}

async function build(texts: Readonly<Record<string, readonly string[]>>, input: Partial<CreateMasterplanInput> = {}) {
  run = await ModelRun.open(harness, { reply: model(texts) });
  const { masterplanId } = await run.create({
    userRequest: 'A library that adds 19 percent tax to prices in cents',
    ...input,
  });
  await run.worker({ validation });
  expect(await run.stage(planId(masterplanId), 'decompose')).toMatchObject({ status: 'completed', error: null });
  expect(await run.stage(planId(masterplanId), 'build_graph')).toMatchObject({ status: 'completed' });
  await startExecution(harness.deps, { masterplanId: planId(masterplanId), startedBy: 'test' });
  await waitFor(
    async () => !['running', 'pending'].includes((await harness.status({ masterplanId, ids: {} })).status),
    { timeoutMs: 60_000, what: 'the execution having ended' },
  );
  const { rows } = await harness.database.pool.query<{
    path: string;
    name: string;
    status: string;
    attempts: number;
    text: string;
    reason: string | null;
    findings: string;
  }>(
    `select a.file_path as path, a.name, a.status::text, a.attempts, a.accepted_code as text, r.flagged_reason as reason,
       (select string_agg(error_analysis::text, ' ' order by attempt_number) from atom_retry_history h where h.atom_id = a.atom_id) as findings
     from atomic_units a left join human_review_queue r using (atom_id) where a.masterplan_id = $1 order by a.file_path, a.file_ordinal`,
    [masterplanId],
  );
  return {
    masterplanId,
    rows,
    code: rows.filter(({ path }) => path === CODE),
    tests: rows.filter(({ path }) => path === TEST),
  };
}

describe.skipIf(!sandbox.confined)('a drafted test and the code that it refuses', () => {
  it('gives way when three texts agree against it, and goes to review where it stays as it is', async () => {
    const { code, tests, masterplanId } = await build({ [CODE]: RIGHT, [TEST]: [test(121)] });
    expect(code).toMatchObject([{ status: 'COMPLETED', attempts: 3, text: RIGHT[2] }]);
    const [held] = tests.filter(({ reason }) => reason !== null);
    expect(held?.reason).toContain('may be wrong');
    const { rows } = await harness.database.pool.query<{ outcome: string; findings: string }>(
      `select outcome::text, error_details->>'findings' as findings from validation_results
       where masterplan_id = $1 and test_type = 'unit' and attempt_number = 3`,
      [masterplanId],
    );
    expect(rows[0]?.outcome.toLowerCase()).toBe('not_run');
    expect(rows[0]?.findings).toContain('"severity": "warning"');
  });

  it('is written anew when it was wrong', async () => {
    const { code, tests } = await build({ [CODE]: RIGHT, [TEST]: [test(121), test(119)] });
    expect(code).toMatchObject([{ status: 'COMPLETED', attempts: 3 }]);
    expect(tests.map(({ text }) => text).join('')).toBe(test(119));
    expect(tests.map(({ findings }) => findings).join(' ')).toContain('assert 119 == 121');
  });

  it('decides where it was brought', async () => {
    const brought = [
      { name: 'Prices', description: 'Adds the tax to net prices.', file_path: CODE },
      { name: 'Tests', description: 'Tests', file_path: TEST, code: test(121), depends_on: [CODE] },
    ];
    const { code, tests } = await build({ [CODE]: RIGHT }, { tasks: brought });
    expect(code).toMatchObject([{ status: 'FAILED', text: null }]);
    expect(code[0]?.reason).toContain('121');
    expect(code[0]?.findings).not.toContain('doubts');
    expect(tests.every(({ status }) => status === 'BLOCKED')).toBe(true);
  });

  it('stands when the code was wrong', async () => {
    const wrong = gross('    return net * 121 // 100\n');
    const { code, tests } = await build({
      [CODE]: [wrong, gross('    return net + net * 21 // 100\n'), RIGHT[0]!],
      [TEST]: [test(119)],
    });
    expect(code).toMatchObject([{ status: 'COMPLETED', attempts: 3, text: RIGHT[0] }]);
    expect(tests.map(({ text }) => text).join('')).toBe(test(119));
    expect(tests.every(({ reason }) => !reason?.includes('may be wrong'))).toBe(true);
  });
});
