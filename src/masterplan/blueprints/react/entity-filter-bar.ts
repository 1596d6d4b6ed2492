/** `src/components/<entity>-filter-bar.tsx`. */
import { fileText, joined, jsxTag } from '../layout.ts';
import type { EntityModel, ProjectModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { filterFields, searchFields } from '../filters.ts';
import { enumOptions } from './entity-api.ts';
import { apiImports, entityImport, fieldImports, hasOptions, optionHooks, optionsName } from './view-parts.ts';

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
    ...entity.many.map((many) => select(`${many.singular}_id`, labelOf(many.singular), optionsName(many))),
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
  hasOptions(entity) ? "import { useOptions } from '../hooks/use-options';" : '',
  fieldImports(jsx),
])}
${jsx.includes('YES_NO') ? BOOLEAN_OPTIONS : ''}
interface ${names.pascal}FilterBarProps {
  filters: ${names.pascal}Filters;
  onChange(filters: ${names.pascal}Filters): void;
}

/** Narrows the list of ${names.humanPlural}. */
export function ${names.pascal}FilterBar({ filters, onChange }: ${names.pascal}FilterBarProps) {
${optionHooks(project, entity, false)}${hasOptions(entity) ? '\n' : ''}  return (
    <div className="toolbar" role="search">
${jsx}
    </div>
  );
}
`);
}
