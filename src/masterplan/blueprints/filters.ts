/** What lists of an entity can be narrowed by: the same for all back ends and front ends. */
import type { EntityModel, FieldModel } from './model.ts';

/** Fields that a list can be filtered by: those with few values. */
export function filterFields(entity: EntityModel): FieldModel[] {
  return entity.fields.filter((field) => field.type === 'boolean' || field.type === 'enum');
}

/** Fields that a search looks into. */
export function searchFields(entity: EntityModel): FieldModel[] {
  return entity.fields.filter((field) => field.type === 'text' || field.type === 'longtext');
}

/** True when a list of the entity can be narrowed at all. */
export function hasFilters(entity: EntityModel): boolean {
  return filterFields(entity).length + searchFields(entity).length + entity.relations.length + entity.many.length > 0;
}

/** What lists can be sorted by, beside the fields. */
const ALWAYS_SORTABLE = ['id', 'created_at', 'updated_at'];

/** What a list can be sorted by, ascending; with `-` before it, descending. */
export function sortNames(entity: EntityModel): string[] {
  const fields = entity.fields.filter((field) => field.type !== 'longtext').map((field) => field.name);
  return [...fields, ...ALWAYS_SORTABLE];
}
