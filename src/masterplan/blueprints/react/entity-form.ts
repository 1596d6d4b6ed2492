/** `src/components/<entity>-form.tsx`. */
import { bracketedTs, fileText, joined, jsxTag } from '../layout.ts';
import type { EntityModel, FieldModel, ManyRelationModel, ProjectModel, RelationModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { enumOptions, idsOf, isNullable } from './entity-api.ts';
import { apiImports, entityImport, fieldImports, hasOptions, optionHooks, optionsName } from './view-parts.ts';

const INPUT_TYPES = { integer: 'number', decimal: 'number', date: 'date', datetime: 'datetime-local' } as const;

/** The id of the input of a field. */
export function inputId(entity: EntityModel, name: string): string {
  return `${entity.names.kebab}-${name.replaceAll('_', '-')}`;
}

function formInput(entity: EntityModel, field: FieldModel): string {
  const attributes = [`id="${inputId(entity, field.name)}"`, `label="${labelOf(field.name)}"`];
  const change = `onChange={(value) => form.set('${field.name}', value)}`;
  const value = [`value={form.values.${field.name}}`, `error={form.errors.${field.name}}`];
  switch (field.type) {
    case 'boolean':
      return jsxTag(
        'CheckboxField',
        [...attributes, `checked={form.values.${field.name}}`, change.replaceAll('value', 'checked')],
        '/>',
        6,
      );
    case 'longtext':
      return jsxTag('TextAreaField', [...attributes, ...value, change], '/>', 6);
    case 'text':
      return jsxTag('TextField', [...attributes, ...value, change], '/>', 6);
    case 'enum': {
      const none = isNullable(field) || field.defaultValue === null ? ['emptyLabel="Please choose"'] : [];
      return jsxTag(
        'SelectField',
        [...attributes, ...value, `options={${enumOptions(entity, field)}}`, ...none, change],
        '/>',
        6,
      );
    }
    default: {
      const step = field.type === 'decimal' ? ['step="0.01"'] : [];
      return jsxTag(
        'TextField',
        [...attributes, `type="${INPUT_TYPES[field.type]}"`, ...step, ...value, change],
        '/>',
        6,
      );
    }
  }
}

function relationInput(entity: EntityModel, relation: RelationModel): string {
  const name = `${relation.name}_id`;
  return jsxTag(
    'SelectField',
    [
      `id="${inputId(entity, relation.name)}"`,
      `label="${labelOf(relation.name)}"`,
      `value={form.values.${name}}`,
      `error={form.errors.${name}}`,
      `options={${optionsName(relation)}}`,
      `emptyLabel="${relation.required ? 'Please choose' : 'None'}"`,
      `onChange={(value) => form.set('${name}', value)}`,
    ],
    '/>',
    6,
  );
}

function manyInput(entity: EntityModel, many: ManyRelationModel): string {
  const name = idsOf(many);
  return jsxTag(
    'ChoicesField',
    [
      `id="${inputId(entity, many.name)}"`,
      `label="${labelOf(many.name)}"`,
      `values={form.values.${name}}`,
      `error={form.errors.${name}}`,
      `options={${optionsName(many)}}`,
      `onChange={(values) => form.set('${name}', values)}`,
    ],
    '/>',
    6,
  );
}

export function formFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const inputs = [
    ...entity.fields.map((field) => formInput(entity, field)),
    ...entity.relations.map((relation) => relationInput(entity, relation)),
    ...entity.many.map((many) => manyInput(entity, many)),
  ];
  const jsx = inputs.map((input) => `      ${input}`).join('\n');
  const enums = entity.fields.filter((field) => field.type === 'enum').map((field) => enumOptions(entity, field));
  const values = [
    `EMPTY_${names.snake.toUpperCase()}`,
    `${names.camel}Input`,
    `${names.camel}Values`,
    `validate${names.pascal}`,
  ];
  return fileText(`
${joined([
  apiImports(project, entity),
  entityImport(entity, enums, [names.pascal, `${names.pascal}Input`]),
  bracketedTs('import {', values, `} from '../forms/${names.kebab}-values';`),
  "import { useForm } from '../hooks/use-form';",
  hasOptions(entity) ? "import { useOptions } from '../hooks/use-options';" : '',
  fieldImports(jsx),
])}

interface ${names.pascal}FormProps {
  /** The ${names.human} to change; without one the form makes a new one. */
  ${names.camel}?: ${names.pascal} | undefined;
  onSave(input: ${names.pascal}Input): Promise<void>;
  onCancel(): void;
}

/** The form for a new or stored ${names.human}. */
export function ${names.pascal}Form({ ${names.camel}, onSave, onCancel }: ${names.pascal}FormProps) {
${optionHooks(project, entity, true)}  const form = useForm({
    initial: ${names.camel} ? ${names.camel}Values(${names.camel}) : EMPTY_${names.snake.toUpperCase()},
    validate: validate${names.pascal},
    submit: (values) => onSave(${names.camel}Input(values)),
  });
  const title = ${names.camel} ? \`Edit \${${names.camel}.label}\` : 'New ${names.human}';

  return (
    <form className="panel" aria-label={title} onSubmit={(event) => void form.handleSubmit(event)} noValidate>
      <h2>{title}</h2>
      {form.failure && (
        <p role="alert" className="error">
          {form.failure}
        </p>
      )}
${jsx}
      <div className="actions">
        <button type="submit" className="primary" disabled={form.submitting}>
          Save
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
`);
}
