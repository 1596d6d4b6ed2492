/** `src/components/<entity>-table.tsx`. */
import { fileText, joined, jsxTag } from '../layout.ts';
import { type EntityModel, type FieldModel, inverseRelations, type ProjectModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { enumOptions } from './entity-api.ts';
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
`);
}
