import type { AtomContext } from '../../domain/index.ts';
import { scoreCompleteness } from './completeness.ts';

/** Languages that describe and do nothing: no names to look up, no conditions, no effects. */
const DESCRIPTIVE: Readonly<Record<string, string>> = {
  markdown: 'prose',
  text: 'plain text',
};

const EMPTY = {
  imports: [],
  defines: [],
  uses: [],
  types: [],
  preconditions: [],
  postconditions: [],
  side_effects: [],
  docstring: null,
  enclosing: [],
  test_cases: [],
  language_version: null,
} as const;

/** Context of an atom whose text was not analysed: nothing counts as known, except that prose needs nothing. */
export function textContext(language: string): AtomContext {
  const prose = DESCRIPTIVE[language];
  const finding =
    prose === undefined
      ? { known: 0, needed: 1, reason: 'not analysed: no grammar of the language is installed, or it did not fit' }
      : { known: 0, needed: 0, reason: `none needed: ${prose}` };
  return {
    ...EMPTY,
    ...scoreCompleteness({ names: finding, types: finding, conditions: finding, effects: finding, tests: finding }),
  };
}

/** Context of an atom of data (JSON, YAML, CSS …) that was parsed: a grammar without names, conditions or effects. */
export function dataContext(language: string, damaged: boolean): AtomContext {
  const finding = damaged
    ? { known: 0, needed: 1, reason: 'the text does not fit the grammar' }
    : { known: 0, needed: 0, reason: `none needed: ${language} declares and does nothing` };
  return {
    ...EMPTY,
    ...scoreCompleteness({ names: finding, types: finding, conditions: finding, effects: finding, tests: finding }),
  };
}
