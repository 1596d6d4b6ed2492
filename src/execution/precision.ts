import type { CheckResult } from '../domain/index.ts';
import { TestOutcomes } from '../validation/index.ts';

/** One of the three parts of the precision: what ran, and how much of it passed. */
export interface PrecisionPart {
  readonly weight: number;
  /** 0 to 1; null when nothing of it ran. */
  readonly score: number | null;
  readonly ran: number;
  readonly passed: number;
  /** What did not run, and is in no score. */
  readonly notRun: number;
  readonly why: readonly string[];
}

export interface Precision {
  /** 0 to 100: the weighted mean of the parts that ran; null when none did. */
  readonly percent: number | null;
  /** Acceptance criteria whose named test passed. */
  readonly specConformance: PrecisionPart;
  /** Checks of the assembled project: level 4, and its tests one by one. */
  readonly integrationPass: PrecisionPart;
  /** Atoms accepted at level 1 and files that passed level 2. */
  readonly validationPass: PrecisionPart;
  readonly provider: string;
}

export const PRECISION_WEIGHTS = { specConformance: 0.5, integrationPass: 0.3, validationPass: 0.2 } as const;

export interface PrecisionInput {
  readonly provider: string;
  readonly criteria: readonly { readonly text: string; readonly test: string | null }[];
  /** The checks of level 4; empty when it did not run. */
  readonly system: readonly CheckResult[];
  readonly atoms: { readonly total: number; readonly accepted: number };
  readonly files: readonly { readonly path: string; readonly outcome: 'passed' | 'failed' | 'not_run' }[];
  /** Folders at level 3; default none. */
  readonly components?: readonly { readonly scope: string; readonly outcome: 'passed' | 'failed' | 'not_run' }[];
}

/** Puts the precision together: 0.50 spec conformance, 0.30 integration, 0.20 validation, weighted anew over what ran. */
export function computePrecision(input: PrecisionInput): Precision {
  const parts = {
    specConformance: specConformance(input),
    // The acceptance rows are the spec conformance once more, and a scan of the text shows nothing working together.
    integrationPass: integrationPass(
      input.system.filter(({ testType }) => testType !== 'acceptance' && testType !== 'security'),
    ),
    validationPass: validationPass(input),
  };
  const ran = Object.values(parts).filter((part) => part.score !== null);
  const weight = ran.reduce((sum, part) => sum + part.weight, 0);
  const score = ran.reduce((sum, part) => sum + part.weight * (part.score ?? 0), 0);
  return { percent: weight === 0 ? null : floor(score / weight), ...parts, provider: input.provider };
}

/** Percent with two decimals, rounded down: 100 means that nothing failed. */
function floor(share: number): number {
  return Math.floor(share * 10_000 + 1e-9) / 100;
}

function part(weight: number, passed: number, ran: number, notRun: number, why: readonly string[]): PrecisionPart {
  return { weight, score: ran === 0 ? null : passed / ran, ran, passed, notRun, why: [...new Set(why)].slice(0, 20) };
}

/** A criterion names a test as its runner reports it; the folder of the project part may stand before it. */
function specConformance({ criteria, system }: PrecisionInput): PrecisionPart {
  const outcomes = new TestOutcomes(system.flatMap((check) => check.cases ?? []));
  let passed = 0;
  let ran = 0;
  const why: string[] = [];
  for (const criterion of criteria) {
    const outcome = criterion.test === null ? null : outcomes.of(criterion.test);
    if (outcome === 'passed' || outcome === 'failed') {
      ran += 1;
      if (outcome === 'passed') passed += 1;
      else why.push(`failed: ${criterion.test}`);
    } else if (criterion.test === null) why.push(`no test is named for: ${criterion.text}`);
    else why.push(`${outcome === 'skipped' ? 'skipped' : 'not reported by a test run'}: ${criterion.test}`);
  }
  return part(PRECISION_WEIGHTS.specConformance, passed, ran, criteria.length - ran, why);
}

function integrationPass(system: readonly CheckResult[]): PrecisionPart {
  let passed = 0;
  let ran = 0;
  let notRun = 0;
  const why: string[] = [];
  for (const check of system) {
    const label = check.part === undefined ? check.testType : `${check.part}: ${check.testType}`;
    if (check.outcome === 'not_run') {
      notRun += 1;
      why.push(`not run: ${label} (${check.reason ?? 'no reason given'})`);
    } else if (check.tests && check.tests.passed + check.tests.failed > 0) {
      ran += check.tests.passed + check.tests.failed;
      passed += check.tests.passed;
      notRun += check.tests.skipped;
      if (check.tests.failed > 0) why.push(`failed: ${check.tests.failed} tests of ${label}`);
    } else {
      ran += 1;
      if (check.outcome === 'passed') passed += 1;
      else why.push(`failed: ${label}`);
    }
  }
  if (system.length === 0) why.push('level 4 did not run');
  return part(PRECISION_WEIGHTS.integrationPass, passed, ran, notRun, why);
}

function validationPass({ atoms, files, components = [] }: PrecisionInput): PrecisionPart {
  const scopes = [
    ...files.map(({ path, outcome }) => ({ outcome, label: `level 2 failed: ${path}` })),
    ...components.map(({ scope, outcome }) => ({ outcome, label: `level 3 failed: ${scope}` })),
  ];
  const checked = scopes.filter(({ outcome }) => outcome !== 'not_run');
  const why = checked.filter(({ outcome }) => outcome === 'failed').map(({ label }) => label);
  if (atoms.accepted < atoms.total) why.unshift(`${atoms.total - atoms.accepted} atoms were not accepted`);
  return part(
    PRECISION_WEIGHTS.validationPass,
    atoms.accepted + checked.filter(({ outcome }) => outcome === 'passed').length,
    atoms.total + checked.length,
    scopes.length - checked.length,
    why,
  );
}
