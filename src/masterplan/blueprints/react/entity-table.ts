/** `src/components/<entity>-table.tsx`. */
import { fileText, joined, jsxTag } from '../layout.ts';
import { type EntityModel, type FieldModel, inverseMany, inverseRelations, type ProjectModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { enumOptions } from './entity-api.ts';
import { has } from './features/feature-file.ts';
import { entityImport } from './view-parts.ts';

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

/** The lists that a record of `entity` narrows: those of the entities that refer to it. */
function inverseLinks(project: ProjectModel, entity: EntityModel): string {
  const inverse = [
    ...inverseRelations(project, entity).map(({ child, relation }) => ({ child, name: relation.name })),
    ...inverseMany(project, entity).map(({ owner, many }) => ({ child: owner, name: many.singular })),
  ];
  return inverse
    .map(({ child, name }) => {
      const twice = inverse.filter((other) => other.child === child).length > 1;
      const text = labelOf(child.names.humanPlural) + (twice ? ` as ${name.replaceAll('_', ' ')}` : '');
      const href = `href={\`#/${child.names.kebabPlural}?${name}_id=\${${entity.names.camel}.id}\`}`;
      return `        <a ${href}>${text}</a>`;
    })
    .join('\n');
}

/** The columns that sort the list; records that have nothing but long texts show when they were made. */
function sortedColumns(entity: EntityModel): string[] {
  const names = columnFields(entity).map((field) => field.name);
  return names.length === 0 ? ['created_at'] : names;
}

/** One heading per column; those of the entity's own fields sort the list. */
function headingLines(entity: EntityModel): string {
  const sorting = sortedColumns(entity).map(
    (name) => `<SortHeading column="${name}" label="${labelOf(name)}" sort={sort} onSort={onSort} />`,
  );
  const plain = [...entity.relations, ...entity.many].map(({ name }) => `<th scope="col">${labelOf(name)}</th>`);
  return [...sorting, ...plain].map((line) => `            ${line}`).join('\n');
}

/** What leads away from a row: to the lists that it narrows, to its history, to its files. */
function rowActions(project: ProjectModel, entity: EntityModel): { links: string; buttons: string } {
  const { camel, kebabPlural } = entity.names;
  const history = `        <a href={\`#/history?entity=${kebabPlural}&record_id=\${${camel}.id}\`}>History</a>`;
  const files = `        <button type="button" aria-label={\`Files of \${${camel}.label}\`} onClick={() => onFiles(${camel})}>Files</button>`;
  return {
    links: joined([inverseLinks(project, entity), has(project, 'audit') ? history : '']),
    buttons: has(project, 'upload') ? files : '',
  };
}

export function tableFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const fields = columnFields(entity);
  const booleans = fields.some((field) => field.type === 'boolean');
  const enums = fields.filter((field) => field.type === 'enum').map((field) => enumOptions(entity, field));
  const cells = joined([
    fields.length === 0 ? `      <td>{formatInstant(${names.camel}.created_at)}</td>` : '',
    ...fields.map((field) => cell(entity, field)),
    ...entity.relations.map((r) => `      <td>{${names.camel}.${r.name}${r.required ? '' : '?'}.label}</td>`),
    ...entity.many.map((many) => `      <td>{${names.camel}.${many.name}.map(({ label }) => label).join(', ')}</td>`),
  ]);
  const types = [names.pascal, ...(booleans ? [`${names.pascal}Input`] : [])];
  const { links, buttons } = rowActions(project, entity);
  const files = has(project, 'upload');
  const handlers = ['onEdit', 'onDelete', ...(booleans ? ['onChange'] : []), ...(files ? ['onFiles'] : [])].join(', ');
  return fileText(`
${joined([
  entityImport(entity, enums, types),
  cells.includes('formatInstant(') ? "import { formatInstant } from '../forms/convert';" : '',
  enums.length > 0 ? "import { labelIn } from '../forms/label-in';" : '',
  "import { DeleteButton } from './delete-button';",
  "import { SortHeading } from './sort-heading';",
])}

interface ${names.pascal}Actions {
  onEdit(${names.camel}: ${names.pascal}): void;
  onDelete(id: number): void;${booleans ? `\n  onChange(id: number, changes: Partial<${names.pascal}Input>): void;` : ''}${files ? `\n  onFiles(${names.camel}: ${names.pascal}): void;` : ''}
}

interface ${names.pascal}RowProps extends ${names.pascal}Actions {
  ${names.camel}: ${names.pascal};
}

function ${names.pascal}Row({ ${names.camel}, ${handlers} }: ${names.pascal}RowProps) {
  return (
    <tr>
${cells}
      <td>
        <div className="actions">
${[links, buttons]
  .filter((part) => part !== '')
  .map((part) => `${part}\n`)
  .join(
    '',
  )}        <button type="button" aria-label={\`Edit \${${names.camel}.label}\`} onClick={() => onEdit(${names.camel})}>
          Edit
        </button>
        <DeleteButton label={${names.camel}.label} onDelete={() => onDelete(${names.camel}.id)} />
        </div>
      </td>
    </tr>
  );
}

interface ${names.pascal}TableProps extends ${names.pascal}Actions {
  ${names.camelPlural}: ${names.pascal}[];
  /** The order of the list. */
  sort: string | undefined;
  onSort(sort: string): void;
}

/** The ${names.humanPlural} of a page, one in each row. */
export function ${names.pascal}Table({ ${names.camelPlural}, sort, onSort, ...actions }: ${names.pascal}TableProps) {
  return (
    <div className="table-frame">
      <table>
        <thead>
          <tr>
${headingLines(entity)}
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
`);
}
