import { languageOf } from '../../src/adapters/parser/index.ts';
import type { CheckResult } from '../../src/domain/index.ts';
import type { LevelReport, Validation } from '../../src/validation/index.ts';
import { caseRun } from './case-runs.ts';
import { contractOf } from './contract.ts';
import type { PrecisionCase, Variant } from './data.ts';

/** What the levels said of one variant, and how long they took (wall milliseconds of the caller). */
export interface Verdict {
  readonly variant: Variant;
  readonly atomFailed: boolean;
  readonly moduleFailed: boolean;
  readonly atomMs: number;
  /** `test_type/rule` of what failed it. */
  readonly rules: readonly string[];
  readonly messages: readonly string[];
}

function failures(...reports: readonly LevelReport[]): CheckResult[] {
  return reports.flatMap((report) => report.checks.filter((check) => check.outcome === 'failed'));
}

/** Runs levels 1 and 2, without running the candidate, on the task's target file. */
export async function judge(
  validation: Validation,
  item: PrecisionCase,
  variant: Variant,
  withTests = false,
): Promise<Verdict> {
  const text = variant.files[item.target] ?? '';
  const contract = contractOf(item, variant);
  const language = languageOf(item.target);
  const bytes = Buffer.from(text);
  const visible = caseRun(item, variant.files, 'visible');
  const before = performance.now();
  const atom = await validation.validateAtom({
    path: item.target,
    language,
    before: new Uint8Array(),
    candidate: bytes,
    after: new Uint8Array(),
    atom: { name: item.entry ?? item.target, role: 'module', loc: 10, complexity: 1, isAtomic: true },
    contract,
    ...(withTests && visible !== null ? { tests: [visible] } : {}),
  });
  const atomMs = performance.now() - before;
  const module = await validation.validateModule({ path: item.target, language, bytes }, contract);
  const failed = failures(atom, module);
  const errors = failed.flatMap((check) =>
    check.findings
      .filter((finding) => finding.severity === 'error' || finding.severity === 'critical')
      .map((finding) => ({ rule: `${check.testType}/${finding.rule}`, finding })),
  );
  return {
    variant,
    atomFailed: atom.outcome === 'failed',
    moduleFailed: module.outcome === 'failed',
    atomMs,
    rules: [...new Set(errors.map(({ rule }) => rule))],
    messages: [...new Set(errors.map(({ rule, finding }) => `${rule} ${finding.line}: ${finding.message}`))],
  };
}
