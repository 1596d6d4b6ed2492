import type { CheckOutcome, CheckResult, Severity, ValidationLevel } from '../domain/index.ts';

/** What one level says about one scope. `not_run` checks are listed with their reasons and count neither way. */
export interface LevelReport {
  readonly level: ValidationLevel;
  /** True when at least one check ran, none that ran failed, the score reaches the level's threshold, and at level 4 all tests ran. */
  readonly passed: boolean;
  /** `not_run` when no check of the level ran, or at level 4 no test of some part: `passed` is false then, which is not a failure. */
  readonly outcome: CheckOutcome;
  /** 0 to 1, the weighted mean over the checks that ran; null when none did. */
  readonly score: number | null;
  readonly checks: readonly CheckResult[];
}

/** Share of each kind of check in its level's score. A kind with several checks (two test suites) shares its weight among them. */
export const LEVEL_WEIGHTS: Readonly<Record<ValidationLevel, Readonly<Record<string, number>>>> = {
  // The strength of tests says nothing against the text that passes them.
  atomic: {
    syntax: 0.25,
    semantics: 0.25,
    atomicity: 0.25,
    types: 0.15,
    residue: 0.05,
    security: 0.05,
    test_strength: 0,
  },
  module: { syntax: 0.25, duplicates: 0.25, imports: 0.2, naming: 0.15, contracts: 0.15 },
  component: { interfaces: 0.25, contracts: 0.2, api: 0.2, integration: 0.2, dependencies: 0.15 },
  system: {
    dependencies: 0.25,
    compile: 0.25,
    types: 0.25,
    build: 0.25,
    tests: 0.2,
    acceptance: 0.2,
    startup: 0.15,
    security: 0.15,
  },
};

/** Lowest score with which a level passes. */
export const LEVEL_THRESHOLDS: Readonly<Record<ValidationLevel, number>> = {
  atomic: 0.7,
  module: 0.7,
  component: 0.75,
  system: 0.75,
};

/**
 * At level 4, compiling, type-checking and building are together one quarter of the score: three views of the same thing. So are tests
 * and the acceptance criteria that they prove, with 0.20.
 */
const SHARED_QUARTERS: Readonly<Record<string, string>> = {
  compile: 'architecture',
  types: 'architecture',
  build: 'architecture',
  tests: 'contracts',
  acceptance: 'contracts',
};

/** At level 3, models against migrations are one of the contracts. */
const SHARED_CONTRACTS: Readonly<Record<string, string>> = { migrations: 'contracts' };

const DEDUCTION: Readonly<Record<Severity, number>> = { critical: 0.3, error: 0.1, warning: 0.03, info: 0.01 };

/** The score of one check that ran: 0 when it failed, else 1 less a deduction for each finding. */
export function scoreCheck(check: CheckResult): number {
  if (check.outcome === 'failed') return 0;
  return Math.max(
    0,
    check.findings.reduce((score, finding) => score - DEDUCTION[finding.severity], 1),
  );
}

function kindOf(level: ValidationLevel, testType: string): string {
  if (level === 'system') return SHARED_QUARTERS[testType] ?? testType;
  return level === 'component' ? (SHARED_CONTRACTS[testType] ?? testType) : testType;
}

/** Weighted mean over the checks that ran, or null when none ran. A kind that has no weight of its own counts 0.05. */
export function scoreLevel(level: ValidationLevel, checks: readonly CheckResult[]): number | null {
  const kinds = new Map<string, { weight: number; scores: number[] }>();
  for (const check of checks) {
    if (check.outcome === 'not_run') continue;
    const kind = kindOf(level, check.testType);
    const entry = kinds.get(kind) ?? {
      weight: LEVEL_WEIGHTS[level][check.testType] ?? LEVEL_WEIGHTS[level][kind] ?? 0.05,
      scores: [],
    };
    entry.scores.push(scoreCheck(check));
    kinds.set(kind, entry);
  }
  let total = 0;
  let weights = 0;
  for (const { weight, scores } of kinds.values()) {
    total += weight * (scores.reduce((sum, score) => sum + score, 0) / scores.length);
    weights += weight;
  }
  return weights === 0 ? null : Math.round((total / weights) * 10_000) / 10_000;
}

/** Kinds of checks without which a level has nothing to say: a project whose tests did not run has not passed level 4. */
const REQUIRED: Readonly<Partial<Record<ValidationLevel, string>>> = { system: 'tests' };

function outcomeOf(level: ValidationLevel, score: number | null, checks: readonly CheckResult[]): CheckOutcome {
  if (score === null) return 'not_run';
  if (checks.some((check) => check.outcome === 'failed') || score < LEVEL_THRESHOLDS[level]) return 'failed';
  const needed = checks.filter((check) => check.testType === REQUIRED[level]);
  return needed.some((check) => check.outcome === 'not_run') ? 'not_run' : 'passed';
}

/** Puts the checks of a level together: outcome, score, verdict. */
export function reportOf(level: ValidationLevel, checks: readonly CheckResult[]): LevelReport {
  const score = scoreLevel(level, checks);
  const outcome = outcomeOf(level, score, checks);
  return { level, passed: outcome === 'passed', outcome, score, checks };
}

/** A check that did not run, and why. */
export function notRun(testType: string, reason: string): CheckResult {
  return { testType, outcome: 'not_run', reason, findings: [], durationMs: 0 };
}
