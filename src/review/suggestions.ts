import type { Finding } from '../domain/index.ts';

/** What the reviewer is shown beside the code, stored as `ai_suggestions`. Everything in it comes from a check that ran. */
export interface ReviewSuggestions {
  readonly issues: readonly { type: string; severity: string; line: number; message: string }[];
  readonly suggestions: readonly { type: string; description: string }[];
  /** `edit` when a check failed, `look_closely` when there are warnings, `none` when no check found anything. */
  readonly recommendation: 'edit' | 'look_closely' | 'none';
  /** Where the above comes from: rules of this service, not a model. */
  readonly source: 'rules';
}

/** Issues shown at most, worst first. */
const MAX_ISSUES = 30;
const SEVERITY_ORDER = ['critical', 'error', 'warning', 'info'];
const MAX_LOC = 15;
const MAX_COMPLEXITY = 5;

export interface SuggestionInput {
  readonly findings: readonly Finding[];
  readonly loc: number;
  readonly complexity: number;
  readonly lineStart: number;
}

function sizeIssues({ loc, complexity, lineStart }: SuggestionInput): Finding[] {
  const at = { file: '', line: lineStart, column: 1 };
  const issues: Finding[] = [];
  if (loc > MAX_LOC) {
    const message = `${loc} lines of code, more than ${MAX_LOC}`;
    issues.push({
      ...at,
      rule: 'too-long',
      severity: 'warning',
      message,
      suggestion: 'split it into smaller declarations',
    });
  }
  if (complexity > MAX_COMPLEXITY) {
    const message = `complexity ${complexity}, more than ${MAX_COMPLEXITY}`;
    issues.push({
      ...at,
      rule: 'complex',
      severity: 'warning',
      message,
      suggestion: 'move branches into functions of their own',
    });
  }
  return issues;
}

/** Puts together what is known against an atom. Nothing is invented: no finding, no suggestion. */
export function suggestionsFor(input: SuggestionInput): ReviewSuggestions {
  const reported = new Set(input.findings.map((finding) => finding.rule));
  const all = [...input.findings, ...sizeIssues(input).filter((issue) => !reported.has(issue.rule))];
  const worstFirst = all.toSorted(
    (a, b) => SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) || a.line - b.line,
  );
  const isError = all.some((finding) => finding.severity === 'critical' || finding.severity === 'error');
  const isWarning = all.some((finding) => finding.severity === 'warning');
  return {
    issues: worstFirst
      .slice(0, MAX_ISSUES)
      .map(({ rule, severity, line, message }) => ({ type: rule, severity, line, message })),
    suggestions: worstFirst
      .slice(0, MAX_ISSUES)
      .flatMap(({ rule, suggestion }) => (suggestion === null ? [] : [{ type: rule, description: suggestion }])),
    recommendation: isError ? 'edit' : isWarning ? 'look_closely' : 'none',
    source: 'rules',
  };
}
