/** The repository of one entity. */
import { bracketed, bracketedImport } from '../layout.ts';
import type { EntityModel, FieldModel, ProjectModel } from '../model.ts';
import { articleFor } from '../naming.ts';
import { pythonText } from '../python-text.ts';
import { filterFields, searchFields, sortNames } from '../filters.ts';
import { enumClass } from './entity-model.ts';
import { linkConditions } from './many.ts';
import { keepsDeleted } from './soft-delete.ts';

function filterType(entity: EntityModel, field: FieldModel): string {
  return field.type === 'enum' ? enumClass(entity, field) : 'bool';
}

/** A parameter of the query string that narrows a list. */
export interface FilterParameter {
  readonly name: string;
  readonly type: string;
  readonly query: string | null;
}

/** Parameters that name a record that those of the list refer to or are linked with. */
function referenceNames(entity: EntityModel): string[] {
  return [...entity.relations.map(({ name }) => `${name}_id`), ...entity.many.map(({ singular }) => `${singular}_id`)];
}

/** What lists can be narrowed by; `trash`: deleted records are kept, and can be listed. */
export function filterParameters(entity: EntityModel, trash = false): FilterParameter[] {
  const search = searchFields(entity).length > 0;
  return [
    ...(search ? [{ name: 'search', type: 'str', query: 'Query(default=None, max_length=200)' }] : []),
    ...filterFields(entity).map((field) => ({ name: field.name, type: filterType(entity, field), query: null })),
    ...referenceNames(entity).map((name) => ({
      name,
      type: 'int',
      query: 'Query(default=None, ge=1, le=MAX_INTEGER)',
    })),
    ...(trash ? [{ name: 'deleted', type: 'bool', query: null }] : []),
  ];
}

function conditionsMethod(entity: EntityModel, trash: boolean): string {
  const linked = new Set(entity.many.map(({ singular }) => `${singular}_id`));
  const exact = filterParameters(entity).filter(({ name }) => name !== 'search' && !linked.has(name));
  const items = exact.map((parameter) => `${parameter.name}=filters.${parameter.name}`);
  const first =
    exact.length > 0 ? bracketed('conditions = self.matching(', items, ')', 8) : 'conditions: list[Any] = []';
  const search =
    searchFields(entity).length === 0
      ? ''
      : `
        if filters.search:
            conditions.append(search_condition(filters.search))`;
  const deleted = trash ? '\n        conditions.append(self.is_deleted(filters.deleted))' : '';
  return `        ${first}${deleted}${linkConditions(entity)}${search}
        return conditions`;
}

function searchFunction(entity: EntityModel): string {
  const fields = searchFields(entity);
  if (fields.length === 0) return '';
  const columns = fields.map((field) => `contains(${entity.names.pascal}.${field.name}, term)`);
  const value = columns.length === 1 ? `return ${columns[0] ?? ''}` : bracketed('return or_(', columns, ')', 4);
  return `

def search_condition(term: str) -> Any:
    """Condition: one of the texts of ${articleFor(entity.names.human)} ${entity.names.human} holds the term."""
    ${value}
`;
}

export function repositoryFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const trash = keepsDeleted(project);
  const enums = filterFields(entity).filter((field) => field.type === 'enum');
  const searchable = searchFields(entity).length;
  const fields = filterParameters(entity, trash).map(
    (parameter) => `    ${parameter.name}: ${parameter.type} | None = None`,
  );
  const baseNames = [...(trash ? [] : ['Repository']), ...(searchable > 0 ? ['contains'] : [])];
  const base = baseNames.length === 0 ? '' : `from app.repositories.base import ${baseNames.join(', ')}\n`;
  return pythonText(`
"""Reading and writing ${names.humanPlural}."""

from dataclasses import dataclass
from typing import Any
${searchable > 1 ? '\nfrom sqlalchemy import or_\n' : ''}
${bracketedImport(`app.models.${names.snake}`, [names.pascal, ...enums.map((field) => enumClass(entity, field))].sort())}
${base}${trash ? 'from app.repositories.trash import TrashRepository\n' : ''}

@dataclass(frozen=True)
class ${names.pascal}Filters:
    """Which ${names.humanPlural} a list shows; None means any."""
${fields.length === 0 ? '' : `\n${fields.join('\n')}\n`}

class ${names.pascal}Repository(${trash ? 'TrashRepository' : 'Repository'}[${names.pascal}]):
    """Access to the table of ${names.humanPlural}."""

    model = ${names.pascal}
    ${bracketed(
      'sortable = (',
      sortNames(entity).map((name) => `"${name}"`),
      ')',
      4,
    )}

    def conditions(self, filters: ${names.pascal}Filters) -> list[Any]:
        """The filters as conditions of a query."""
${conditionsMethod(entity, trash)}
${searchFunction(entity)}`);
}
