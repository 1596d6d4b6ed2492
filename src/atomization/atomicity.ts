/** The ten atomicity criteria. Weights are integers that add up to 100, so that a score never depends on the order of addition. */
import type { AtomContext, AtomicityViolation, Severity } from '../domain/index.ts';
import type { AtomDraft } from './atomized-file.ts';
import { LIMITS } from './cuts.ts';

/** What the criteria look at. */
export interface AtomFacts {
  readonly loc: number;
  /** Characters. */
  readonly size: number;
  readonly complexity: number;
  /** Why nothing smaller is possible; null when the size is right. */
  readonly oversize: string | null;
  /** The atom holds the end of a callable that began before it, and something behind it. */
  readonly endsCallable: boolean;
  /** The last declaration that begins in the atom goes on behind it. */
  readonly beginsCallable: boolean;
  /** Deepest nesting of blocks that begin in the atom. */
  readonly nesting: number;
  readonly damaged: boolean;
  /** Names used that nothing in the file, its imports or the language defines. */
  readonly unresolved: number;
  /** Different kinds of outside effect: output, files, network, state. */
  readonly effects: number;
  readonly completeness: number;
}

interface Criterion {
  readonly name: string;
  readonly weight: number;
  readonly severity: Severity;
  readonly suggestion: string;
  /** What is wrong; null when the criterion is met. */
  readonly check: (atom: AtomFacts) => string | null;
}

function incompleteContext(completeness: number): string | null {
  return completeness >= 0.8 ? null : `context is ${String(Math.round(completeness * 100))} % complete`;
}

const ATOMICITY_CRITERIA: readonly Criterion[] = [
  {
    name: 'size',
    weight: 20,
    severity: 'critical',
    suggestion: 'Split the statement or literal so that each part has at most 15 lines of code.',
    check: (atom) =>
      atom.oversize === null
        ? null
        : `${String(atom.loc)} lines of code in ${String(atom.size)} characters: ${atom.oversize}`,
  },
  {
    name: 'complexity',
    weight: 15,
    severity: 'error',
    suggestion: 'Move a branch into a function of its own.',
    check: (atom) => (atom.complexity < 3 ? null : `complexity ${String(atom.complexity)}, below 3 is wanted`),
  },
  {
    name: 'single responsibility',
    weight: 10,
    severity: 'warning',
    suggestion: 'Keep the end of a function apart from what follows it.',
    check: (atom) => (atom.endsCallable ? 'holds the end of one function and something else' : null),
  },
  {
    name: 'clear boundaries',
    weight: 15,
    severity: 'error',
    suggestion: 'Cut between declarations or whole statements of one function.',
    check: (atom) => (atom.endsCallable && atom.beginsCallable ? 'ends one function and begins another' : null),
  },
  {
    name: 'sound syntax',
    weight: 15,
    severity: 'critical',
    suggestion: 'Mend the syntax error.',
    check: (atom) => (atom.damaged ? 'holds a syntax error' : null),
  },
  {
    name: 'known names',
    weight: 5,
    severity: 'warning',
    suggestion: 'Import or define every name that is used.',
    check: (atom) =>
      atom.unresolved === 0 ? null : `${String(atom.unresolved)} names come from nowhere that can be seen`,
  },
  {
    name: 'shallow nesting',
    weight: 5,
    severity: 'warning',
    suggestion: 'Return early or extract the inner block.',
    check: (atom) => (atom.nesting <= 3 ? null : `blocks nested ${String(atom.nesting)} deep`),
  },
  {
    name: 'few effects',
    weight: 5,
    severity: 'info',
    suggestion: 'Keep output, files, network and state apart.',
    check: (atom) => (atom.effects <= 2 ? null : `${String(atom.effects)} kinds of outside effect`),
  },
  {
    name: 'substance',
    weight: 5,
    severity: 'info',
    suggestion: 'Join it with what it belongs to.',
    check: (atom) => (atom.loc >= LIMITS.minLoc ? null : `only ${String(atom.loc)} lines of code`),
  },
  {
    name: 'complete context',
    weight: 5,
    severity: 'info',
    suggestion: 'Annotate types and cover the code with a test.',
    check: (atom) => incompleteContext(atom.completeness),
  },
];

/** An atom is atomic from this score on, when no critical criterion is violated. */
const ATOMIC_FROM = 80;

export interface AtomicityVerdict {
  readonly violations: readonly AtomicityViolation[];
  /** 0 to 1, in hundredths. */
  readonly score: number;
  readonly isAtomic: boolean;
}

export function judgeAtomicity(atom: AtomFacts): AtomicityVerdict {
  const violations: AtomicityViolation[] = [];
  ATOMICITY_CRITERIA.forEach((criterion, index) => {
    const violation = violationOf(criterion, index, criterion.check(atom));
    if (violation !== null) violations.push(violation);
  });
  return verdictOf(violations);
}

function violationOf(criterion: Criterion, index: number, message: string | null): AtomicityViolation | null {
  if (message === null) return null;
  const { name, severity, suggestion } = criterion;
  return { criterion: index + 1, name, severity, message, suggestion };
}

function contextViolation(completeness: number): AtomicityViolation | null {
  const criterion = ATOMICITY_CRITERIA[CONTEXT_CRITERION - 1] as Criterion;
  return violationOf(criterion, CONTEXT_CRITERION - 1, incompleteContext(completeness));
}

const CONTEXT_CRITERION = 10;

function verdictOf(violations: readonly AtomicityViolation[]): AtomicityVerdict {
  const lost = violations.reduce((sum, { criterion }) => sum + (ATOMICITY_CRITERIA[criterion - 1]?.weight ?? 0), 0);
  const points = 100 - lost;
  const isAtomic = points >= ATOMIC_FROM && violations.every(({ severity }) => severity !== 'critical');
  return { violations, score: points / 100, isAtomic };
}

/** The atom with another context, and the verdict that follows from it. */
export function withContext(atom: AtomDraft, context: AtomContext): AtomDraft {
  const others = atom.violations.filter(({ criterion }) => criterion !== CONTEXT_CRITERION);
  const violation = contextViolation(context.completeness_score);
  const verdict = verdictOf(violation === null ? others : [...others, violation]);
  return {
    ...atom,
    context,
    violations: verdict.violations,
    atomicityScore: verdict.score,
    isAtomic: verdict.isAtomic,
  };
}
