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
  return filterFields(entity).length + searchFields(entity).length + entity.relations.length > 0;
}
