import type { VectorMatch } from '../../adapters/vectors/index.ts';
import type { PatternQuestion } from './pattern.ts';

/** A pattern as it was found. */
export interface Candidate {
  /** `example:python/retry-with-backoff`, `blueprint:tsx/…`, `approved:<atom id>`. */
  readonly name: string;
  readonly language: string;
  readonly code: string;
  /** Meaning, words and language together; 1 is the same text in the same language. */
  readonly score: number;
}

/** Languages that one can read as the other. */
const FAMILIES: readonly (readonly string[])[] = [
  ['typescript', 'tsx', 'javascript', 'jsx'],
  ['css', 'scss'],
];
const SAME_FAMILY = 0.1;
const OTHER_LANGUAGE = 0.3;
/** Share of the score that the words have; the rest is the cosine of the embeddings. */
const WORDS = 0.25;
/** Words that say nothing about what is wanted. */
const STOP_WORDS = new Set(
  'a an and are as at be by for from in into is it its of on or so that the their then this to with'.split(' '),
);

/**
 * Orders matches by 0.75 x cosine similarity + 0.25 x share of the question's words that the match has, less 0.1 for a language of the
 * same family and 0.3 for any other. Embeddings of short texts miss rare words (a name, an algorithm), which the words catch.
 */
export function rank(question: PatternQuestion, matches: readonly VectorMatch[]): Candidate[] {
  const asked = wordsOf(question.text);
  return matches
    .map((match) => candidateOf(question, asked, match))
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
}

function candidateOf(question: PatternQuestion, asked: ReadonlySet<string>, match: VectorMatch): Candidate {
  const language = String(match.metadata['language'] ?? '');
  const code = String(match.metadata['code'] ?? '');
  const has = wordsOf(`${match.id} ${match.text}`);
  const shared = [...asked].filter((word) => has.has(word)).length / Math.max(1, asked.size);
  const score = (1 - WORDS) * match.similarity + WORDS * shared - distanceOf(question.language, language);
  return { name: match.id, language, code, score };
}

function distanceOf(asked: string, found: string): number {
  if (asked === found) return 0;
  const family = FAMILIES.find((one) => one.includes(asked));
  return family?.includes(found) === true ? SAME_FAMILY : OTHER_LANGUAGE;
}

/** Lower-case words of two letters or more without the commonest endings, camelCase and snake_case taken apart. */
export function wordsOf(text: string): Set<string> {
  const apart = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  const words = apart.match(/[a-z0-9]{2,}/g) ?? [];
  return new Set(words.filter((word) => !STOP_WORDS.has(word)).map((word) => word.replace(/(?:ing|ed|es|s)$/, '')));
}
