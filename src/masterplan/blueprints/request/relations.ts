/** Relations that a request tells in sentences: "each animal belongs to one keeper", "keepers have many animals". */
import type { EntityModel } from '../model.ts';
import { namesOf } from '../naming.ts';
import { displayField, inDependencyOrder } from './entities.ts';
import { relationOf } from './field-text.ts';
import { KNOWN_NOUNS } from './nouns.ts';

/** Many of `child` refer to one `parent`; both are Pascal-case names. */
export interface ToldRelation {
  readonly child: string;
  readonly parent: string;
  readonly required: boolean;
  /** The words that say it, with the entities' names. */
  readonly words: string;
  /** Whether the words could be meant otherwise. */
  readonly isGuess: boolean;
}

interface Mention {
  readonly pascal: string;
  readonly human: string;
  readonly isPlural: boolean;
  readonly isOwn: boolean;
}

/** Stands for an entity that was written out at this place of the text; `@` is in no request that gets here. */
export function placeOf(index: number, isPlural: boolean): string {
  return `@${index}${isPlural ? 'p' : 's'}@`;
}

/** A text without the places of written entities. */
export function withoutPlaces(text: string): string {
  return text.replace(/@\d+[sp]@/g, ' ');
}

function mentionsOf(noun: string, name: string, isOwn: boolean): [string, Mention][] {
  const { human, humanPlural } = namesOf(noun);
  const { pascal } = namesOf(name);
  return [
    [humanPlural, { pascal, human: humanPlural, isPlural: true, isOwn }],
    [human, { pascal, human, isPlural: false, isOwn }],
  ];
}

const KNOWN_MENTIONS = KNOWN_NOUNS.flatMap(({ noun, aliases = [] }) =>
  [noun, ...aliases].flatMap((word) => mentionsOf(word, noun, false)),
);

function allMentions(own: readonly EntityModel[]): Map<string, Mention> {
  const written = own.flatMap(({ names }, index): [string, Mention][] => {
    const mentions = mentionsOf(names.human, names.human, true);
    return [
      ...mentions,
      ...mentions.map(([, mention]): [string, Mention] => [placeOf(index, mention.isPlural), mention]),
    ];
  });
  return new Map([...KNOWN_MENTIONS, ...written]);
}

type Sides = readonly [first: Mention, second: Mention];

interface Sentence {
  /** `E` stands for an entity; there are two of them. */
  readonly pattern: string;
  readonly read: (sides: Sides, words: string) => Omit<ToldRelation, 'words'> | null;
}

const ONE = '(?:exactly one|a single|an?|one|its|their|his|her|the) ';
const MANY = '(?:many|several|multiple|any number of|zero or more|one or more|some|its|their|his|her) ';
const SUBJECT = '(?:(?:each|every|an?|one|all|the) )?';

const isOptional = (words: string): boolean => /\b(?:may|can|optionally)\b/.test(words);

/** First come, first served: the more they say, the earlier they come. */
const SENTENCES: readonly Sentence[] = [
  {
    pattern: `${SUBJECT}E (?:(?:may|can|must|always|optionally) )?(?:belongs?|refers?) to (?:${ONE})?E`,
    read: ([child, parent], words) =>
      parent.isPlural
        ? null
        : { child: child.pascal, parent: parent.pascal, required: !isOptional(words), isGuess: false },
  },
  {
    pattern: `${SUBJECT}E (?:(?:may|can|must|always|optionally) )?(?:has|have) ${ONE}E`,
    read: ([first, second], words) => {
      if (second.isPlural) return { child: second.pascal, parent: first.pascal, required: false, isGuess: false };
      return { child: first.pascal, parent: second.pascal, required: !isOptional(words), isGuess: false };
    },
  },
  {
    pattern: `${SUBJECT}E (?:(?:may|can) )?(?:has|have) (?:${MANY})?E`,
    read: ([parent, child]) =>
      child.isPlural ? { child: child.pascal, parent: parent.pascal, required: false, isGuess: false } : null,
  },
  {
    pattern: '(?:(?:all|the) )?E of (?:an?|one|each|every|the) E',
    read: ([child, parent]) =>
      child.isPlural && !parent.isPlural
        ? { child: child.pascal, parent: parent.pascal, required: false, isGuess: false }
        : null,
  },
  {
    pattern: `${SUBJECT}E with (?:${ONE}|${MANY})?E`,
    read: ([first, second]) => {
      // Relations among known entities are known, and "with" does not add to them.
      if (!first.isOwn && !second.isOwn) return null;
      const [child, parent] = second.isPlural ? [second, first] : [first, second];
      return { child: child.pascal, parent: parent.pascal, required: false, isGuess: true };
    },
  },
];

/**
 * The relations that a text tells, and the text without them. Known entities that are named there stay in the text, so that they
 * are still found; what names no two entities stays as it is.
 */
export function takeRelations(
  text: string,
  own: readonly EntityModel[],
): { readonly relations: readonly ToldRelation[]; readonly rest: string } {
  const mentions = allMentions(own);
  const anyEntity = [...mentions.keys()].sort((a, b) => b.length - a.length).join('|');
  const relations: ToldRelation[] = [];
  let rest = text.replace(/\s+/g, ' ');
  for (const { pattern, read } of SENTENCES) {
    const sentence = new RegExp(`(?<![\\w@-])${pattern.replaceAll('E', `(${anyEntity})`)}(?![\\w@-])`, 'g');
    rest = rest.replace(sentence, (whole: string, ...groups: string[]) => {
      const [first, second] = [mentions.get(groups[0] ?? ''), mentions.get(groups[1] ?? '')];
      if (first === undefined || second === undefined || first.pascal === second.pascal) return whole;
      const told = read([first, second], whole);
      if (told === null) return whole;
      const named = (word: string): string => mentions.get(word)?.human ?? word;
      relations.push({ ...told, words: whole.replaceAll(new RegExp(anyEntity, 'g'), named) });
      // "and" keeps the two from being read as one.
      return ` ${[first, second].flatMap((side) => (side.isOwn ? [] : [side.human])).join(' and ')} `;
    });
  }
  return { relations, rest: withoutPlaces(rest) };
}

interface Related {
  readonly entities: readonly EntityModel[];
  readonly assumed: readonly string[];
  readonly leftOut: readonly string[];
}

function withRelation(entity: EntityModel, { parent, required }: ToldRelation, parentName: string): EntityModel {
  const known = entity.relations.find((relation) => relation.target === parent);
  if (known !== undefined) {
    if (known.required || !required) return entity;
    const needed = relationOf(known.name, parent, true);
    return { ...entity, relations: entity.relations.map((relation) => (relation === known ? needed : relation)) };
  }
  // A field of the same name was this relation, written before it was told.
  const fields = entity.fields.filter((field) => field.name !== parentName && field.name !== `${parentName}_id`);
  const relations = [...entity.relations, relationOf(parentName, parent, required)];
  return { ...entity, fields, relations, display: displayField(fields) };
}

/** Adds told relations to the entities they are about. What cannot be built (both ways at once, a circle) is said. */
export function relate(entities: readonly EntityModel[], told: readonly ToldRelation[]): Related {
  let related = entities;
  const assumed: string[] = [];
  const leftOut: string[] = [];
  for (const relation of told) {
    const parent = related.find(({ names }) => names.pascal === relation.parent);
    const child = related.find(({ names }) => names.pascal === relation.child);
    const isBothWays = told.some((other) => other.child === relation.parent && other.parent === relation.child);
    if (parent === undefined || child === undefined) {
      leftOut.push(`not built: "${relation.words}"`);
      continue;
    }
    const changed = related.map((entity) =>
      entity === child ? withRelation(entity, relation, parent.names.snake) : entity,
    );
    if (isBothWays) leftOut.push(`a relation of many with many, so not built: "${relation.words}"`);
    else if (inDependencyOrder(changed) === null)
      leftOut.push(`would close a circle of relations, so not built: "${relation.words}"`);
    else {
      related = changed;
      if (relation.isGuess)
        assumed.push(`"${relation.words}": each ${child.names.human} refers to one ${parent.names.human}`);
    }
  }
  return { entities: related, assumed, leftOut };
}
