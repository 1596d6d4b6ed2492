/** Which fields the tests of an entity's form and page use. */
import type { EntityModel, FieldModel } from '../model.ts';
import { changeableField } from '../python-web/samples.ts';

/** Form fields that must be filled in: those that start blank and have a \`required\` rule. */
export function blankRequired(entity: EntityModel): string[] {
  const fields = entity.fields.filter(
    (field) => field.required && field.type !== 'boolean' && field.defaultValue === null,
  );
  return [
    ...fields.map((field) => field.name),
    ...entity.relations.filter((r) => r.required).map((r) => `${r.name}_id`),
  ];
}

/** A field that the form tests type into. */
export function typedField(entity: EntityModel): FieldModel | null {
  const field = changeableField(entity);
  return field !== null && (field.type === 'text' || field.type === 'longtext') ? field : null;
}
