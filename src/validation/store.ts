import type { AtomId, CheckResult, ExecutionId, MasterplanId } from '../domain/index.ts';
import { levelNumber } from '../domain/index.ts';
import { newId, schema, type Tx } from '../db/index.ts';
import type { LevelReport } from './report.ts';

/** Longest tool output kept per check, in characters: its end, where tools say what went wrong. */
const MAX_OUTPUT = 20_000;

/** What a report is about. */
export interface ReportScope {
  readonly masterplanId: MasterplanId;
  readonly executionId: ExecutionId | null;
  readonly atomId: AtomId | null;
  /** File path (levels 1 and 2), folder (level 3) or `.` (level 4). */
  readonly scope: string;
  /** 1-based; null for checks that are not attempts. */
  readonly attempt: number | null;
  /** Names the text that was checked, for levels whose result holds only as long as the text does. */
  readonly fingerprint?: string;
  /** The job that was asked for it, for checks by call. */
  readonly jobId?: string;
}

/** PostgreSQL text holds no NUL. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

/** jsonb holds neither NUL nor half a surrogate pair: both are written as escapes by JSON.stringify. */
function storable<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll(/\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '\\ufffd')) as T;
}

function rowOf(
  where: ReportScope,
  report: LevelReport,
  check: CheckResult,
): typeof schema.validationResults.$inferInsert {
  const details = {
    ...(check.part === undefined ? {} : { part: check.part }),
    ...(where.fingerprint === undefined ? {} : { fingerprint: where.fingerprint, levelOutcome: report.outcome }),
    ...(where.jobId === undefined ? {} : { job_id: where.jobId }),
    findings: check.findings,
    ...(check.tests === undefined ? {} : { tests: check.tests }),
    ...(check.cases === undefined ? {} : { cases: check.cases }),
    ...(check.strength === undefined ? {} : { strength: check.strength }),
  };
  return {
    validationId: newId(),
    masterplanId: where.masterplanId,
    executionId: where.executionId,
    atomId: where.atomId,
    scope: where.scope,
    attemptNumber: where.attempt,
    validationLevel: report.level,
    levelNumber: levelNumber(report.level),
    testType: check.testType,
    outcome: check.outcome,
    passed: check.outcome === 'passed',
    reason: check.reason === null ? null : withoutNul(check.reason),
    testOutput: check.output === undefined ? null : withoutNul(check.output.slice(-MAX_OUTPUT)),
    errorDetails: storable(details),
    executionTimeMs: Math.round(check.durationMs),
  };
}

/** Stores a report: one row of `validation_results` per check, in one statement. */
export async function storeReport(tx: Tx, where: ReportScope, report: LevelReport): Promise<void> {
  await storeReports(tx, [{ where, report }]);
}

/** Stores many reports with as few statements as their size allows. */
export async function storeReports(
  tx: Tx,
  reports: readonly { readonly where: ReportScope; readonly report: LevelReport }[],
): Promise<void> {
  const rows = reports.flatMap(({ where, report }) => report.checks.map((check) => rowOf(where, report, check)));
  // A statement carries at most 65,535 parameters; a row has 16.
  for (let i = 0; i < rows.length; i += 2_000)
    await tx.insert(schema.validationResults).values(rows.slice(i, i + 2_000));
}
