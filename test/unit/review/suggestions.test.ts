import { describe, expect, it } from 'vitest';
import type { Finding, Severity } from '../../../src/domain/index.ts';
import { priorityOf } from '../../../src/review/priority.ts';
import { suggestionsFor } from '../../../src/review/suggestions.ts';

function finding(rule: string, severity: Severity, line = 1, suggestion: string | null = null): Finding {
  return { file: 'a.ts', line, column: 1, rule, severity, message: `about ${rule}`, suggestion };
}

const SMALL = { loc: 5, complexity: 1, lineStart: 10 };

describe('what a reviewer is told', () => {
  it('is nothing where no check found anything', () => {
    expect(suggestionsFor({ findings: [], ...SMALL })).toEqual({
      issues: [],
      suggestions: [],
      recommendation: 'none',
      source: 'rules',
    });
  });

  it('is what the checks found, worst first', () => {
    const findings = [
      finding('long', 'info', 1),
      finding('b', 'error', 9),
      finding('a', 'error', 3, 'do this'),
      finding('key', 'critical', 20),
    ];
    const told = suggestionsFor({ findings, ...SMALL });
    expect(told.issues.map((issue) => [issue.type, issue.line])).toEqual([
      ['key', 20],
      ['a', 3],
      ['b', 9],
      ['long', 1],
    ]);
    expect(told.suggestions).toEqual([{ type: 'a', description: 'do this' }]);
    expect(told.recommendation).toBe('edit');
  });

  it('adds size and complexity once', () => {
    const told = suggestionsFor({ findings: [finding('too-long', 'warning')], loc: 30, complexity: 9, lineStart: 10 });
    expect(told.issues.map((issue) => issue.type)).toEqual(['too-long', 'complex']);
    expect(told.recommendation).toBe('look_closely');
  });
});

describe('the priority of an item', () => {
  it.each([
    ['a credential in the source', { failed: false, score: 0.99, findings: [finding('key', 'critical')] }, 1],
    ['a failed atom', { failed: true, score: 0.8, findings: [finding('syntax', 'error')] }, 2],
    ['very low confidence', { failed: false, score: 0.3, findings: [] }, 2],
    ['low confidence', { failed: false, score: 0.6, findings: [] }, 3],
    ['medium confidence', { failed: false, score: 0.8, findings: [] }, 4],
    ['high confidence', { failed: false, score: 0.9, findings: [finding('x', 'info')] }, 5],
  ])('for %s', (_what, item, priority) => {
    expect(priorityOf(item)).toBe(priority);
  });
});
