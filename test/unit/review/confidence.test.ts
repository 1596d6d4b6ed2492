import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../src/domain/index.ts';
import { bandOf, type ConfidenceInput, evidenceOf, scoreConfidence } from '../../../src/review/index.ts';

const BEST: ConfidenceInput = {
  checks: { atomic: 1, module: 1 },
  attempts: 1,
  maxAttempts: 4,
  complexity: 1,
  integration: 1,
};

describe('confidence', () => {
  it('is 1 when all four parts are', () => {
    expect(scoreConfidence(BEST)).toMatchObject({ score: 1, band: 'high' });
  });

  it('weighs validation 0.40, attempts 0.30, complexity 0.20, integration 0.10', () => {
    const without = (change: Partial<ConfidenceInput>): number => 1 - scoreConfidence({ ...BEST, ...change }).score;
    expect(without({ checks: { atomic: 0, module: 0 } })).toBeCloseTo(0.4, 4);
    expect(without({ attempts: 4 })).toBeCloseTo(0.3, 4);
    expect(without({ complexity: 10 })).toBeCloseTo(0.2, 4);
    expect(without({ integration: 0 })).toBeCloseTo(0.1, 4);
  });

  it('leaves out what is not known, weighs the rest anew, and says so', () => {
    const { score, parts } = scoreConfidence({ ...BEST, integration: null, attempts: 2 });
    expect(parts.integration).toEqual({
      score: null,
      weight: 0.1,
      share: 0,
      note: 'no test of the produced project ran',
    });
    expect(parts.validation.share).toBeCloseTo(0.4 / 0.9, 4);
    expect(score).toBeCloseTo((0.4 + 0.3 * (2 / 3) + 0.2) / 0.9, 4);
    expect(scoreConfidence({ ...BEST, checks: { atomic: null, module: null } }).parts.validation).toMatchObject({
      score: null,
      share: 0,
    });
  });

  it('takes the mean of the levels that ran', () => {
    const { parts } = scoreConfidence({ ...BEST, checks: { atomic: 0.5, module: null, system: 1 } });
    expect(parts.validation).toMatchObject({ score: 0.75, note: 'mean of atomic 0.5, system 1' });
  });

  it.each([
    [0.85, 'high'],
    [0.8499, 'medium'],
    [0.7, 'medium'],
    [0.6999, 'low'],
    [0.5, 'low'],
    [0.4999, 'critical'],
    [0, 'critical'],
  ])('puts %d into the band %s', (score, band) => {
    expect(bandOf(score)).toBe(band);
  });

  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const maybe = fc.option(share, { nil: null });
  const inputs = fc.record({
    checks: fc.record({ atomic: maybe, module: maybe }),
    attempts: fc.integer({ min: 0, max: 9 }),
    maxAttempts: fc.integer({ min: 1, max: 6 }),
    complexity: fc.double({ min: 0, max: 40, noNaN: true }),
    integration: maybe,
  });

  it('stays between 0 and 1, and its shares add up to 1', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { score, parts } = scoreConfidence(input);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(Object.values(parts).reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1, 3);
      }),
    );
  });

  it('never rises with another attempt or more complexity', () => {
    fc.assert(
      fc.property(
        inputs.filter((input) => input.attempts > 0),
        (input) => {
          const { score } = scoreConfidence(input);
          expect(scoreConfidence({ ...input, attempts: input.attempts + 1 }).score).toBeLessThanOrEqual(score);
          expect(scoreConfidence({ ...input, complexity: input.complexity + 1 }).score).toBeLessThanOrEqual(score);
        },
      ),
    );
  });
});

describe('evidence from runs', () => {
  const check = (testType: string, more: Partial<CheckResult> = {}): CheckResult => ({
    testType,
    outcome: 'passed',
    reason: null,
    findings: [],
    durationMs: 1,
    ...more,
  });
  const strength = (value: number): CheckResult => check('test_strength', { strength: value });
  const untried = [check('unit', { outcome: 'not_run' }), check('examples', { outcome: 'not_run' })];

  it('grows with the strength of the tests that were passed, and is least without any run', () => {
    const values = [0, 0.5, 1].map((value) => evidenceOf([check('unit'), strength(value)]));
    expect(values).toEqual([0.4, 0.7, 1]);
    expect(evidenceOf(untried)).toBe(0.4);
    expect(evidenceOf([check('syntax')])).toBe(1);
  });

  it('takes tests that could not be judged for half as strong as they might be', () => {
    const slow = check('test_strength', { outcome: 'not_run', reason: 'they take too long' });
    expect(evidenceOf([check('unit'), slow])).toBe(0.7);
    expect(evidenceOf([check('unit')])).toBe(0.7);
  });

  it('counts examples less than tests', () => {
    const examples = [untried[0] as CheckResult, check('examples'), strength(1)];
    expect(evidenceOf(examples)).toBe(0.88);
  });

  it('falls with what a trial warned of, never below nothing', () => {
    const warning = { file: 'a.py', line: 1, column: 1, rule: 'crash', message: '', suggestion: null };
    const warnings = Array.from({ length: 9 }, () => ({ ...warning, severity: 'warning' as const }));
    expect(evidenceOf([check('unit', { findings: warnings.slice(0, 2) }), strength(1)])).toBe(0.8);
    expect(evidenceOf([check('unit', { outcome: 'not_run', findings: warnings })])).toBe(0);
  });
});
