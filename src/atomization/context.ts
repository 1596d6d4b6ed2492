import type { AtomContext } from '../domain/index.ts';

/** Context of an atom in a language without a grammar: nothing in it has been analysed, and it says so. */
export function textContext(reason: string): AtomContext {
  const parts = ['names', 'types', 'conditions', 'effects', 'tests'];
  return {
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
    completeness: parts.map((part) => ({ part, score: 0, reason })),
    completeness_score: 0,
  };
}
