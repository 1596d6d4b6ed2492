import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eq } from 'drizzle-orm';
import { schema } from '../../../src/db/index.ts';
import { asId, type AtomId, type CheckResult, type MasterplanId } from '../../../src/domain/index.ts';
import { type LevelReport, storeReport, storeReports } from '../../../src/validation/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertAtom, insertMasterplan } from '../../support/factories.ts';

let database: TestDatabase;
let masterplanId: MasterplanId;
beforeAll(async () => {
  database = await createTestDatabase();
  masterplanId = asId<MasterplanId>((await insertMasterplan(database.db)).masterplanId);
});
afterAll(() => database.drop());

function report(checks: CheckResult[]): LevelReport {
  return { level: 'system', passed: false, outcome: 'failed', score: 0.5, checks };
}

const rowsOf = (scope: string) =>
  database.db.select().from(schema.validationResults).where(eq(schema.validationResults.scope, scope));

describe('stored validation', () => {
  it('is one row per check, with everything that was found', async () => {
    const finding = {
      file: 'a.py',
      line: 3,
      column: 7,
      rule: 'pytest',
      severity: 'error' as const,
      message: 'assert 1 == 2',
      suggestion: null,
    };
    const tests = { passed: 1, failed: 1, skipped: 0 };
    const cases = [{ name: 't::a', outcome: 'passed' as const, durationMs: 1, message: null }];
    await storeReport(
      database.db,
      { masterplanId, executionId: null, atomId: null, scope: '.', attempt: null },
      report([
        {
          testType: 'tests',
          part: 'backend',
          outcome: 'failed',
          reason: null,
          findings: [finding],
          durationMs: 12.6,
          tests,
          cases,
          output: 'x'.repeat(30_000) + 'end',
        },
        { testType: 'security', outcome: 'not_run', reason: 'later', findings: [], durationMs: 0 },
      ]),
    );
    const rows = await rowsOf('.');
    expect(rows.find((row) => row.testType === 'tests')).toMatchObject({
      validationLevel: 'system',
      levelNumber: 4,
      outcome: 'failed',
      passed: false,
      executionTimeMs: 13,
      errorDetails: { part: 'backend', findings: [finding], tests, cases },
    });
    expect(rows.find((row) => row.testType === 'tests')?.testOutput).toMatch(/xend$/);
    expect(rows.find((row) => row.testType === 'security')).toMatchObject({
      outcome: 'not_run',
      passed: false,
      reason: 'later',
    });
  });

  it('takes text that the database cannot hold', async () => {
    const finding = {
      file: 'a',
      line: 1,
      column: 1,
      rule: 'r',
      severity: 'error' as const,
      message: 'NUL \0, half \ud83d, whole 😀, \\u0000',
      suggestion: null,
    };
    await storeReport(
      database.db,
      { masterplanId, executionId: null, atomId: null, scope: 'odd', attempt: 1 },
      report([
        { testType: 'syntax', outcome: 'failed', reason: 'a\0b', findings: [finding], durationMs: 1, output: 'c\0d' },
      ]),
    );
    const [row] = await rowsOf('odd');
    expect(row).toMatchObject({ reason: 'a\uFFFDb', testOutput: 'c\uFFFDd' });
    expect(row?.errorDetails?.findings[0]?.message).toContain('whole 😀');
  });

  it('stores thousands at once', async () => {
    const atomId = asId<AtomId>((await insertAtom(database.db, { masterplanId })).atomId);
    const one = report([{ testType: 'syntax', outcome: 'passed', reason: null, findings: [], durationMs: 1 }]);
    const where = { masterplanId, executionId: null, atomId, scope: 'many', attempt: 1 };
    await storeReports(
      database.db,
      Array.from({ length: 5_000 }, () => ({ where, report: one })),
    );
    expect(await database.db.$count(schema.validationResults, eq(schema.validationResults.scope, 'many'))).toBe(5_000);
  });
});
