/**
 * JSON Schema of `spec`, for editors and clients; docs/spec.schema.json is made from it. It says what can be said of each part on
 * its own; what holds between parts (targets that exist, bounds in order, defaults that fit) only `readSpec` checks.
 */
import { BLUEPRINT_IDS, DELETE_RULES, FEATURE_IDS } from './model.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Entities of a spec, and entries of each of their lists. */
export const MAX_ENTITIES = 20;
export const MAX_FIELDS = 40;

const NUMBER = String.raw`(?:-?\d+(?:\.\d+)?)?`;
const TYPE = [
  String.raw`(?:long)?text(?:\(\s*\d+\s*\))?`,
  String.raw`(?:integer|decimal)(?:\(\s*${NUMBER}\.\.${NUMBER}\s*\))?`,
  'boolean|date|datetime',
  String.raw`enum\([^)]*\)`,
].join('|');
const NAME = '[^:!]*[A-Za-z][^:!]*';
const FIELD_OPTIONS = String.raw`(?:\s+(?:required|unique))*(?:\s+(?:default|=)\s*.+)?`;
const RELATION_OPTIONS = String.raw`(?:\s+(?:required|${DELETE_RULES.join('|')}))*`;

const object = (properties: Readonly<Record<string, Schema>>, rest: Schema = {}): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...rest,
});
const list = (items: Schema, rest: Schema = {}): Schema => ({ type: 'array', maxItems: MAX_FIELDS, items, ...rest });

const name: Schema = { type: 'string', pattern: '[A-Za-z]', description: 'At most 24 letters and digits, singular.' };
const flag: Schema = { type: 'boolean', default: false };

const field: Schema = {
  description: 'A field, in the short form or as an object.',
  anyOf: [
    {
      type: 'string',
      pattern: String.raw`^\s*${NAME}\s*!?\s*(?::\s*(?:${TYPE}))?${FIELD_OPTIONS}\s*$`,
      examples: ['title!', 'price: decimal(0..) required', 'status: enum(open|closed) default open'],
    },
    object(
      {
        name,
        type: {
          type: 'string',
          pattern: String.raw`^\s*(?:${TYPE}|enum)\s*$`,
          description: 'Without a type, the name suggests one.',
        },
        required: flag,
        unique: { ...flag, description: 'Text only.' },
        max_length: { type: 'integer', minimum: 1, maximum: 20_000, description: 'Text and longtext only.' },
        min: { type: 'number', description: 'Integer and decimal only.' },
        max: { type: 'number', description: 'Integer and decimal only.' },
        values: { type: 'array', items: name, minItems: 2, description: 'Enum only: what can be chosen.' },
        default: { type: ['string', 'number', 'boolean', 'null'] },
      },
      {
        required: ['name'],
        if: { properties: { type: { const: 'enum' } }, required: ['type'] },
        then: { required: ['values'] },
        else: { properties: { values: false } },
      },
    ),
  ],
};

const relation: Schema = {
  description: 'Many records refer to one of another entity or, with "many", each is linked with any number of them.',
  anyOf: [
    {
      type: 'string',
      pattern: String.raw`^\s*${NAME}\s*!?\s*(?::\s*[A-Za-z][\w -]*?)?${RELATION_OPTIONS}\s*$`,
      examples: ['author required', 'lead author: writer cascade', 'tags: many tag'],
    },
    object(
      {
        name: { ...name, description: 'Singular; with "many", plural.' },
        entity: { type: 'string', description: 'The entity referred to, where the name is not its name.' },
        required: flag,
        on_delete: {
          enum: [...DELETE_RULES],
          description: 'What happens when the record referred to is deleted: restrict where required, else set_null.',
        },
        many: flag,
      },
      {
        required: ['name'],
        if: { properties: { many: { const: true } }, required: ['many'] },
        then: { properties: { required: false, on_delete: false } },
      },
    ),
  ],
};

const entity: Schema = object(
  {
    name: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9 _-]{1,23}$', description: 'Singular: `order line`.' },
    fields: list(field, { minItems: 1 }),
    relations: list(relation),
    rules: list({ type: 'string', pattern: String.raw`^\w+ before \w+$`, examples: ['starts_on before ends_on'] }),
  },
  { required: ['name', 'fields'] },
);

/** The schema of `spec` in a request. */
export const SPEC_SCHEMA: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Entities of a project',
  ...object(
    {
      name: {
        type: ['string', 'null'],
        pattern: String.raw`^[\p{L}\p{N}][\p{L}\p{N} '&-]{0,59}$`,
        description: 'Title of the project; without it, made from the entities.',
      },
      entities: { type: 'array', minItems: 1, maxItems: MAX_ENTITIES, items: entity },
      stack: object({ blueprint: { enum: [...BLUEPRINT_IDS] }, frontend: { enum: ['react', 'none'] } }),
      features: { type: 'array', items: { enum: [...FEATURE_IDS] } },
    },
    { required: ['entities'] },
  ),
};
