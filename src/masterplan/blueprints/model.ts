/** What a project blueprint is filled from: entities with typed fields and relations, read from a request or from `spec`. */
import type { Names } from './naming.ts';

export const FIELD_TYPES = ['text', 'longtext', 'integer', 'decimal', 'boolean', 'date', 'datetime', 'enum'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

export interface FieldModel {
  /** Lower-case words joined by `_`: the column, the JSON member and the form field. */
  readonly name: string;
  readonly type: FieldType;
  readonly required: boolean;
  /** No two records may have the same value. Text only. */
  readonly unique: boolean;
  /** Characters; text and longtext only. */
  readonly maxLength: number;
  /** Inclusive bounds; integer and decimal only. */
  readonly min: number;
  readonly max: number;
  /** Allowed values of an enum, in the order people see them; empty for other types. */
  readonly values: readonly string[];
  /** Value of a new record that names none; null = none. A required field with a default may be left out. */
  readonly defaultValue: string | number | boolean | null;
}

export const DELETE_RULES = ['restrict', 'cascade', 'set_null'] as const;
/** What happens to the records that refer to one that is deleted. */
export type DeleteRule = (typeof DELETE_RULES)[number];

/** Many of this entity refer to one of `target`. The other direction (1-n) is the same relation seen from the target. */
export interface RelationModel {
  /** `author`; the column is `author_id`. */
  readonly name: string;
  /** Pascal-case name of the entity referred to. */
  readonly target: string;
  readonly required: boolean;
  readonly onDelete: DeleteRule;
}

/**
 * Each record of this entity is linked with any number of records of `target`, and each of those with any number of these.
 * The link belongs to this entity: it lists and sets it; the target knows nothing of it.
 */
export interface ManyRelationModel {
  /** Plural: `tags`, the member that lists the linked records. */
  readonly name: string;
  /** `tag`: the ids are `tag_ids`, the filter of lists is `tag_id`. */
  readonly singular: string;
  /** Pascal-case name of the entity linked with; never the entity itself. */
  readonly target: string;
}

/** A date (or instant) that must not lie before another one of the same record. */
export interface OrderRule {
  readonly earlier: string;
  readonly later: string;
}

export interface EntityModel {
  readonly names: Names;
  readonly fields: readonly FieldModel[];
  readonly relations: readonly RelationModel[];
  readonly many: readonly ManyRelationModel[];
  readonly rules: readonly OrderRule[];
  /** Name of the text field that stands for the record where others refer to it; null = made up from its relations and id. */
  readonly display: string | null;
}

/** What a project may have beside what every project has. Which of them a blueprint builds stands in its `features`. */
export const FEATURE_IDS = [
  'auth',
  'roles',
  'upload',
  'csv',
  'soft_delete',
  'audit',
  'rate_limit',
  'jobs',
  'seed',
  'postgres',
] as const;
export type FeatureId = (typeof FEATURE_IDS)[number];

/** What a feature cannot do without. */
const NEEDS: Partial<Record<FeatureId, readonly FeatureId[]>> = { roles: ['auth'] };

/** The features with those that they need, each once, in the order of `FEATURE_IDS`. */
export function withNeeds(features: readonly FeatureId[]): FeatureId[] {
  const all = new Set([...features, ...features.flatMap((id) => NEEDS[id] ?? [])]);
  return FEATURE_IDS.filter((id) => all.has(id));
}

/** What a project is made with. */
export interface Stack {
  readonly blueprint: BlueprintId;
  /** Null: no front end. */
  readonly frontend: 'react' | null;
}

/** The project blueprints; each is a folder of its own. */
export const BLUEPRINT_IDS = ['fastapi', 'flask', 'fastify', 'python-cli', 'typescript-library'] as const;
export type BlueprintId = (typeof BLUEPRINT_IDS)[number];

export interface ProjectModel {
  readonly stack: Stack;
  /** Features to build, all of them among those of the blueprint. */
  readonly features: readonly FeatureId[];
  /** For people: `Book library`. */
  readonly title: string;
  /** For folders and packages: `book-library`. */
  readonly slug: string;
  /** In dependency order: an entity comes after the ones that it refers to. */
  readonly entities: readonly EntityModel[];
}

/** Records of `child` refer to the entity in question through `relation`. */
export interface InverseRelation {
  readonly child: EntityModel;
  readonly relation: RelationModel;
}

/** All relations that point at `entity`. */
export function inverseRelations(project: ProjectModel, entity: EntityModel): InverseRelation[] {
  return project.entities.flatMap((child) =>
    child.relations
      .filter((relation) => relation.target === entity.names.pascal)
      .map((relation) => ({ child, relation })),
  );
}

/** Records of `owner` are linked with any number of records of the entity in question through `many`. */
export interface InverseMany {
  readonly owner: EntityModel;
  readonly many: ManyRelationModel;
}

/** All relations of many with many that point at `entity`. */
export function inverseMany(project: ProjectModel, entity: EntityModel): InverseMany[] {
  return project.entities.flatMap((owner) =>
    owner.many.filter(({ target }) => target === entity.names.pascal).map((many) => ({ owner, many })),
  );
}

/**
 * The entity of a Pascal-case name.
 * @throws {RangeError} when there is none: models are checked before they get here.
 */
export function entityNamed(project: ProjectModel, pascal: string): EntityModel {
  const found = project.entities.find((entity) => entity.names.pascal === pascal);
  if (found === undefined) throw new RangeError(`no entity "${pascal}" in the project`);
  return found;
}

/** Bounds of numbers that name none: what the columns can hold. */
export const NUMBER_BOUNDS = {
  integer: { min: -2_147_483_648, max: 2_147_483_647 },
  decimal: { min: -9_999_999_999.99, max: 9_999_999_999.99 },
} as const;

/** Longest text where the model says nothing else. */
export const TEXT_LENGTHS = { text: 200, longtext: 5_000 } as const;

/** A field with everything that was not said filled in. */
export function fieldOf(
  name: string,
  type: FieldType,
  options: Partial<Omit<FieldModel, 'name' | 'type'>> = {},
): FieldModel {
  const bounds = type === 'decimal' ? NUMBER_BOUNDS.decimal : NUMBER_BOUNDS.integer;
  return {
    required: false,
    unique: false,
    maxLength: type === 'longtext' ? TEXT_LENGTHS.longtext : TEXT_LENGTHS.text,
    values: [],
    defaultValue: type === 'boolean' ? false : null,
    ...bounds,
    ...options,
    name,
    type,
  };
}
