import type { SourceParser } from '../../adapters/parser/index.ts';
import { chooseMutants } from './choose-mutants.ts';
import { findMutants } from './find-mutants.ts';
import { type MarkedText, markBranches } from './mark-branches.ts';
import type { Mutant } from './mutant.ts';

/** A text whose tests are judged. */
export interface TestProbesInput {
  readonly language: string;
  /** The whole file. */
  readonly text: string;
  /** The part that is mutated, as UTF-16 positions, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Mutants at most. */
  readonly most: number;
}

/** What tests of a text are judged by. */
export interface TestProbes {
  readonly mutants: readonly Mutant[];
  readonly marked: MarkedText | null;
}

/** Mutants of a text and the text with marks; null for a language that cannot be run, and where nothing can be changed. */
export function testProbesOf(parser: SourceParser, input: TestProbesInput): TestProbes | null {
  const tree = parser.read(input.language, input.text);
  if (tree === null) return null;
  const mutants = chooseMutants(findMutants(tree, input.language, input), input.most);
  const marked = markBranches(tree, input.language, input);
  const marks = marked?.marks.length ?? 0;
  return mutants.length + marks === 0 ? null : { mutants, marked: marks === 0 ? null : marked };
}
