/** Sample values: what the tests of the generated project store and expect, as TypeScript source. */
import type { EntityModel, FieldModel } from '../model.ts';
import { sampleDay } from '../python-web/samples.ts';

function middleOf(field: FieldModel): number {
  const typical = field.type === 'decimal' ? 12.5 : 3;
  return Math.min(Math.max(typical, field.min), field.max);
}

/** The value that factories give a field. */
export function factoryValue(entity: EntityModel, field: FieldModel): string {
  switch (field.type) {
    case 'text':
    case 'longtext':
      return field.maxLength < 40 ? 'String(nextNumber())' : `\`${field.name.replaceAll('_', ' ')} \${nextNumber()}\``;
    case 'integer':
    case 'decimal':
      return String(middleOf(field));
    case 'boolean':
      return String(field.defaultValue === true);
    case 'date':
      return `'2024-05-${sampleDay(entity, field)}'`;
    case 'datetime':
      return `'2024-05-${sampleDay(entity, field)}T12:00:00.000Z'`;
    case 'enum':
      return `'${field.values[0] ?? ''}'`;
  }
}

/** A value other than the factory's; null where there is no other. */
export function changedValue(entity: EntityModel, field: FieldModel): string | null {
  switch (field.type) {
    case 'text':
    case 'longtext':
      return field.maxLength < 7 ? "'z'" : "'changed'";
    case 'integer':
    case 'decimal':
      return middleOf(field) + 1 <= field.max ? String(middleOf(field) + 1) : null;
    case 'boolean':
      return String(field.defaultValue !== true);
    case 'date':
      return `'2024-05-${sampleDay(entity, field) + 1}'`;
    case 'datetime':
      return `'2024-05-${sampleDay(entity, field)}T13:00:00.000Z'`;
    case 'enum':
      return field.values[1] === undefined ? null : `'${field.values[1]}'`;
  }
}

/** The field that update tests change: the display text, else the first one with two values. */
export function changeableField(entity: EntityModel): FieldModel | null {
  const display = entity.fields.find((field) => field.name === entity.display);
  return display ?? entity.fields.find((field) => changedValue(entity, field) !== null) ?? null;
}

/** Values that the API refuses, as pairs of a field and TypeScript source. */
export function invalidValues(entity: EntityModel): { readonly field: string; readonly value: string }[] {
  return entity.fields.flatMap((field) => {
    const { name } = field;
    switch (field.type) {
      case 'text':
      case 'longtext':
        return [
          { field: name, value: "'  '" },
          { field: name, value: `'x'.repeat(${field.maxLength + 1})` },
        ];
      case 'integer':
      case 'decimal':
        return [
          { field: name, value: String(field.min - 1) },
          { field: name, value: "'many'" },
        ];
      case 'boolean':
        return [{ field: name, value: "'perhaps'" }];
      case 'date':
      case 'datetime':
        return [{ field: name, value: "'someday'" }];
      case 'enum':
        return [{ field: name, value: "'unheard of'" }];
    }
  });
}
