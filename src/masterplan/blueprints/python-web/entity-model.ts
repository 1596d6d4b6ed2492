/** `backend/app/models/<entity>.py`: the table of one entity. */
import { bracketed, bracketedImport, joined } from '../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, type ProjectModel, type RelationModel } from '../model.ts';
import { articleFor, namesOf } from '../naming.ts';
import { pythonText } from '../python-text.ts';
import { idProperties, linkTables, manyRelationships } from './many.ts';
import { isAudited } from './audit.ts';
import { keepsDeleted } from './soft-delete.ts';
import { featureTables } from './feature-parts.ts';

/** The Python class of an enum field, e.g. `TodoPriority`. */
export function enumClass(entity: EntityModel, field: FieldModel): string {
  return `${entity.names.pascal}${namesOf(field.name).pascal}`;
}

/** The member name of an enum value: `in_progress` is `IN_PROGRESS`. */
export function enumMember(value: string): string {
  return value.toUpperCase();
}

/** A default as Python source. */
export function pythonDefault(entity: EntityModel, field: FieldModel): string | null {
  const value = field.defaultValue;
  if (value === null) return null;
  if (field.type === 'enum') return `${enumClass(entity, field)}.${enumMember(String(value))}`;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function columnType(entity: EntityModel, field: FieldModel): string {
  switch (field.type) {
    case 'text':
      return `String(${field.maxLength})`;
    case 'longtext':
      return 'Text';
    case 'integer':
      return 'Integer';
    case 'decimal':
      return 'Numeric(12, 2, asdecimal=False)';
    case 'boolean':
      return 'Boolean';
    case 'date':
      return 'Date';
    case 'datetime':
      return 'UtcDateTime';
    case 'enum':
      return `enum_type(${enumClass(entity, field)})`;
  }
}

function fieldColumn(entity: EntityModel, field: FieldModel): string {
  const fallback = pythonDefault(entity, field);
  const items = [
    columnType(entity, field),
    ...(field.required || field.type === 'boolean' ? ['nullable=False'] : []),
    ...(fallback === null ? [] : [`default=${fallback}`]),
    ...(field.unique ? ['unique=True'] : []),
    ...(field.name === entity.display && !field.unique ? ['index=True'] : []),
  ];
  return `    ${bracketed(`${field.name} = Column(`, items, ')', 4)}`;
}

const ON_DELETE = { restrict: 'RESTRICT', cascade: 'CASCADE', set_null: 'SET NULL' } as const;

function relationColumn(project: ProjectModel, relation: RelationModel): string {
  const target = entityNamed(project, relation.target);
  const key = `ForeignKey("${target.names.snakePlural}.id", ondelete="${ON_DELETE[relation.onDelete]}")`;
  const items = [key, ...(relation.required ? ['nullable=False'] : []), 'index=True'];
  return `    ${bracketed(`${relation.name}_id = Column(`, items, ')', 4)}`;
}

function relationship(entity: EntityModel, relation: RelationModel): string {
  const own = `foreign_keys=[${relation.name}_id]`;
  const self = relation.target === entity.names.pascal;
  const twice = entity.relations.filter((other) => other.target === relation.target).length > 1;
  const items = [
    `"${relation.target}"`,
    ...(self || twice ? [own] : []),
    ...(self ? [`remote_side="${entity.names.pascal}.id"`, 'lazy="select"'] : ['lazy="joined"']),
  ];
  return `    ${bracketed(`${relation.name} = relationship(`, items, ')', 4)}`;
}

function enumDefinition(entity: EntityModel, field: FieldModel): string {
  const members = field.values.map((value) => `    ${enumMember(value)} = "${value}"`).join('\n');
  return `
class ${enumClass(entity, field)}(str, enum.Enum):
    """Allowed values of \`${field.name}\`."""

${members}

`;
}

function labelExpression(entity: EntityModel): string {
  if (entity.display !== null) return `return self.${entity.display}`;
  const required = entity.relations.filter((relation) => relation.required).slice(0, 2);
  if (required.length === 0) return `return f"${entity.names.human} {self.id}"`;
  return `return f"${required.map((relation) => `{self.${relation.name}.label}`).join(' / ')}"`;
}

/** Column types that come from the project's own `base` module. */
const OWN_TYPES: ReadonlySet<string> = new Set(['UtcDateTime', 'enum_type']);

function sqlalchemyImports(entity: EntityModel): string {
  const types = entity.fields.map((field) => columnType(entity, field).replace(/\(.*/s, ''));
  const names = new Set(['Column', ...types.filter((type) => !OWN_TYPES.has(type))]);
  if (entity.relations.length + entity.many.length > 0) names.add('ForeignKey');
  if (entity.many.length > 0) names.add('Table');
  return bracketedImport('sqlalchemy', [...names].sort());
}

function baseImports(entity: EntityModel): string {
  const names = ['Base', 'Record'];
  if (entity.fields.some((field) => field.type === 'datetime')) names.push('UtcDateTime');
  if (entity.many.length > 0) names.push('by_label');
  if (entity.fields.some((field) => field.type === 'enum')) names.push('enum_type');
  return `from app.models.base import ${names.join(', ')}`;
}

function trashImport(project: ProjectModel, entity: EntityModel): string {
  if (!keepsDeleted(project)) return '';
  return `\nfrom app.models.trash import Trashable${entity.many.length > 0 ? ', kept' : ''}`;
}

export function entityModelFile(project: ProjectModel, entity: EntityModel): string {
  const { names, fields, relations } = entity;
  const enums = fields.filter((field) => field.type === 'enum');
  const columns = [
    ...fields.map((field) => fieldColumn(entity, field)),
    ...relations.map((relation) => relationColumn(project, relation)),
  ].join('\n');
  const relationships = [
    ...relations.map((relation) => relationship(entity, relation)),
    ...manyRelationships(project, entity),
  ].join('\n');
  return pythonText(`
"""The table of ${names.humanPlural}."""
${importLines(enums.length > 0, entity.many.length > 0)}
${joined([sqlalchemyImports(entity), relationships !== '' ? 'from sqlalchemy.orm import relationship' : ''])}

${isAudited(project) ? 'from app.models.audit import Audited\n' : ''}${baseImports(entity)}${trashImport(project, entity)}

${linkTables(project, entity)}${enums.map((field) => enumDefinition(entity, field)).join('')}
class ${names.pascal}(${isAudited(project) ? 'Audited, ' : ''}${keepsDeleted(project) ? 'Trashable, ' : ''}Record, Base):
    """${capitalised(articleFor(names.human))} ${names.human}."""

    __tablename__ = "${names.snakePlural}"

${columns}
${relationships === '' ? '' : `\n${relationships}\n`}
    @property
    def label(self) -> str:
        """A short name for people, shown where others refer to the ${names.human}."""
        ${labelExpression(entity)}
${idProperties(entity)}`);
}

/** What a table's module needs of the standard library. */
function importLines(enums: boolean, links: boolean): string {
  const lines = joined([enums ? 'import enum' : '', links ? 'from typing import Any' : '']);
  return lines === '' ? '' : `\n${lines}\n`;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** `backend/app/models/__init__.py`: importing it registers every table. */
export function modelsPackageFile(project: ProjectModel): string {
  const modules = project.entities
    .map((entity) => ({ module: `app.models.${entity.names.snake}`, name: entity.names.pascal }))
    .concat(featureTables(project), { module: 'app.models.base', name: 'Base' })
    .sort((a, b) => (a.module < b.module ? -1 : 1));
  const exported = modules.map((entry) => `"${entry.name}"`).sort();
  return pythonText(`
"""All tables. Importing this package registers them with \`Base\`."""

${modules.map((entry) => `from ${entry.module} import ${entry.name}`).join('\n')}

${bracketed('__all__ = [', exported, ']')}
`);
}
