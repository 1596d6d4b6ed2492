import type { SourceParser } from '../adapters/parser/index.ts';
import type { Finding, Severity } from '../domain/index.ts';
import type { TaskContract } from './contract/task-contract.ts';
import type { TypeAnswer } from './python/type-service.ts';
import { TextPositions } from './text-position.ts';
import type { VerdictStore } from './verdict-store.ts';

/** The checks that a language's own rules feed. A module shows `names` as `imports`, an atom shows them with its `semantics`. */
export type StaticKind = 'names' | 'semantics' | 'types' | 'contracts';

/** Something wrong in a file that parses. Positions are UTF-16 indexes, end exclusive; -1: in the file as a whole. */
export interface StaticProblem {
  readonly kind: StaticKind;
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly suggestion: string | null;
}

/** A whole file to be judged by its language's rules. */
export interface StaticInput {
  readonly path: string;
  readonly language: string;
  readonly text: string;
  readonly contract: TaskContract | null;
}

/** Reasons why a kind could not be judged, by kind; kinds that are absent ran. */
export type NotJudged = Readonly<Partial<Record<StaticKind, string>>>;

export interface StaticVerdict {
  readonly problems: readonly StaticProblem[];
  readonly notRun: NotJudged;
}

/** What the rules may ask that does not live in their thread. */
export interface StaticServices {
  /** Types of a Python text; null where nobody answers. */
  readonly pythonTypes: ((text: string) => Promise<TypeAnswer>) | null;
  /** Verdicts that others have worked out; absent where nothing is shared. */
  readonly verdicts?: VerdictStore;
}

/** The rules of one language. They must not run the code that they judge. */
export type StaticRules = (
  parser: SourceParser,
  input: StaticInput,
  services: StaticServices,
) => StaticVerdict | Promise<StaticVerdict>;

export function staticFindings(path: string, text: string, problems: readonly StaticProblem[]): Finding[] {
  const positions = new TextPositions(text);
  return problems.map(({ start, rule, severity, message, suggestion }) => ({
    file: path,
    ...positions.at(Math.max(0, start)),
    rule,
    severity,
    message,
    suggestion,
  }));
}
