/** Provider and validation that do what a test says. Free of the test runner: worker processes of the chaos tests use them too. */
import type { CodeProvider, GenerationRequest } from '../../../src/adapters/llm/provider.ts';
import { MgeError, type CheckResult } from '../../../src/domain/index.ts';
import type { WorkerDeps } from '../../../src/execution/index.ts';
import type { LevelReport } from '../../../src/validation/index.ts';

/** Level 1 that fails any candidate holding the word BROKEN, and level 2 and 4 that pass. */
export const wordValidation: WorkerDeps['validation'] = {
  validateAtom: async ({ path, candidate }) => {
    const broken = Buffer.from(candidate).includes('BROKEN');
    const findings = broken
      ? [
          {
            file: path,
            line: 1,
            column: 1,
            rule: 'broken',
            severity: 'error' as const,
            message: 'it is broken',
            suggestion: null,
          },
        ]
      : [];
    return report('atomic', {
      testType: 'syntax',
      outcome: broken ? 'failed' : 'passed',
      reason: null,
      findings,
      durationMs: 1,
    });
  },
  validateModule: async () =>
    report('module', { testType: 'syntax', outcome: 'passed', reason: null, findings: [], durationMs: 1 }),
  validateSystem: async () =>
    report('system', { testType: 'tests', outcome: 'passed', reason: null, findings: [], durationMs: 1 }),
};

export function report(level: LevelReport['level'], check: CheckResult): LevelReport {
  const passed = check.outcome === 'passed';
  return {
    level,
    passed,
    outcome: check.outcome,
    score: check.outcome === 'not_run' ? null : passed ? 1 : 0,
    checks: [check],
  };
}

/** A provider that answers from a function and remembers what it was asked. */
export function scriptedProvider(
  answer: (request: GenerationRequest, signal: AbortSignal) => Promise<string> | string,
  costUsd = 0,
): CodeProvider & { readonly requests: GenerationRequest[] } {
  const requests: GenerationRequest[] = [];
  return {
    name: 'scripted',
    model: 'script-1',
    requests,
    plan: () => Promise.reject(new MgeError('NOT_IMPLEMENTED', 'this provider only generates')),
    reserveUsd: () => costUsd,
    generate: async (request, signal) => {
      requests.push(request);
      const code = Buffer.from(await answer(request, signal));
      return { code, model: 'script-1', tokensIn: 10, tokensOut: 20, costUsd: costUsd / 2 };
    },
  };
}
