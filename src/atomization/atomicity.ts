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
  /** The damage is sure: the parser of the language itself refuses the file. */
  readonly certainlyDamaged: boolean;
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
  /** Where the severity depends on the atom. */
  readonly severityOf?: (atom: AtomFacts) => Severity;
}

function incompleteContext(completeness: number): string | null {
  return completeness >= 0.8 ? null : `context is ${String(Math.round(completeness * 100))} % complete`;
}

function unknownNames(unresolved: number): string | null {
  return unresolved === 0 ? null : `${String(unresolved)} names come from nowhere that can be seen`;
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
    check: (atom) =>
      !atom.damaged
        ? null
        : atom.certainlyDamaged
          ? 'holds a syntax error'
          : 'may hold a syntax error: its grammar stumbles here',
    // What only a grammar says never makes sound code unsound.
    severityOf: (atom) => (atom.certainlyDamaged ? 'critical' : 'warning'),
  },
  {
    name: 'known names',
    weight: 5,
    severity: 'warning',
    suggestion: 'Import or define every name that is used.',
    check: (atom) => unknownNames(atom.unresolved),
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
    if (violation === null) return;
    violations.push({ ...violation, severity: criterion.severityOf?.(atom) ?? violation.severity });
  });
  return verdictOf(violations);
}

function violationOf(criterion: Criterion, index: number, message: string | null): AtomicityViolation | null {
  if (message === null) return null;
  const { name, severity, suggestion } = criterion;
  return { criterion: index + 1, name, severity, message, suggestion };
}

const NAMES_CRITERION = 6;
const CONTEXT_CRITERION = 10;

function violationAt(number: number, message: string | null): AtomicityViolation | null {
  return violationOf(ATOMICITY_CRITERIA[number - 1] as Criterion, number - 1, message);
}

function verdictOf(violations: readonly AtomicityViolation[]): AtomicityVerdict {
  const lost = violations.reduce((sum, { criterion }) => sum + (ATOMICITY_CRITERIA[criterion - 1]?.weight ?? 0), 0);
  const points = 100 - lost;
  const isAtomic = points >= ATOMIC_FROM && violations.every(({ severity }) => severity !== 'critical');
  return { violations, score: points / 100, isAtomic };
}

/** The atom with another context, and the verdict that follows from it; `unresolved` where names were resolved anew. */
export function withContext(atom: AtomDraft, context: AtomContext, unresolved?: number): AtomDraft {
  const renewed = [
    violationAt(CONTEXT_CRITERION, incompleteContext(context.completeness_score)),
    unresolved === undefined ? null : violationAt(NAMES_CRITERION, unknownNames(unresolved)),
  ];
  const judged = unresolved === undefined ? [CONTEXT_CRITERION] : [NAMES_CRITERION, CONTEXT_CRITERION];
  const violations = [
    ...atom.violations.filter(({ criterion }) => !judged.includes(criterion)),
    ...renewed.filter((violation) => violation !== null),
  ].sort((a, b) => a.criterion - b.criterion);
  const verdict = verdictOf(violations);
  return { ...atom, context, violations, atomicityScore: verdict.score, isAtomic: verdict.isAtomic };
}
