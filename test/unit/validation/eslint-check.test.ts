import { describe, expect, it } from 'vitest';
import { readEslintReport } from '../../../src/validation/system/eslint-check.ts';

describe('readEslintReport', () => {
  it('names files as the project does', () => {
    const messages = [
      { ruleId: 'eqeqeq', severity: 2, message: 'Expected ===.', line: 3, column: 9 },
      { ruleId: null, severity: 1, message: 'Unused directive.' },
    ];
    const report = JSON.stringify([{ filePath: '/project/frontend/src/a.ts', messages }]);

    expect(readEslintReport(report, '/project/frontend', 'frontend')).toEqual([
      {
        file: 'frontend/src/a.ts',
        line: 3,
        column: 9,
        rule: 'eqeqeq',
        severity: 'error',
        message: 'Expected ===.',
        suggestion: null,
      },
      {
        file: 'frontend/src/a.ts',
        line: 1,
        column: 1,
        rule: 'eslint',
        severity: 'warning',
        message: 'Unused directive.',
        suggestion: null,
      },
    ]);
  });

  it('finds nothing in what is no report', () => {
    expect(readEslintReport('Oops', '/project', '.')).toEqual([]);
  });

  it('keeps 100 findings', () => {
    const messages = Array.from({ length: 150 }, () => ({
      ruleId: 'x',
      severity: 2,
      message: 'm',
      line: 1,
      column: 1,
    }));
    const report = JSON.stringify([{ filePath: '/project/a.ts', messages }]);

    expect(readEslintReport(report, '/project', '.')).toHaveLength(100);
  });
});
