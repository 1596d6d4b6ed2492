import type { StaticInput, StaticKind, StaticProblem } from '../language-checks.ts';
import { LineIndex } from './line-index.ts';
import type { TypeDiagnostic } from './type-service.ts';

/** The checker's rules that count, and as what. */
const COUNTED: Readonly<Record<string, StaticKind>> = {
  reportUndefinedVariable: 'names',
  reportUnboundVariable: 'names',
  reportAttributeAccessIssue: 'types',
  reportCallIssue: 'types',
  reportReturnType: 'types',
  reportArgumentType: 'types',
  reportOperatorIssue: 'types',
  reportIndexIssue: 'types',
  reportRedeclaration: 'semantics',
  reportUnusedExpression: 'semantics',
  reportMissingImports: 'names',
};

export function typeProblems(input: StaticInput, diagnostics: readonly TypeDiagnostic[]): StaticProblem[] {
  const lines = new LineIndex(input.text);
  return diagnostics.flatMap(({ rule, message, line, character, endLine, endCharacter }) => {
    const kind = COUNTED[rule];
    if (kind === undefined) return [];
    return [
      {
        kind,
        start: lines.indexAt(line, character),
        end: lines.indexAt(endLine, endCharacter),
        rule,
        severity: 'error' as const,
        message: message.split('\n')[0] ?? '',
        suggestion: null,
      },
    ];
  });
}
