/**
 * `spec` of a request: entities in a structured form. Its grammar is described in docs/blueprints.md.
 * A wrong one is refused with a pointer to each wrong part.
 */
import { MgeError } from '../../domain/index.ts';
import {
  BLUEPRINT_IDS,
  type BlueprintId,
  type EntityModel,
  FEATURE_IDS,
  type FeatureId,
  type FieldModel,
  fieldOf,
  type ManyRelationModel,
  type OrderRule,
  type RelationModel,
} from './model.ts';
import { namesOf } from './naming.ts';
import { entityOf } from './request/entities.ts';
import { isObject, type Json, Problems } from './spec-problems.ts';
import { MAX_ENTITIES, MAX_FIELDS } from './spec-schema.ts';
import {
  checkedDefault,
  enumValues,
  FieldTextError,
  finishedField,
  guessType,
  isMany,
  manyOf,
  nameOf,
  parseField,
  parseMany,
  parseRelation,
  parseType,
  relationOf,
} from './request/field-text.ts';

/** A checked `spec`. */
export interface Spec {
  /** Title of the project; null = made from the request. */
  readonly name: string | null;
  readonly entities: readonly EntityModel[];
  /** Null = as the words of the request say. */
  readonly blueprint: BlueprintId | null;
  /** Undefined = as the words say; null = none. */
  readonly frontend: 'react' | null | undefined;
  readonly features: readonly FeatureId[];
}

function isFlag(value: unknown): value is boolean | undefined {
  return value === undefined || typeof value === 'boolean';
}

const FIELD_MEMBERS = ['name', 'type', 'required', 'unique', 'max_length', 'min', 'max', 'values', 'default'];

function typeText(value: Json): string {
  if (value['type'] === 'enum') return 'text';
  return typeof value['type'] === 'string' ? value['type'] : '';
}

function numberMember(value: Json, name: string): number | undefined {
  const member = value[name];
  if (member === undefined) return undefined;
  if (typeof member !== 'number' || !Number.isFinite(member)) throw new FieldTextError(`"${name}" must be a number`);
  return member;
}

function objectField(value: Json): FieldModel {
  if (typeof value['name'] !== 'string') throw new FieldTextError('"name" is needed');
  if (!isFlag(value['required']) || !isFlag(value['unique']))
    throw new FieldTextError('"required" and "unique" are true or false');
  const name = nameOf(value['name']);
  const base = value['type'] === undefined ? { type: guessType(name), options: {} } : parseType(typeText(value));
  const type = value['type'] === 'enum' ? 'enum' : base.type;
  if (value['values'] !== undefined && value['type'] !== 'enum')
    throw new FieldTextError('"values" belongs to fields of the type "enum"');
  const [min, max, maxLength] = [
    numberMember(value, 'min'),
    numberMember(value, 'max'),
    numberMember(value, 'max_length'),
  ];
  if (maxLength !== undefined) parseType(`text(${maxLength})`);
  const field = fieldOf(name, type, {
    ...base.options,
    ...(type === 'enum' ? { values: stringList(value['values']) } : {}),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(maxLength === undefined ? {} : { maxLength }),
    required: value['required'] === true,
    unique: value['unique'] === true,
  });
  const fallback = value['default'];
  if (fallback === undefined || fallback === null) return finishedField(field);
  if (!['string', 'number', 'boolean'].includes(typeof fallback))
    throw new FieldTextError('"default" must be a plain value');
  return finishedField({ ...field, defaultValue: checkedDefault(field, fallback as string | number | boolean) });
}

function stringList(value: unknown): string[] {
  const isList = Array.isArray(value) && value.every((entry) => typeof entry === 'string');
  if (!isList) throw new FieldTextError('"values" must be a list of texts');
  return enumValues(value);
}

function readField(value: unknown, pointer: string, problems: Problems): FieldModel | null {
  if (typeof value === 'string') return problems.attempt(pointer, () => parseField(value));
  if (!isObject(value)) return problems.add(pointer, 'a field is a text such as "price: decimal(0..)" or an object');
  problems.unknownMembers(value, FIELD_MEMBERS, pointer);
  return problems.attempt(pointer, () => objectField(value));
}

const RELATION_MEMBERS = ['name', 'entity', 'required', 'on_delete', 'many'];

/** A relation of one of the two kinds. */
type Link = { readonly one: RelationModel; readonly many?: never } | { readonly many: ManyRelationModel };

function objectMany(value: Json): ManyRelationModel {
  const { name, entity } = value;
  if (typeof name !== 'string') throw new FieldTextError('"name" is needed');
  if (entity !== undefined && typeof entity !== 'string')
    throw new FieldTextError('"entity" must be the name of an entity');
  if (value['required'] !== undefined || value['on_delete'] !== undefined)
    throw new FieldTextError('a relation of many with many has neither "required" nor "on_delete"');
  return manyOf(name, entity);
}

function objectRelation(value: Json): RelationModel {
  const { name, entity, required, on_delete: rule } = value;
  if (typeof name !== 'string') throw new FieldTextError('"name" is needed');
  if (entity !== undefined && typeof entity !== 'string')
    throw new FieldTextError('"entity" must be the name of an entity');
  if (!isFlag(required)) throw new FieldTextError('"required" is true or false');
  if (rule !== undefined && rule !== 'restrict' && rule !== 'cascade' && rule !== 'set_null') {
    throw new FieldTextError('"on_delete" is one of restrict, cascade, set_null');
  }
  return relationOf(nameOf(name), entity ?? name, required === true, rule);
}

function textLink(text: string): Link {
  return isMany(text) ? { many: parseMany(text) } : { one: parseRelation(text) };
}

function objectLink(value: Json): Link {
  if (!isFlag(value['many'])) throw new FieldTextError('"many" is true or false');
  return value['many'] === true ? { many: objectMany(value) } : { one: objectRelation(value) };
}

function readLink(value: unknown, pointer: string, problems: Problems): Link | null {
  if (typeof value === 'string') return problems.attempt(pointer, () => textLink(value));
  if (!isObject(value)) return problems.add(pointer, 'a relation is a text such as "author required" or an object');
  problems.unknownMembers(value, RELATION_MEMBERS, pointer);
  return problems.attempt(pointer, () => objectLink(value));
}

function readList<T>(
  value: unknown,
  pointer: string,
  problems: Problems,
  read: (entry: unknown, pointer: string) => T | null,
): T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_FIELDS) {
    problems.add(pointer, `must be a list of at most ${MAX_FIELDS} entries`);
    return [];
  }
  return value
    .map((entry, index) => read(entry, `${pointer}/${index}`))
    .filter((entry): entry is T & {} => entry !== null);
}

const ORDER = /^(\w+) before (\w+)$/;

function readRule(value: unknown, pointer: string, problems: Problems): OrderRule | null {
  const match = typeof value === 'string' ? ORDER.exec(value) : null;
  const [, earlier, later] = match ?? [];
  if (earlier === undefined || later === undefined)
    return problems.add(pointer, 'a rule is written "starts_on before ends_on"');
  return { earlier, later };
}

function checkRules(
  fields: readonly FieldModel[],
  rules: readonly OrderRule[],
  pointer: string,
  problems: Problems,
): void {
  for (const [index, rule] of rules.entries()) {
    const types = [rule.earlier, rule.later].map((name) => fields.find((field) => field.name === name)?.type);
    const isTime = types[0] === 'date' || types[0] === 'datetime';
    if (!isTime || types[0] !== types[1] || rule.earlier === rule.later) {
      problems.add(`${pointer}/${index}`, 'both names must be date fields, or both datetime fields, of the entity');
    }
  }
}

const ENTITY_MEMBERS = ['name', 'fields', 'relations', 'rules'];

interface ReadEntity {
  readonly entity: EntityModel;
  /** In the order of the spec, so that a place in it is a place there. */
  readonly links: readonly Link[];
}

function readEntity(value: unknown, pointer: string, problems: Problems): ReadEntity | null {
  if (!isObject(value)) return problems.add(pointer, 'an entity is an object with a name and fields');
  problems.unknownMembers(value, ENTITY_MEMBERS, pointer);
  const { name } = value;
  if (typeof name !== 'string' || !/^[A-Za-z][A-Za-z0-9 _-]{1,23}$/.test(name)) {
    return problems.add(`${pointer}/name`, 'a name has 2 to 24 letters, digits and blanks and begins with a letter');
  }
  const fields = readList(value['fields'], `${pointer}/fields`, problems, (entry, at) =>
    readField(entry, at, problems),
  );
  const links = readList(value['relations'], `${pointer}/relations`, problems, (entry, at) =>
    readLink(entry, at, problems),
  );
  const rules = readList(value['rules'], `${pointer}/rules`, problems, (entry, at) => readRule(entry, at, problems));
  if (!Array.isArray(value['fields']) || value['fields'].length === 0)
    problems.add(`${pointer}/fields`, 'an entity needs at least one field');
  checkRules(fields, rules, `${pointer}/rules`, problems);
  const many = links.flatMap((link) => link.many ?? []);
  const relations = links.flatMap((link) => (link.many === undefined ? link.one : []));
  return { entity: entityOf(name, fields, relations, rules, many), links };
}

/** What is wrong with a relation of an entity with itself; null where nothing is. */
function selfProblem(link: Link): string | null {
  if (link.many !== undefined) return 'an entity cannot be linked with itself by a relation of many with many';
  return link.one.required
    ? 'a relation of an entity with itself cannot be required: the first record would need another one'
    : null;
}

function checkTargets(read: readonly ReadEntity[], problems: Problems): void {
  const names = new Set(read.map(({ entity }) => entity.names.pascal));
  for (const [at, { entity, links }] of read.entries()) {
    for (const [index, link] of links.entries()) {
      const pointer = `/spec/entities/${at}/relations/${index}`;
      const { target } = link.many ?? link.one;
      if (!names.has(target)) problems.add(pointer, `there is no entity "${namesOf(target).human}" in the spec`);
      const problem = target === entity.names.pascal ? selfProblem(link) : null;
      if (problem !== null) problems.add(pointer, problem);
    }
  }
}

/**
 * Reads `spec`.
 * @throws {MgeError} VALIDATION_FAILED with one field problem per wrong part.
 */
export function readSpec(value: unknown): Spec {
  const problems = new Problems();
  const spec = readParts(value, problems);
  if (problems.list.length > 0) {
    throw new MgeError(
      'VALIDATION_FAILED',
      `The spec has ${problems.list.length} problem(s); docs/blueprints.md shows its form.`,
      {
        fields: problems.list,
      },
    );
  }
  return spec;
}

const EMPTY: Spec = { name: null, entities: [], blueprint: null, frontend: undefined, features: [] };

/** `{"blueprint": "fastapi", "frontend": "react" | "none"}`, both optional. */
function readStack(value: unknown, problems: Problems): Pick<Spec, 'blueprint' | 'frontend'> {
  if (value === undefined) return { blueprint: null, frontend: undefined };
  if (!isObject(value)) {
    problems.add('/spec/stack', 'must be an object with "blueprint", "frontend" or both');
    return { blueprint: null, frontend: undefined };
  }
  problems.unknownMembers(value, ['blueprint', 'frontend'], '/spec/stack');
  const blueprint = BLUEPRINT_IDS.find((id) => id === value['blueprint']) ?? null;
  if (value['blueprint'] !== undefined && blueprint === null)
    problems.add('/spec/stack/blueprint', `must be one of ${BLUEPRINT_IDS.join(', ')}`);
  const { frontend } = value;
  if (frontend === undefined) return { blueprint, frontend: undefined };
  if (frontend !== 'react' && frontend !== 'none') problems.add('/spec/stack/frontend', 'must be "react" or "none"');
  return { blueprint, frontend: frontend === 'react' ? 'react' : null };
}

function readFeatures(value: unknown, problems: Problems): FeatureId[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.add('/spec/features', `must be a list of ${FEATURE_IDS.join(', ')}`);
    return [];
  }
  return value.flatMap((entry: unknown, index) => {
    const id = FEATURE_IDS.find((one) => one === entry);
    if (id === undefined) problems.add(`/spec/features/${index}`, `must be one of ${FEATURE_IDS.join(', ')}`);
    return id ?? [];
  });
}

function readParts(value: unknown, problems: Problems): Spec {
  if (!isObject(value)) {
    problems.add('/spec', 'must be an object with "entities"');
    return EMPTY;
  }
  problems.unknownMembers(value, ['name', 'entities', 'stack', 'features'], '/spec');
  const { name = null, entities } = value;
  if (name !== null && (typeof name !== 'string' || !/^[\p{L}\p{N}][\p{L}\p{N} '&-]{0,59}$/u.test(name))) {
    problems.add('/spec/name', 'must be a title of at most 60 letters, digits and blanks');
  }
  if (!Array.isArray(entities) || entities.length === 0 || entities.length > MAX_ENTITIES) {
    problems.add('/spec/entities', `must be a list of 1 to ${MAX_ENTITIES} entities`);
    return EMPTY;
  }
  const read = entities
    .map((entry, index) => readEntity(entry, `/spec/entities/${index}`, problems))
    .filter((one) => one !== null);
  if (problems.list.length === 0) checkTargets(read, problems);
  return {
    ...readStack(value['stack'], problems),
    features: readFeatures(value['features'], problems),
    name: typeof name === 'string' ? name : null,
    entities: read.map(({ entity }) => entity),
  };
}
