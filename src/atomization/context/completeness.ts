/**
 * How complete the context of an atom is: five parts of 0.20 each. A part counts in the share in which it is known; where the
 * analysis shows that an atom needs nothing of a part, the part is complete; where nothing was analysed, it is not.
 */
import type { AtomContext } from '../../domain/index.ts';

const PARTS = ['names', 'types', 'conditions', 'effects', 'tests'] as const;
type Part = (typeof PARTS)[number];

/** What is known of one part: `known` of `needed`; needed = 0 means that the analysis shows that nothing is needed. */
export interface PartFinding {
  readonly known: number;
  readonly needed: number;
  readonly reason: string;
}

export type Findings = Readonly<Record<Part, PartFinding>>;

/** Hundredths of one part. */
const FULL = 20;

type Completeness = Pick<AtomContext, 'completeness' | 'completeness_score'>;

export function scoreCompleteness(findings: Findings): Completeness {
  let total = 0;
  const completeness = PARTS.map((part) => {
    const { known, needed, reason } = findings[part];
    const hundredths = needed === 0 ? FULL : Math.floor((FULL * Math.min(known, needed)) / needed);
    total += hundredths;
    return { part, score: hundredths / 100, reason };
  });
  return { completeness, completeness_score: total / 100 };
}

/** The same context with what the tests of the project say about it. */
export function withTests(context: AtomContext, tests: AtomContext['test_cases'], finding: PartFinding): AtomContext {
  const known =
    finding.needed === 0 ? FULL : Math.floor((FULL * Math.min(finding.known, finding.needed)) / finding.needed);
  const completeness = context.completeness.map((entry) =>
    entry.part === 'tests' ? { part: entry.part, score: known / 100, reason: finding.reason } : entry,
  );
  const total = completeness.reduce((sum, { score }) => sum + Math.round(score * 100), 0);
  return { ...context, test_cases: tests, completeness, completeness_score: total / 100 };
}
