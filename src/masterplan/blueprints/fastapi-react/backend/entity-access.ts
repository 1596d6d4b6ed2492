/** Repository, service and router of one entity. */
import { bracketed, bracketedImport, joined } from '../../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, inverseRelations, type ProjectModel } from '../../model.ts';
import { articleFor } from '../../naming.ts';
import { pythonText } from '../../python-text.ts';
import { enumClass } from './entity-model.ts';

/** Fields that a list can be filtered by: those with few values. */
export function filterFields(entity: EntityModel): FieldModel[] {
  return entity.fields.filter((field) => field.type === 'boolean' || field.type === 'enum');
}

/** Fields that a search looks into. */
export function searchFields(entity: EntityModel): FieldModel[] {
  return entity.fields.filter((field) => field.type === 'text' || field.type === 'longtext');
}

function filterType(entity: EntityModel, field: FieldModel): string {
  return field.type === 'enum' ? enumClass(entity, field) : 'bool';
}

interface FilterParameter {
  readonly name: string;
  readonly type: string;
  readonly query: string | null;
}

function filterParameters(entity: EntityModel): FilterParameter[] {
  const search = searchFields(entity).length > 0;
  return [
    ...(search ? [{ name: 'search', type: 'str', query: 'Query(default=None, max_length=200)' }] : []),
    ...filterFields(entity).map((field) => ({ name: field.name, type: filterType(entity, field), query: null })),
    ...entity.relations.map((relation) => ({
      name: `${relation.name}_id`,
      type: 'int',
      query: 'Query(default=None, ge=1, le=MAX_INTEGER)',
    })),
  ];
}

/** True when a list of the entity can be narrowed at all. */
export function hasFilters(entity: EntityModel): boolean {
  return filterParameters(entity).length > 0;
}

function conditionsMethod(entity: EntityModel): string {
  const exact = filterParameters(entity).filter((parameter) => parameter.name !== 'search');
  const items = exact.map((parameter) => `${parameter.name}=filters.${parameter.name}`);
  const first = bracketed('conditions = self.matching(', items, ')', 8);
  if (searchFields(entity).length === 0) return `        ${first}\n        return conditions`;
  return `        ${exact.length > 0 ? first : 'conditions: list[Any] = []'}
        if filters.search:
            conditions.append(search_condition(filters.search))
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

export function repositoryFile(entity: EntityModel): string {
  const { names } = entity;
  const enums = filterFields(entity).filter((field) => field.type === 'enum');
  const searchable = searchFields(entity).length;
  const fields = filterParameters(entity).map((parameter) => `    ${parameter.name}: ${parameter.type} | None = None`);
  const baseNames = searchable > 0 ? ['Repository', 'contains'] : ['Repository'];
  return pythonText(`
"""Reading and writing ${names.humanPlural}."""

from dataclasses import dataclass
from typing import Any
${searchable > 1 ? '\nfrom sqlalchemy import or_\n' : ''}
${bracketedImport(`app.models.${names.snake}`, [names.pascal, ...enums.map((field) => enumClass(entity, field))].sort())}
from app.repositories.base import ${baseNames.join(', ')}


@dataclass(frozen=True)
class ${names.pascal}Filters:
    """Which ${names.humanPlural} a list shows; None means any."""
${fields.length === 0 ? '' : `\n${fields.join('\n')}\n`}

class ${names.pascal}Repository(Repository[${names.pascal}]):
    """Access to the table of ${names.humanPlural}."""

    model = ${names.pascal}

    def conditions(self, filters: ${names.pascal}Filters) -> list[Any]:
        """The filters as conditions of a query."""
${conditionsMethod(entity)}
${searchFunction(entity)}`);
}

function constructorLines(project: ProjectModel, entity: EntityModel): string {
  const targets = neighbours(project, entity).map(
    (other) => `        self.${other.names.snakePlural} = ${other.names.pascal}Repository(session)`,
  );
  return [`        super().__init__(session, ${entity.names.pascal}Repository(session))`, ...targets].join('\n');
}

/** Entities whose tables the service looks into: what this one refers to, and what refers to it and blocks deletion. */
function neighbours(project: ProjectModel, entity: EntityModel): EntityModel[] {
  const referred = entity.relations.map((relation) => entityNamed(project, relation.target));
  const referring = restricting(project, entity).map((inverse) => inverse.child);
  const unique = [...new Set([...referred, ...referring])];
  return unique.sort((a, b) => (a.names.snake < b.names.snake ? -1 : 1));
}

function restricting(project: ProjectModel, entity: EntityModel) {
  return inverseRelations(project, entity).filter((inverse) => inverse.relation.onDelete === 'restrict');
}

function checkMethod(project: ProjectModel, entity: EntityModel): string {
  const exists = entity.relations.map((relation) => {
    const table = entityNamed(project, relation.target).names.snakePlural;
    const items = [`self.${table}`, `"${relation.name}_id"`, `values["${relation.name}_id"]`];
    return `        ${bracketed('check_exists(', items, ')', 8)}`;
  });
  const rules = entity.rules.map((rule) => `        check_order(values, "${rule.earlier}", "${rule.later}")`);
  if (exists.length + rules.length === 0) return '';
  return `
    def check(self, values: dict[str, Any]) -> None:
        """What ${articleFor(entity.names.human)} ${entity.names.human} refers to must exist${rules.length > 0 ? '; times must be in order' : ''}."""
${[...exists, ...rules].join('\n')}
`;
}

function deleteMethod(project: ProjectModel, entity: EntityModel): string {
  const inverses = restricting(project, entity);
  if (inverses.length === 0) return '';
  const checks = inverses.map(({ child, relation }) => {
    const table = `self.${child.names.snakePlural}`;
    const count = bracketed(
      `used = ${table}.count(`,
      [`${child.names.pascal}.${relation.name}_id == record.id`],
      ')',
      8,
    );
    return `        ${count}\n        check_unused(used, "${child.names.human}", "${child.names.humanPlural}")`;
  });
  return `
    def check_delete(self, record: ${entity.names.pascal}) -> None:
        """${entity.names.human.charAt(0).toUpperCase()}${entity.names.human.slice(1)} records in use must stay."""
${checks.join('\n')}
`;
}

function settingsLines(entity: EntityModel): string {
  const tuple = (names: readonly string[]): string =>
    names.length === 1
      ? `("${names[0] ?? ''}",)`
      : bracketed(
          '(',
          names.map((name) => `"${name}"`),
          ')',
          4,
        );
  const required = [
    ...entity.fields.filter((field) => field.required || field.type === 'boolean').map((field) => field.name),
    ...entity.relations.filter((relation) => relation.required).map((relation) => `${relation.name}_id`),
  ];
  const unique = entity.fields.filter((field) => field.unique).map((field) => field.name);
  return joined([
    `    noun = "${entity.names.human}"`,
    required.length > 0 ? `    required = ${tuple(required)}` : '',
    unique.length > 0 ? `    unique = ${tuple(unique)}` : '',
  ]);
}

function serviceImports(project: ProjectModel, entity: EntityModel): string {
  const models = new Set([entity, ...restricting(project, entity).map((inverse) => inverse.child)]);
  const repositories = new Set([entity, ...neighbours(project, entity)]);
  const helpers = [
    'Service',
    ...(entity.relations.length > 0 ? ['check_exists'] : []),
    ...(entity.rules.length > 0 ? ['check_order'] : []),
    ...(restricting(project, entity).length > 0 ? ['check_unused'] : []),
  ];
  const sorted = (set: Set<EntityModel>) => [...set].sort((a, b) => (a.names.snake < b.names.snake ? -1 : 1));
  return [
    ...sorted(models).map((other) => `from app.models.${other.names.snake} import ${other.names.pascal}`),
    ...sorted(repositories).map((other) =>
      bracketedImport(`app.repositories.${other.names.snake}`, [`${other.names.pascal}Repository`]),
    ),
    `from app.services.base import ${helpers.join(', ')}`,
  ].join('\n');
}

export function serviceFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const check = checkMethod(project, entity);
  return pythonText(`
"""The rules around ${names.humanPlural}."""
${check === '' ? '' : '\nfrom typing import Any\n'}
from sqlalchemy.orm import Session

${serviceImports(project, entity)}


class ${names.pascal}Service(Service[${names.pascal}]):
    """Finds, creates, changes and deletes ${names.humanPlural}."""

${settingsLines(entity)}

    def __init__(self, session: Session) -> None:
${constructorLines(project, entity)}
${check}${deleteMethod(project, entity)}`);
}

function readFiltersFunction(entity: EntityModel): string {
  const parameters = filterParameters(entity);
  const declared = parameters.map(
    (parameter) => `${parameter.name}: ${parameter.type} | None = ${parameter.query ?? 'None'}`,
  );
  const passed = parameters.map((parameter) => `${parameter.name}=${parameter.name}`);
  return `${bracketed('def read_filters(', declared, `) -> ${entity.names.pascal}Filters:`)}
    """Dependency: the filters named in the query string."""
    ${bracketed(`return ${entity.names.pascal}Filters(`, passed, ')', 4)}`;
}

function routerImports(entity: EntityModel): string {
  const { names } = entity;
  const enums = filterFields(entity).filter((field) => field.type === 'enum');
  const schemas = ['Create', 'Page', 'Read', 'Update'].map((suffix) => `${names.pascal}${suffix}`);
  return joined([
    'from app.database import get_session',
    enums.length > 0
      ? bracketedImport(`app.models.${names.snake}`, enums.map((field) => enumClass(entity, field)).sort())
      : '',
    'from app.pagination import MAX_INTEGER, PageRequest, read_page',
    bracketedImport(`app.repositories.${names.snake}`, [`${names.pascal}Filters`]),
    bracketedImport(`app.schemas.${names.snake}`, schemas),
    `from app.services.${names.snake} import ${names.pascal}Service`,
  ]);
}

export function routerFile(entity: EntityModel): string {
  const { names } = entity;
  const id = `record_id: int = Path(..., ge=1, le=MAX_INTEGER)`;
  const service = `service: ${names.pascal}Service = Depends(get_service)`;
  const def = (name: string, items: readonly string[], result: string): string =>
    bracketed(`def ${name}(`, items, `) -> ${result}:`);
  const a = articleFor(names.human);
  const usesQuery = filterParameters(entity).some((parameter) => parameter.query !== null);
  return pythonText(`
"""The HTTP interface of ${names.humanPlural}."""

from fastapi import APIRouter, Depends, Path${usesQuery ? ', Query' : ''}, Response
from sqlalchemy.orm import Session

${routerImports(entity)}

${bracketed('router = APIRouter(', [`prefix="/api/${names.kebabPlural}"`, `tags=["${names.humanPlural}"]`], ')')}


${def('get_service', ['session: Session = Depends(get_session)'], `${names.pascal}Service`)}
    """Dependency: the service on the session of the request."""
    return ${names.pascal}Service(session)


${readFiltersFunction(entity)}


@router.get("", response_model=${names.pascal}Page)
${def(
  `list_${names.snakePlural}`,
  [`filters: ${names.pascal}Filters = Depends(read_filters)`, 'page: PageRequest = Depends(read_page)', service],
  `${names.pascal}Page`,
)}
    """One page of the ${names.humanPlural} that pass the filters, newest first."""
    records, total = service.find(filters, page)
    items = [${names.pascal}Read.of(record) for record in records]
    ${bracketed(`return ${names.pascal}Page(`, ['items=items', 'total=total', 'limit=page.limit', 'offset=page.offset'], ')', 4)}


@router.post("", response_model=${names.pascal}Read, status_code=201)
${def(`create_${names.snake}`, [`payload: ${names.pascal}Create`, service], `${names.pascal}Read`)}
    """Stores a new ${names.human}."""
    return ${names.pascal}Read.of(service.create(payload))


@router.get("/{record_id}", response_model=${names.pascal}Read)
${def(`get_${names.snake}`, [id, service], `${names.pascal}Read`)}
    """One ${names.human}."""
    return ${names.pascal}Read.of(service.get(record_id))


@router.patch("/{record_id}", response_model=${names.pascal}Read)
${def(`update_${names.snake}`, [`payload: ${names.pascal}Update`, id, service], `${names.pascal}Read`)}
    """Changes the fields of ${a} ${names.human} that the body names."""
    return ${names.pascal}Read.of(service.update(record_id, payload))


@router.delete("/{record_id}", status_code=204, response_class=Response)
${def(`delete_${names.snake}`, [id, service], 'Response')}
    """Deletes ${a} ${names.human}."""
    service.delete(record_id)
    return Response(status_code=204)
`);
}
