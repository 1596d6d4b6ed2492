/** Finding known nouns and subjects among the words of a request. */
import { singularOf } from '../naming.ts';
import { KNOWN_DOMAINS, KNOWN_NOUNS, type KnownDomain, type KnownNoun } from './nouns.ts';

/** A run of words that was recognised. */
export interface Found<T> {
  readonly value: T;
  readonly words: string;
}

const MAX_WORDS = 3;

const NOUNS = new Map(
  KNOWN_NOUNS.flatMap((known) => [known.noun, ...(known.aliases ?? [])].map((word) => [word, known] as const)),
);
const DOMAINS = new Map(KNOWN_DOMAINS.flatMap((domain) => domain.words.map((word) => [word, domain] as const)));

/** The known noun of a singular word or alias. */
export function knownNoun(noun: string): KnownNoun | undefined {
  return NOUNS.get(noun);
}

interface Lookup {
  readonly nouns: readonly Found<KnownNoun>[];
  readonly domains: readonly Found<KnownDomain>[];
  /** Words that are neither, in order; null where something was recognised. */
  readonly rest: readonly (string | null)[];
}

/** Recognises nouns (singular or plural) and subjects, the longest first, from left to right. */
export function lookUp(words: readonly string[]): Lookup {
  const nouns: Found<KnownNoun>[] = [];
  const domains: Found<KnownDomain>[] = [];
  const rest: (string | null)[] = [];
  for (let at = 0; at < words.length;) {
    const match = longestMatch(words, at);
    if (match.domain !== undefined) domains.push({ value: match.domain, words: match.words });
    if (match.noun !== undefined) nouns.push({ value: match.noun, words: match.words });
    rest.push(match.length > 0 ? null : (words[at] ?? ''));
    at += Math.max(1, match.length);
  }
  return { nouns, domains, rest };
}

interface Match {
  readonly length: number;
  readonly words: string;
  readonly domain?: KnownDomain;
  readonly noun?: KnownNoun;
}

function longestMatch(words: readonly string[], at: number): Match {
  for (let length = Math.min(MAX_WORDS, words.length - at); length > 0; length -= 1) {
    const run = words.slice(at, at + length);
    const text = run.join(' ');
    const singular = [...run.slice(0, -1), singularOf(run.at(-1) ?? '')].join(' ');
    const domain = DOMAINS.get(text) ?? DOMAINS.get(singular);
    const noun = NOUNS.get(text) ?? NOUNS.get(singular);
    if (domain !== undefined) return { length, words: text, domain };
    if (noun !== undefined) return { length, words: text, noun };
  }
  return { length: 0, words: '' };
}
