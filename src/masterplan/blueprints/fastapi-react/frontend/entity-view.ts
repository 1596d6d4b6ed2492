/** Components and page of one entity. */
import { bracketedTs, fileText, joined, jsxTag } from '../../layout.ts';
import {
  entityNamed,
  type EntityModel,
  type FieldModel,
  inverseRelations,
  type ProjectModel,
  type RelationModel,
} from '../../model.ts';
import { labelOf } from '../../naming.ts';
import { filterFields, searchFields } from '../backend/entity-access.ts';
import { enumOptions, isNullable, targetsOf } from './entity-api.ts';

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

function optionsName(relation: RelationModel): string {
  const words = relation.name.split('_');
  const camel = words
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
  return `${camel}Options`;
}

function optionHooks(project: ProjectModel, entity: EntityModel, chosen: boolean): string {
  return entity.relations
    .map((relation) => {
      const api = `${entityNamed(project, relation.target).names.camelPlural}Api`;
      const items = chosen ? [api, `${entity.names.camel}?.${relation.name}`] : [api];
      return `  ${bracketedTs(`const ${optionsName(relation)} = useOptions(`, items, ');', 2)}\n`;
    })
    .join('');
}

function apiImports(project: ProjectModel, entity: EntityModel): string {
  return targetsOf(project, entity)
    .map((target) => `import { ${target.names.camelPlural}Api } from '../api/${target.names.kebabPlural}';`)
    .join('\n');
}

function fieldImports(jsx: string): string {
  const used = ['CheckboxField', 'SelectField', 'TextAreaField', 'TextField'].filter((name) =>
    jsx.includes(`<${name}`),
  );
  const files: Readonly<Record<string, string>> = {
    CheckboxField: 'checkbox-field',
    SelectField: 'select-field',
    TextAreaField: 'text-area-field',
    TextField: 'text-field',
  };
  return used.map((name) => `import { ${name} } from './${files[name] ?? ''}';`).join('\n');
}

/** Enum lists and types of an entity, for one import statement. */
function entityImport(entity: EntityModel, values: readonly string[], types: readonly string[]): string {
  const names = [...values, ...types.map((type) => `type ${type}`)];
  if (values.length === 0) return bracketedTs('import type {', types, `} from '../api/${entity.names.kebabPlural}';`);
  return bracketedTs('import {', names, `} from '../api/${entity.names.kebabPlural}';`);
}

export function formFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const inputs = [
    ...entity.fields.map((field) => formInput(entity, field)),
    ...entity.relations.map((relation) => relationInput(entity, relation)),
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
  entity.relations.length > 0 ? "import { useOptions } from '../hooks/use-options';" : '',
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
    <form className="panel" aria-label={title} onSubmit={form.handleSubmit} noValidate>
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

// --- filter bar ---

const BOOLEAN_OPTIONS = `
const YES_NO = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];
`;

function filterInputs(entity: EntityModel): string[] {
  const control = (tag: string, id: string, label: string, name: string, extra: readonly string[]): string =>
    jsxTag(
      tag,
      [
        `id="${id}"`,
        `label="${label}"`,
        ...extra,
        `value={filters.${name} ?? ''}`,
        `onChange={(value) => onChange({ ...filters, ${name}: value })}`,
      ],
      '/>',
      6,
    );
  const select = (name: string, label: string, options: string): string =>
    control('SelectField', `filter-${name.replaceAll('_', '-')}`, label, name, [
      `options={${options}}`,
      'emptyLabel="Any"',
    ]);
  return [
    ...(searchFields(entity).length > 0
      ? [control('TextField', 'filter-search', 'Search', 'search', ['type="search"'])]
      : []),
    ...filterFields(entity).map((field) =>
      select(field.name, labelOf(field.name), field.type === 'enum' ? enumOptions(entity, field) : 'YES_NO'),
    ),
    ...entity.relations.map((relation) => select(`${relation.name}_id`, labelOf(relation.name), optionsName(relation))),
  ];
}

export function filtersFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const jsx = filterInputs(entity)
    .map((input) => `      ${input}`)
    .join('\n');
  const enums = filterFields(entity)
    .filter((field) => field.type === 'enum')
    .map((field) => enumOptions(entity, field));
  return fileText(`
${joined([
  apiImports(project, entity),
  entityImport(entity, enums, [`${names.pascal}Filters`]),
  entity.relations.length > 0 ? "import { useOptions } from '../hooks/use-options';" : '',
  fieldImports(jsx),
])}
${jsx.includes('YES_NO') ? BOOLEAN_OPTIONS : ''}
interface ${names.pascal}FilterBarProps {
  filters: ${names.pascal}Filters;
  onChange(filters: ${names.pascal}Filters): void;
}

/** Narrows the list of ${names.humanPlural}. */
export function ${names.pascal}FilterBar({ filters, onChange }: ${names.pascal}FilterBarProps) {
${optionHooks(project, entity, false)}${entity.relations.length > 0 ? '\n' : ''}  return (
    <div className="toolbar" role="search">
${jsx}
    </div>
  );
}
`);
}

// --- table ---

/** Fields that have a column: all but the long texts. */
export function columnFields(entity: EntityModel): FieldModel[] {
  return entity.fields.filter((field) => field.type !== 'longtext');
}

function cell(entity: EntityModel, field: FieldModel): string {
  const value = `${entity.names.camel}.${field.name}`;
  if (field.type === 'boolean') {
    const box = jsxTag(
      'input',
      [
        'type="checkbox"',
        `aria-label={\`${labelOf(field.name)}: \${${entity.names.camel}.label}\`}`,
        `checked={${value}}`,
        `onChange={() => onChange(${entity.names.camel}.id, { ${field.name}: !${value} })}`,
      ],
      '/>',
      8,
    );
    return `      <td>\n        ${box}\n      </td>`;
  }
  if (field.type === 'datetime') return `      <td>{formatInstant(${value})}</td>`;
  if (field.type !== 'enum') return `      <td>{${value}}</td>`;
  const label = `labelIn(${enumOptions(entity, field)}, ${value})`;
  const flat = `      <td>{${label}}</td>`;
  return flat.length <= 100 ? flat : `      <td>\n        {${label}}\n      </td>`;
}

function inverseLinks(project: ProjectModel, entity: EntityModel): string {
  return inverseRelations(project, entity)
    .map(({ child, relation }) => {
      const twice = child.relations.filter((other) => other.target === relation.target).length > 1;
      const text = labelOf(child.names.humanPlural) + (twice ? ` as ${relation.name.replaceAll('_', ' ')}` : '');
      const href = `href={\`#/${child.names.kebabPlural}?${relation.name}_id=\${${entity.names.camel}.id}\`}`;
      const flat = `        <a ${href}>${text}</a>`;
      if (flat.length <= 100) return flat;
      const broken = `        <a ${href}>\n          ${text}\n        </a>`;
      return `        <a ${href}>`.length <= 100
        ? broken
        : `        <a\n          ${href}\n        >\n          ${text}\n        </a>`;
    })
    .join('\n');
}

export function tableFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const fields = columnFields(entity);
  const booleans = fields.some((field) => field.type === 'boolean');
  const enums = fields.filter((field) => field.type === 'enum').map((field) => enumOptions(entity, field));
  const headings = [...fields.map((field) => labelOf(field.name)), ...entity.relations.map((r) => labelOf(r.name))];
  const cells = joined([
    ...fields.map((field) => cell(entity, field)),
    ...entity.relations.map((r) => `      <td>{${names.camel}.${r.name}${r.required ? '' : '?'}.label}</td>`),
  ]);
  const types = [names.pascal, ...(booleans ? [`${names.pascal}Input`] : [])];
  const links = inverseLinks(project, entity);
  const handlers = booleans ? 'onEdit, onDelete, onChange' : 'onEdit, onDelete';
  return fileText(`
${joined([
  entityImport(entity, enums, types),
  fields.some((field) => field.type === 'datetime') ? "import { formatInstant } from '../forms/convert';" : '',
  enums.length > 0 ? "import { labelIn } from '../forms/label-in';" : '',
  "import { DeleteButton } from './delete-button';",
])}

interface ${names.pascal}Actions {
  onEdit(${names.camel}: ${names.pascal}): void;
  onDelete(id: number): void;${booleans ? `\n  onChange(id: number, changes: Partial<${names.pascal}Input>): void;` : ''}
}

interface ${names.pascal}TableProps extends ${names.pascal}Actions {
  ${names.camelPlural}: ${names.pascal}[];
}

/** The ${names.humanPlural} of a page, one in each row. */
export function ${names.pascal}Table({ ${names.camelPlural}, ...actions }: ${names.pascal}TableProps) {
  return (
    <div className="table-frame">
      <table>
        <thead>
          <tr>
${headings.map((heading) => `            <th scope="col">${heading}</th>`).join('\n')}
            <th scope="col">Actions</th>
          </tr>
        </thead>
        <tbody>
          {${names.camelPlural}.map((${names.camel}) => (
            <${names.pascal}Row key={${names.camel}.id} ${names.camel}={${names.camel}} {...actions} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ${names.pascal}RowProps extends ${names.pascal}Actions {
  ${names.camel}: ${names.pascal};
}

function ${names.pascal}Row({ ${names.camel}, ${handlers} }: ${names.pascal}RowProps) {
  return (
    <tr>
${cells}
      <td className="actions">
${links === '' ? '' : `${links}\n`}        <button type="button" aria-label={\`Edit \${${names.camel}.label}\`} onClick={() => onEdit(${names.camel})}>
          Edit
        </button>
        <DeleteButton label={${names.camel}.label} onDelete={() => onDelete(${names.camel}.id)} />
      </td>
    </tr>
  );
}
`);
}

// --- page ---

export function pageFile(entity: EntityModel): string {
  const { names } = entity;
  const booleans = columnFields(entity).some((field) => field.type === 'boolean');
  const heading = `${names.kebabPlural}-heading`;
  const tag = jsxTag(
    `${names.pascal}Table`,
    [
      `${names.camelPlural}={${names.camelPlural}}`,
      'onEdit={editor.open}',
      'onDelete={editor.remove}',
      ...(booleans ? ['onChange={editor.change}'] : []),
    ],
    '/>',
    10,
  );
  return fileText(`
import { useState } from 'react';
import { ${names.camelPlural}Api, type ${names.pascal}Filters } from '../api/${names.kebabPlural}';
import { CollectionFrame } from '../components/collection-frame';
import { ${names.pascal}FilterBar } from '../components/${names.kebab}-filter-bar';
import { ${names.pascal}Form } from '../components/${names.kebab}-form';
import { ${names.pascal}Table } from '../components/${names.kebab}-table';
import { useCollection } from '../hooks/use-collection';
import { useEditor } from '../hooks/use-editor';

interface ${names.pascalPlural}PageProps {
  /** The filters to begin with, from the address. */
  params: URLSearchParams;
}

/** Everything that can be done with ${names.humanPlural}. */
export function ${names.pascalPlural}Page({ params }: ${names.pascalPlural}PageProps) {
  const [filters, setFilters] = useState<${names.pascal}Filters>(() => Object.fromEntries(params));
  const collection = useCollection(${names.camelPlural}Api, filters);
  const editor = useEditor(${names.camelPlural}Api, collection.reload);

  return (
    <section aria-labelledby="${heading}">
      <h1 id="${heading}">${labelOf(names.humanPlural)}</h1>
      <${names.pascal}FilterBar filters={filters} onChange={setFilters} />
      <button type="button" className="primary" onClick={() => editor.open('new')}>
        New ${names.human}
      </button>
      {editor.failure && (
        <p role="alert" className="error">
          {editor.failure}
        </p>
      )}
      {editor.target && (
        <${names.pascal}Form
          key={editor.target === 'new' ? 'new' : editor.target.id}
          ${names.camel}={editor.target === 'new' ? undefined : editor.target}
          onSave={editor.save}
          onCancel={editor.close}
        />
      )}
      <CollectionFrame collection={collection} emptyText="No ${names.humanPlural} here yet.">
        {(${names.camelPlural}) => (
          ${tag}
        )}
      </CollectionFrame>
    </section>
  );
}
`);
}

export function appFile(project: ProjectModel): string {
  const pages = project.entities.map(({ names }) => ({ names, component: `${names.pascalPlural}Page` }));
  const entries = pages.map(({ names, component }) => {
    const members = [`path: '/${names.kebabPlural}'`, `label: '${labelOf(names.humanPlural)}'`, `Page: ${component}`];
    return `  ${bracketedTs('{', members, '}', 2)},`;
  });
  const sorted = [...pages].sort((a, b) => (a.names.kebab < b.names.kebab ? -1 : 1));
  return fileText(`
import { parseRoute, useHash } from './hooks/use-hash-route';
${sorted.map(({ names, component }) => `import { ${component} } from './pages/${names.kebabPlural}-page';`).join('\n')}

const PAGES = [
${entries.join('\n')}
] as const;

/** The application: navigation and the page that the address names. */
export function App() {
  const hash = useHash();
  const route = parseRoute(hash);
  const { path, Page } = PAGES.find((page) => page.path === route.path) ?? PAGES[0];

  return (
    <div className="layout">
      <nav className="navigation" aria-label="Main">
        {PAGES.map((page) => (
          <a
            key={page.path}
            href={\`#\${page.path}\`}
            aria-current={page.path === path ? 'page' : undefined}
          >
            {page.label}
          </a>
        ))}
      </nav>
      <main>
        <Page key={hash} params={route.params} />
      </main>
    </div>
  );
}
`);
}

export function labelInFile(): string {
  return fileText(`
/** The label of a value in a list of choices; blank for null. */
export function labelIn(
  options: readonly { value: string; label: string }[],
  value: string | null,
): string {
  return options.find((option) => option.value === value)?.label ?? '';
}
`);
}
