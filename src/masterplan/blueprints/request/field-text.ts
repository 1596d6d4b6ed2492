/**
 * The written form of fields and relations, used by `spec`, by requests and by the table of known nouns alike.
 *
 *   field    = name ["!"] [":" type] {" " option}      name: lower-case words joined by "_" or blanks; "!" = required
 *   type     = text | text(MAX) | longtext | longtext(MAX) | integer | integer(MIN..MAX) | decimal | decimal(MIN..MAX)
 *            | boolean | date | datetime | enum(a|b|c)                 either bound may be left out
 *   option   = required | unique | default VALUE
 *   relation = name ["!"] [":" entity] {" " option}    option: required | restrict | cascade | set_null
 *   many     = name ":" "many" entity                 name: plural; links of many with many
 *
 * A field without a type gets one from its name (`price` is a decimal, `due_date` a date, `is_open` a boolean).
 */
import {
  type DeleteRule,
  DELETE_RULES,
  FIELD_TYPES,
  type FieldModel,
  fieldOf,
  type FieldType,
  type ManyRelationModel,
  type RelationModel,
} from '../model.ts';
import { namesOf, pluralOf, singularOf, wordsOf } from '../naming.ts';

/** Why a written field or relation is not understood; `message` is for the client. */
export class FieldTextError extends Error {}

const GUESSES: readonly (readonly [RegExp, FieldType])[] = [
  [/(_at|_time|datetime|timestamp)$|^(time|starts|ends)$/, 'datetime'],
  [/(_on|date|deadline|birthday|day)$|^(born|due|founded)$/, 'date'],
  [
    /^(is|has|can)_|(^|_)(done|completed|active|available|paid|published|archived|favou?rite|approved|closed|open|read|featured|in_stock)$/,
    'boolean',
  ],
  [/(price|cost|amount|total|salary|budget|weight|height|fee|discount|balance|value|hours)$/, 'decimal'],
  [
    /(count|quantity|number_of_\w+|pages|year|age|stock|rating|score|position|capacity|seats|minutes|days|level|duration|calories|servings|points|grade)$/,
    'integer',
  ],
  [
    /(description|notes?|body|content|text|biography|bio|summary|details|instructions|message|comments?|abstract|remarks)$/,
    'longtext',
  ],
];

/** The type that a field's name suggests; text where it suggests none. */
export function guessType(name: string): FieldType {
  return GUESSES.find(([pattern]) => pattern.test(name))?.[1] ?? 'text';
}

/**
 * The name that a text gives a field or relation: its words in lower case, joined by `_`.
 * @throws {FieldTextError} when it is none.
 */
export function nameOf(text: string): string {
  const name = wordsOf(text.trim()).join('_');
  if (!/^[a-z][a-z0-9_]{0,23}$/.test(name)) {
    throw new FieldTextError(`"${text.trim()}" is no name: at most 24 letters and digits, beginning with a letter`);
  }
  return name;
}

interface WrittenType {
  readonly type: FieldType;
  readonly options: Partial<Omit<FieldModel, 'name' | 'type'>>;
}

function isFieldType(text: string): text is FieldType {
  return (FIELD_TYPES as readonly string[]).includes(text);
}

function parseBounds(argument: string, type: FieldType): WrittenType['options'] {
  const match = /^(-?\d+(?:\.\d+)?)?\.\.(-?\d+(?:\.\d+)?)?$/.exec(argument);
  if (match === null) throw new FieldTextError(`"${type}(${argument})" needs bounds such as ${type}(0..100)`);
  const [, min, max] = match;
  return { ...(min === undefined ? {} : { min: Number(min) }), ...(max === undefined ? {} : { max: Number(max) }) };
}

/** The values of an enum as they are stored: lower-case words joined by `_`. */
export function enumValues(values: readonly string[]): string[] {
  const names = values.map((value) => nameOf(value));
  if (names.length < 2 || new Set(names).size < names.length) {
    throw new FieldTextError('an enum needs at least two different values, such as enum(open|closed)');
  }
  return names;
}

function parseArgument(type: FieldType, argument: string): WrittenType['options'] {
  switch (type) {
    case 'enum':
      return { values: enumValues(argument.split(/[|,]/)) };
    case 'text':
    case 'longtext': {
      const maxLength = Number(argument);
      if (!/^\d+$/.test(argument) || maxLength < 1 || maxLength > 20_000) {
        throw new FieldTextError(`"${type}(${argument})" needs a length from 1 to 20000`);
      }
      return { maxLength };
    }
    case 'integer':
    case 'decimal':
      return parseBounds(argument, type);
    default:
      throw new FieldTextError(`"${type}" takes nothing in parentheses`);
  }
}

/** A written type, e.g. `integer(1..10)`. */
export function parseType(text: string): WrittenType {
  const match = /^([a-z]+)(?:\((.*)\))?$/.exec(text.trim());
  const type = match?.[1] ?? '';
  if (!isFieldType(type))
    throw new FieldTextError(`"${text.trim()}" is no field type: use one of ${FIELD_TYPES.join(', ')}`);
  const argument = match?.[2];
  if (argument === undefined && type === 'enum')
    throw new FieldTextError('an enum names its values, such as enum(open|closed)');
  return { type, options: argument === undefined ? {} : parseArgument(type, argument.trim()) };
}

/** A default in the form that its field holds; throws where it does not fit the field. */
export function checkedDefault(field: FieldModel, value: string | number | boolean): string | number | boolean {
  const problem = new FieldTextError(`"${String(value)}" is no ${field.type} that "${field.name}" may hold`);
  switch (field.type) {
    case 'boolean':
      if (!['true', 'false'].includes(String(value))) throw problem;
      return String(value) === 'true';
    case 'integer':
    case 'decimal': {
      const number = Number(value);
      const whole = field.type === 'decimal' || Number.isInteger(number);
      if (!(number >= field.min && number <= field.max) || !whole) throw problem;
      return number;
    }
    case 'enum':
      if (!field.values.includes(String(value))) throw problem;
      return String(value);
    case 'text':
    case 'longtext':
      if (String(value) === '' || String(value).length > field.maxLength) throw problem;
      return String(value);
    default:
      throw new FieldTextError(`"${field.name}": a ${field.type} takes no default`);
  }
}

const FIELD =
  /^([^:!]+?)\s*(!)?\s*(?::\s*([a-z]+(?:\([^)]*\))?))?((?:\s+(?:required|unique))*)(?:\s+(?:default|=)\s*(.+))?$/;

/**
 * Reads a written field.
 * @throws {FieldTextError} with what is wrong and what would be right.
 */
export function parseField(text: string): FieldModel {
  const match = FIELD.exec(text.trim());
  if (match === null)
    throw new FieldTextError(`"${text}" is no field: write it as "name: type", e.g. "price: decimal(0..) required"`);
  const [, nameText = '', bang, typeText, flags = '', defaultText] = match;
  const name = nameOf(nameText);
  const written = typeText === undefined ? { type: guessType(name), options: {} } : parseType(typeText);
  const field = fieldOf(name, written.type, {
    ...written.options,
    required: bang !== undefined || flags.includes('required'),
    unique: flags.includes('unique'),
  });
  return finishedField(
    defaultText === undefined ? field : { ...field, defaultValue: checkedDefault(field, defaultText.trim()) },
  );
}

/** Checks what holds between the parts of a field. */
export function finishedField(field: FieldModel): FieldModel {
  if (field.unique && field.type !== 'text') throw new FieldTextError(`"${field.name}": only a text can be unique`);
  if (field.min > field.max) throw new FieldTextError(`"${field.name}": the lower bound is above the upper one`);
  if (field.unique && field.maxLength < 10)
    throw new FieldTextError(`"${field.name}": a unique text needs room for 10 characters`);
  return field;
}

const RELATION = /^([^:!]+?)\s*(!)?\s*(?::\s*([A-Za-z][\w -]*?))?((?:\s+(?:required|restrict|cascade|set_null))*)$/;

/**
 * Reads a written relation; `target` is the Pascal-case name of an entity that is not checked here.
 * @throws {FieldTextError} with what is wrong and what would be right.
 */
export function parseRelation(text: string): RelationModel {
  const match = RELATION.exec(text.trim());
  if (match === null)
    throw new FieldTextError(`"${text}" is no relation: write it as "name: entity", e.g. "author required cascade"`);
  const [, nameText = '', bang, target, flags = ''] = match;
  const required = bang !== undefined || flags.includes('required');
  const rule = DELETE_RULES.find((candidate) => flags.includes(candidate));
  return relationOf(nameOf(nameText), target ?? nameText, required, rule);
}

/** A relation with its delete rule filled in: a required one protects its target, another one is emptied. */
export function relationOf(name: string, target: string, required: boolean, rule?: DeleteRule): RelationModel {
  if (required && rule === 'set_null')
    throw new FieldTextError(`"${name}" is required, so it cannot be emptied: use restrict or cascade`);
  return { name, target: namesOf(target).pascal, required, onDelete: rule ?? (required ? 'restrict' : 'set_null') };
}

const MANY = /^([^:!]+?)\s*:\s*many\s+([A-Za-z][\w -]*)$/;

/** Whether a written relation is one of many with many. */
export function isMany(text: string): boolean {
  return MANY.test(text.trim());
}

/**
 * Reads a written relation of many with many, `tags: many tag`.
 * @throws {FieldTextError} with what is wrong and what would be right.
 */
export function parseMany(text: string): ManyRelationModel {
  const match = MANY.exec(text.trim());
  if (match === null)
    throw new FieldTextError(`"${text}" is no relation of many with many: write it as "tags: many tag"`);
  const [, name = '', target = ''] = match;
  return manyOf(name, target);
}

/** A relation of many with many; `target` defaults to what the plural name names. */
export function manyOf(nameText: string, target?: string): ManyRelationModel {
  const name = nameOf(nameText);
  const words = name.split('_');
  const last = words.pop() ?? '';
  const single = singularOf(last);
  if (single === last || pluralOf(single) !== last)
    throw new FieldTextError(`"${name}" is linked with many, so it needs a name in the plural, such as "tags"`);
  const singular = [...words, single].join('_');
  return { name, singular, target: namesOf(target ?? singular).pascal };
}
