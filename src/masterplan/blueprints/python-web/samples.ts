/** Sample values: what the tests of the generated project store and expect, as Python source. */
import { bracketedImport } from '../layout.ts';
import type { EntityModel, FieldModel } from '../model.ts';
import { enumClass, enumMember } from './entity-model.ts';

/** Days that keep order rules: the later of two dates gets the later day. */
export function sampleDay(entity: EntityModel, field: FieldModel): number {
  return entity.rules.some((rule) => rule.later === field.name) ? 20 : 10;
}

function middleOf(field: FieldModel): number {
  const typical = field.type === 'decimal' ? 12.5 : 3;
  return Math.min(Math.max(typical, field.min), field.max);
}

/** The value that factories give a field. \`number\` counts the records, so that texts differ. */
export function factoryValue(entity: EntityModel, field: FieldModel): string {
  switch (field.type) {
    case 'text':
    case 'longtext':
      return field.maxLength < 40 ? 'str(number)' : `f"${field.name.replaceAll('_', ' ')} {number}"`;
    case 'integer':
    case 'decimal':
      return String(middleOf(field));
    case 'boolean':
      return field.defaultValue === true ? 'True' : 'False';
    case 'date':
      return `dt.date(2024, 5, ${sampleDay(entity, field)})`;
    case 'datetime':
      return `dt.datetime(2024, 5, ${sampleDay(entity, field)}, 12, 0, tzinfo=dt.timezone.utc)`;
    case 'enum':
      return `${enumClass(entity, field)}.${enumMember(field.values[0] ?? '')}`;
  }
}

/** A value other than the factory's, as JSON would carry it; null where there is no other. */
export function changedValue(entity: EntityModel, field: FieldModel): string | null {
  switch (field.type) {
    case 'text':
    case 'longtext':
      return field.maxLength < 7 ? '"z"' : '"changed"';
    case 'integer':
    case 'decimal':
      return middleOf(field) + 1 <= field.max ? String(middleOf(field) + 1) : null;
    case 'boolean':
      return field.defaultValue === true ? 'False' : 'True';
    case 'date':
      return `"2024-05-${sampleDay(entity, field) + 1}"`;
    case 'enum':
      return field.values[1] === undefined ? null : `"${field.values[1]}"`;
    case 'datetime':
      return null;
  }
}

/** The field that update tests change: the display text, else the first one with two values. */
export function changeableField(entity: EntityModel): FieldModel | null {
  const display = entity.fields.find((field) => field.name === entity.display);
  return display ?? entity.fields.find((field) => changedValue(entity, field) !== null) ?? null;
}

/** The required fields and relations that have no default: what a payload must not lack. */
export function mandatoryNames(entity: EntityModel): string[] {
  const fields = entity.fields.filter((field) => field.required && field.defaultValue === null);
  const relations = entity.relations.filter((relation) => relation.required);
  return [...fields.map((field) => field.name), ...relations.map((relation) => `${relation.name}_id`)];
}

/** Imports of factories, sorted, once each. */
export function factoryImport(names: readonly string[]): string {
  return bracketedImport('tests.factories', [...new Set(names)].sort());
}
