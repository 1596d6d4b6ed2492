/** Relations that a request tells in sentences: "each animal belongs to one keeper", "keepers have many animals". */
import type { EntityModel } from '../model.ts';
import { namesOf } from '../naming.ts';
import { displayField, inDependencyOrder } from './entities.ts';
import { manyOf, relationOf } from './field-text.ts';
import { KNOWN_NOUNS } from './nouns.ts';

/** `one`: a child refers to one parent; `list`: a parent has many children; `many`: any number on both sides. */
type Kind = 'one' | 'list' | 'many';

/** What is told of two entities, `child` and `parent`; both are Pascal-case names. */
export interface ToldRelation {
  readonly kind: Kind;
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

/** Relations that are of many with many by what they link, or by what is said. */
const BOTH_MANY = 'many to many';

function linked([first, second]: Sides): Omit<ToldRelation, 'words'> {
  return { kind: 'many', child: first.pascal, parent: second.pascal, required: false, isGuess: false };
}

function listOf(child: Mention, parent: Mention): Omit<ToldRelation, 'words'> {
  return { kind: 'list', child: child.pascal, parent: parent.pascal, required: false, isGuess: false };
}

/** Tags are there to be shared, so "posts with tags" links many with many. */
function linkedWithTags([first, second]: Sides): Omit<ToldRelation, 'words'> | null {
  return second.pascal === 'Tag' && second.isPlural ? linked([first, second]) : null;
}

const isOptional = (words: string): boolean => /\b(?:may|can|optionally)\b/.test(words);

/** First come, first served: the more they say, the earlier they come. */
const SENTENCES: readonly Sentence[] = [
  {
    pattern: `(?:an? )?${BOTH_MANY} (?:relation(?:ship)?s? )?(?:between|of|from) (?:the )?E (?:and|to|with) (?:the )?E`,
    read: linked,
  },
  {
    pattern: `(?:the )?E (?:and|to|with) (?:the )?E ?,? (?:(?:are|is|have|in|as|with) )*(?:an? )?${BOTH_MANY}(?: relation(?:ship)?s?)?`,
    read: linked,
  },
  { pattern: `${SUBJECT}E (?:with|(?:(?:may|can) )?(?:has|have)) (?:${MANY})?E`, read: linkedWithTags },
  {
    pattern: `${SUBJECT}E (?:(?:may|can) )?belongs? to ${MANY}E`,
    read: (sides) => (sides[1].isPlural ? linked(sides) : null),
  },
  {
    pattern: `${SUBJECT}E (?:(?:may|can|must|always|optionally) )?(?:belongs?|refers?) to (?:${ONE})?E`,
    read: ([child, parent], words) =>
      parent.isPlural
        ? null
        : { kind: 'one', child: child.pascal, parent: parent.pascal, required: !isOptional(words), isGuess: false },
  },
  {
    pattern: `${SUBJECT}E (?:(?:may|can|must|always|optionally) )?(?:has|have) ${ONE}E`,
    read: ([first, second], words) => {
      if (second.isPlural) return listOf(second, first);
      return { kind: 'one', child: first.pascal, parent: second.pascal, required: !isOptional(words), isGuess: false };
    },
  },
  {
    pattern: `${SUBJECT}E (?:(?:may|can) )?(?:has|have) (?:${MANY})?E`,
    read: ([parent, child]) => (child.isPlural ? listOf(child, parent) : null),
  },
  {
    pattern: '(?:(?:all|the) )?E of (?:an?|one|each|every|the) E',
    read: ([child, parent]) => (child.isPlural && !parent.isPlural ? listOf(child, parent) : null),
  },
  {
    pattern: `${SUBJECT}E with (?:${ONE}|${MANY})?E`,
    read: ([first, second]) => {
      // Relations among known entities are known, and "with" does not add to them.
      if (!first.isOwn && !second.isOwn) return null;
      const [child, parent] = second.isPlural ? [second, first] : [first, second];
      return { ...listOf(child, parent), isGuess: true };
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

/** Two sentences, each saying that one side has many of the other, are one relation of many with many; the first one owns it. */
function paired(told: readonly ToldRelation[]): ToldRelation[] {
  const isReverse = (one: ToldRelation, other: ToldRelation): boolean =>
    one.kind === 'list' && other.kind === 'list' && one.child === other.parent && one.parent === other.child;
  return told.flatMap((relation, index) => {
    if (told.slice(0, index).some((earlier) => isReverse(earlier, relation))) return [];
    const back = told.slice(index + 1).find((later) => isReverse(later, relation));
    if (back === undefined) return relation;
    const words = `${relation.words}, ${back.words}`;
    return { ...relation, kind: 'many' as const, child: relation.parent, parent: relation.child, words };
  });
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

/** The entity without its relations with `target`, and without fields that were written for them. */
function without(entity: EntityModel, target: string): EntityModel {
  const { snake, snakePlural } = namesOf(target);
  const fields = entity.fields.filter(({ name }) => ![snake, snakePlural].includes(name));
  const relations = entity.relations.filter((relation) => relation.target !== target);
  return { ...entity, fields, relations, display: displayField(fields) };
}

/** Links of many with many take the place of what else the two have with each other; who referred to the other owns them. */
function withMany(entities: readonly EntityModel[], { child, parent }: ToldRelation): EntityModel[] {
  const refers = (from: string, to: string): boolean =>
    entities.some(({ names, relations }) => names.pascal === from && relations.some(({ target }) => target === to));
  const [owner, target] = refers(parent, child) ? [parent, child] : [child, parent];
  return entities.map((entity) => {
    if (entity.names.pascal === target) return without(entity, owner);
    if (entity.names.pascal !== owner || entity.many.some((many) => many.target === target)) return entity;
    const many = [...entity.many, manyOf(namesOf(target).snakePlural, target)];
    return { ...without(entity, target), many };
  });
}

/** The entities with one more relation. */
function added(entities: readonly EntityModel[], relation: ToldRelation): readonly EntityModel[] {
  if (relation.kind === 'many') return withMany(entities, relation);
  const parentName = namesOf(relation.parent).snake;
  return entities.map((entity) =>
    entity.names.pascal === relation.child ? withRelation(entity, relation, parentName) : entity,
  );
}

/** Adds told relations to the entities they are about. What cannot be built (both ways at once, a circle) is said. */
export function relate(entities: readonly EntityModel[], told: readonly ToldRelation[]): Related {
  let related = entities;
  const assumed: string[] = [];
  const leftOut: string[] = [];
  const has = (name: string): boolean => entities.some(({ names }) => names.pascal === name);
  for (const relation of paired(told)) {
    if (!has(relation.parent) || !has(relation.child)) {
      leftOut.push(`not built: "${relation.words}"`);
      continue;
    }
    const changed = added(related, relation);
    if (inDependencyOrder(changed) === null) {
      leftOut.push(`would close a circle of relations, so not built: "${relation.words}"`);
      continue;
    }
    related = changed;
    if (relation.isGuess)
      assumed.push(`"${relation.words}": each ${humanOf(relation.child)} refers to one ${humanOf(relation.parent)}`);
  }
  return { entities: related, assumed, leftOut };
}

function humanOf(pascal: string): string {
  return namesOf(pascal).human;
}
