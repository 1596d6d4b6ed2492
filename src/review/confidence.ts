/** How sure the service is of an atom, from what was measured. */
import type { CheckResult } from '../domain/index.ts';

export const CONFIDENCE_BANDS = ['high', 'medium', 'low', 'critical'] as const;
export type ConfidenceBand = (typeof CONFIDENCE_BANDS)[number];

/** Lowest score of each band; below the last one is `critical`. */
const BAND_FLOORS: readonly (readonly [ConfidenceBand, number])[] = [
  ['high', 0.85],
  ['medium', 0.7],
  ['low', 0.5],
];

/** Share of each part in the score when all four are known. */
export const CONFIDENCE_WEIGHTS = { validation: 0.4, attempts: 0.3, complexity: 0.2, integration: 0.1 } as const;
export type ConfidencePartName = keyof typeof CONFIDENCE_WEIGHTS;

/** Complexity up to which nothing is deducted, and from which nothing is left. */
const EASY = 3;
const HARD = 10;

export interface ConfidenceInput {
  /** Score of each validation level, 0 to 1; null for a level that did not run. */
  readonly checks: {
    readonly atomic: number | null;
    readonly module: number | null;
    readonly component?: number | null;
    readonly system?: number | null;
  };
  /** How much of the validation rests on runs of the code, 0 to 1, as `evidenceOf` says; default 1. */
  readonly evidence?: number;
  /** Drafted tests that refuse the text and are in doubt themselves, as `doubtedTestsOf` counts them; default 0. */
  readonly doubtedTests?: number;
  /** Attempts made so far, from 1; 0 when there was none. */
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly complexity: number;
  /** Share of the tests of the produced project that pass, 0 to 1; null when none ran. */
  readonly integration: number | null;
}

export interface ConfidencePart {
  /** 0 to 1; null when it is not known. */
  readonly score: number | null;
  /** The weight it has by itself. */
  readonly weight: number;
  /** The weight it had in this score: 0 where it is not known, more than `weight` where others are not. */
  readonly share: number;
  readonly note: string;
}

export interface Confidence {
  /** 0 to 1, four decimals. */
  readonly score: number;
  readonly band: ConfidenceBand;
  readonly parts: Readonly<Record<ConfidencePartName, ConfidencePart>>;
}

/** What is left of the validation when a text was not run at all; the rest is earned by what it passed, as far as that is strong. */
const UNTRIED = 0.4;
/** What examples of the task count beside tests. */
const EXAMPLES = 0.8;
/** The strength of tests, and of examples, that could not be judged: half of what the strongest would be. */
const UNJUDGED = 0.5;
/** What each doubt costs that a trial raised. */
const DOUBT = 0.1;
const MOST_DOUBT = 0.4;

/**
 * How much runs of the code support what was read of it, 0 to 1: 0.4 without any, and up to 0.6 more for tests that it passes, by their
 * strength, or at most 0.8 of that for examples. Inputs at which a trial saw it crash, hang or return nothing take off 0.1 each, and so do
 * drafted tests that refuse it and are in doubt. 1 where the language is not run at this level.
 */
export function evidenceOf(checks: readonly CheckResult[]): number {
  const of = (wanted: string): CheckResult | undefined => checks.find(({ testType }) => testType === wanted);
  const [unit, examples] = [of('unit'), of('examples')];
  if (unit === undefined && examples === undefined) return 1;
  const doubts = [examples, unit]
    .flatMap((check) => check?.findings ?? [])
    .filter(({ severity }) => severity === 'warning').length;
  const strength = of('test_strength')?.strength ?? UNJUDGED;
  const passed = unit?.outcome === 'passed' ? 1 : examples?.outcome === 'passed' ? EXAMPLES : 0;
  const base = UNTRIED + (1 - UNTRIED) * passed * strength;
  return round(Math.max(0, base - Math.min(MOST_DOUBT, doubts * DOUBT)));
}

/** How many expectations of drafted tests the text fails that are in doubt themselves: the warnings of its test run. */
export function doubtedTestsOf(checks: readonly CheckResult[]): number {
  const unit = checks.find(({ testType }) => testType === 'unit');
  return (unit?.findings ?? []).filter(({ severity }) => severity === 'warning').length;
}

export function bandOf(score: number): ConfidenceBand {
  return BAND_FLOORS.find(([, floor]) => score >= floor)?.[0] ?? 'critical';
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

interface Known {
  readonly score: number | null;
  readonly note: string;
}

function validationPart({ checks, evidence = 1, doubtedTests = 0 }: ConfidenceInput): Known {
  const levels = Object.entries(checks).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  if (levels.length === 0) return { score: null, note: 'no validation level ran' };
  const mean = levels.reduce((sum, [, score]) => sum + clamp(score), 0) / levels.length;
  return {
    score: round(mean * clamp(evidence)),
    note: `mean of ${levels.map(([level, score]) => `${level} ${round(score)}`).join(', ')}${
      evidence < 1 ? `, times ${round(evidence)} for what runs of it showed` : ''
    }${doubtedTests > 0 ? `; it fails expectations of drafted tests that are in doubt: ${doubtedTests}` : ''}`,
  };
}

function attemptsPart({ attempts, maxAttempts }: ConfidenceInput): Known {
  if (attempts < 1) return { score: null, note: 'no attempt of a provider brought it' };
  const score = maxAttempts > 1 ? clamp(1 - (attempts - 1) / (maxAttempts - 1)) : Number(attempts <= maxAttempts);
  return { score: round(score), note: `attempt ${attempts} of ${maxAttempts}` };
}

function complexityPart({ complexity }: ConfidenceInput): Known {
  return {
    score: round(clamp((HARD - complexity) / (HARD - EASY))),
    note: `complexity ${complexity}; 1 up to ${EASY}, 0 from ${HARD}`,
  };
}

function integrationPart({ integration }: ConfidenceInput): Known {
  if (integration === null) return { score: null, note: 'no test of the produced project ran' };
  return {
    score: round(clamp(integration)),
    note: `${round(integration * 100)} % of the tests of the produced project pass`,
  };
}

/**
 * 0.40 validation + 0.30 attempts + 0.20 complexity + 0.10 integration. A part that is not known is left out, the others take
 * its weight in proportion, and its note says why. Complexity is always known, so there is always a score.
 */
export function scoreConfidence(input: ConfidenceInput): Confidence {
  const known: Record<ConfidencePartName, Known> = {
    validation: validationPart(input),
    attempts: attemptsPart(input),
    complexity: complexityPart(input),
    integration: integrationPart(input),
  };
  const names = Object.keys(CONFIDENCE_WEIGHTS) as ConfidencePartName[];
  const total = names.reduce((sum, name) => sum + (known[name].score === null ? 0 : CONFIDENCE_WEIGHTS[name]), 0);
  const part = (name: ConfidencePartName): ConfidencePart => {
    const { score, note } = known[name];
    return {
      score,
      weight: CONFIDENCE_WEIGHTS[name],
      share: score === null ? 0 : round(CONFIDENCE_WEIGHTS[name] / total),
      note,
    };
  };
  const sum = names.reduce(
    (acc, name) => acc + (known[name].score ?? 0) * (known[name].score === null ? 0 : CONFIDENCE_WEIGHTS[name]),
    0,
  );
  const score = round(sum / total);
  return {
    score,
    band: bandOf(score),
    parts: {
      validation: part('validation'),
      attempts: part('attempts'),
      complexity: part('complexity'),
      integration: part('integration'),
    },
  };
}
