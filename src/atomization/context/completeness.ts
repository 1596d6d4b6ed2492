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
    const hundredths = hundredthsOf(findings[part]);
    total += hundredths;
    return { part, score: hundredths / 100, reason: findings[part].reason };
  });
  return { completeness, completeness_score: total / 100 };
}

function hundredthsOf({ known, needed }: PartFinding): number {
  return needed === 0 ? FULL : Math.floor((FULL * Math.min(known, needed)) / needed);
}

/** The completeness of a context in which one part was found out anew. */
function withPart(context: AtomContext, part: Part, finding: PartFinding): Completeness {
  const completeness = context.completeness.map((entry) =>
    entry.part === part ? { part, score: hundredthsOf(finding) / 100, reason: finding.reason } : entry,
  );
  const total = completeness.reduce((sum, { score }) => sum + Math.round(score * 100), 0);
  return { completeness, completeness_score: total / 100 };
}

/** The same context with what the tests of the project say about it. */
export function withTests(context: AtomContext, tests: AtomContext['test_cases'], finding: PartFinding): AtomContext {
  return { ...context, test_cases: tests, ...withPart(context, 'tests', finding) };
}

/** The same context with names resolved that other files define. */
export function withNames(context: AtomContext, uses: AtomContext['uses']): AtomContext {
  const missing = uses.filter(({ kind }) => kind === 'unknown').length;
  const reason =
    missing === 0
      ? `all ${String(uses.length)} names resolved`
      : `${String(missing)} of ${String(uses.length)} names come from nowhere`;
  const named = { ...context, uses };
  const result = {
    ...named,
    ...withPart(named, 'names', { known: uses.length - missing, needed: uses.length, reason }),
  };
  if (missing > 0) return result;
  const effects = { known: 1, needed: 1, reason: 'every call leads to a known name' };
  const isOpen = context.completeness.some(({ part, score }) => part === 'effects' && score < FULL / 100);
  return isOpen ? { ...result, ...withPart(result, 'effects', effects) } : result;
}
