/** Which known entities a project has: those that are named, and those that follow from them. */
import { namesOf } from '../naming.ts';
import { neededNouns } from './entities.ts';
import { knownNoun } from './lookup.ts';
import type { KnownDomain, KnownNoun } from './nouns.ts';

/** The known entities of a project. */
export interface Selection {
  readonly nouns: readonly KnownNoun[];
  readonly title: string | null;
  readonly assumed: readonly string[];
}

/** Nouns that say something of other records: naming them does not choose what a subject consists of. */
const QUALITIES = new Set(['tag', 'category']);

/** What is named, what its subjects stand for, and what those cannot do without. */
export function selectNouns(named: readonly KnownNoun[], domains: readonly KnownDomain[]): Selection {
  const chosen = new Set(named);
  const assumed: string[] = [];
  for (const domain of domains) {
    const names = named.some(({ noun }) => !QUALITIES.has(noun)) ? domain.core : domain.usual;
    const added = names.map(knownNoun).filter((known) => known !== undefined && !chosen.has(known)) as KnownNoun[];
    added.forEach((known) => chosen.add(known));
    if (added.length > 0)
      assumed.push(`${domain.title}: has ${added.map((known) => namesOf(known.noun).humanPlural).join(' and ')}`);
  }
  for (const known of chosen) {
    for (const needed of neededNouns(known)) {
      if (chosen.has(needed)) continue;
      chosen.add(needed);
      assumed.push(`${namesOf(needed.noun).humanPlural}: added, because each ${known.noun} refers to one`);
    }
  }
  return { nouns: [...chosen], title: domains[0]?.title ?? null, assumed };
}
