/** Known nouns and written entities as entity models. */
import type { EntityModel, FieldModel, ManyRelationModel, OrderRule, RelationModel } from '../model.ts';
import { namesOf } from '../naming.ts';
import { parseField, parseMany, parseRelation } from './field-text.ts';
import { knownNoun } from './lookup.ts';
import type { KnownNoun } from './nouns.ts';

/** The text field that stands for a record: the first required one that is short. */
export function displayField(fields: readonly FieldModel[]): string | null {
  const texts = fields.filter((field) => field.type === 'text' && field.required);
  const preferred = texts.find((field) => ['name', 'title', 'subject', 'label'].includes(field.name));
  return (preferred ?? texts[0])?.name ?? null;
}

/** An entity model from its parts. */
export function entityOf(
  noun: string,
  fields: readonly FieldModel[],
  relations: readonly RelationModel[],
  rules: readonly OrderRule[] = [],
  many: readonly ManyRelationModel[] = [],
): EntityModel {
  return { names: namesOf(noun), fields, relations, many, rules, display: displayField(fields) };
}

interface ChosenRelations {
  readonly relations: RelationModel[];
  readonly standIns: FieldModel[];
}

function chooseRelations(known: KnownNoun, present: ReadonlySet<string>): ChosenRelations {
  const relations: RelationModel[] = [];
  const standIns: FieldModel[] = [];
  for (const entry of known.relations ?? []) {
    const { relation, instead } = typeof entry === 'string' ? { relation: entry } : entry;
    const parsed = parseRelation(relation);
    if (present.has(parsed.target)) relations.push(parsed);
    else if (instead !== undefined) standIns.push(parseField(instead));
  }
  const alternative = (known.oneOf ?? []).map(parseRelation).find((relation) => present.has(relation.target));
  return { relations: alternative === undefined ? relations : [...relations, alternative], standIns };
}

/** A known noun as an entity; `present` holds the Pascal-case names of all entities of the project. */
export function knownEntity(known: KnownNoun, present: ReadonlySet<string>): EntityModel {
  const { relations, standIns } = chooseRelations(known, present);
  const rules = (known.order ?? []).map(([earlier, later]) => ({ earlier, later }));
  const many = (known.many ?? []).map(parseMany).filter(({ target }) => present.has(target));
  return entityOf(known.noun, [...known.fields.map(parseField), ...standIns], relations, rules, many);
}

/** Nouns that an entity cannot do without: targets of required relations that nothing stands in for. */
export function neededNouns(known: KnownNoun): KnownNoun[] {
  return (known.relations ?? []).flatMap((entry) => {
    if (typeof entry !== 'string') return [];
    const relation = parseRelation(entry);
    const target = relation.required ? knownNoun(namesOf(relation.target).human) : undefined;
    return target === undefined ? [] : [target];
  });
}

/**
 * Entities so that each comes after those it refers to or is linked with (a reference to itself apart); names decide where the relations do not.
 * Returns null where the relations form a circle.
 */
export function inDependencyOrder(entities: readonly EntityModel[]): EntityModel[] | null {
  const waiting = [...entities];
  const done: EntityModel[] = [];
  const isReady = (entity: EntityModel): boolean =>
    [...entity.relations, ...entity.many].every(
      ({ target }) => target === entity.names.pascal || done.some((other) => other.names.pascal === target),
    );
  while (waiting.length > 0) {
    const at = waiting.findIndex(isReady);
    if (at < 0) return null;
    done.push(...waiting.splice(at, 1));
  }
  return done;
}
