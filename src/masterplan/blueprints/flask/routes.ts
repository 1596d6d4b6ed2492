/** `backend/app/routes/<entity>.py`: the routes of one entity. */
import { bracketed, bracketedImport, joined } from '../layout.ts';
import { filterFields } from '../filters.ts';
import type { EntityModel, ProjectModel } from '../model.ts';
import { articleFor } from '../naming.ts';
import { pythonText } from '../python-text.ts';
import { takesCsv } from '../python-web/csv.ts';
import { enumClass } from '../python-web/entity-model.ts';
import { type FilterParameter, filterParameters } from '../python-web/repository.ts';
import { keepsDeleted } from '../python-web/soft-delete.ts';
import { CSV_ROUTE_IMPORTS, csvRoutes } from './csv-routes.ts';

function queryField({ name, type, query }: FilterParameter): string {
  return `    ${name}: ${type} | None = ${query?.replace(/^Query\(/, 'Field(') ?? 'None'}`;
}

/** What the query string of a list may say. An export takes the same filters and order, but gives no page. */
function querySchemas(project: ProjectModel, entity: EntityModel): string {
  const { pascal, humanPlural } = entity.names;
  const fields = filterParameters(entity, keepsDeleted(project)).map(queryField).join('\n');
  if (!takesCsv(project))
    return `class ${pascal}Query(PageQuery):
    """Which ${humanPlural} a list shows, and in which order."""

${fields}
`;
  return `class ${pascal}ExportQuery(SortQuery):
    """Which ${humanPlural} are wanted, and in which order."""

${fields}


class ${pascal}Query(${pascal}ExportQuery, PageQuery):
    """Which of these ${humanPlural} a list shows."""
`;
}

function filtersFunction(project: ProjectModel, entity: EntityModel): string {
  const { pascal } = entity.names;
  const passed = filterParameters(entity, keepsDeleted(project)).map(({ name }) => `${name}=query.${name}`);
  return `def filters_of(query: ${pascal}${takesCsv(project) ? 'ExportQuery' : 'Query'}) -> ${pascal}Filters:
    """The filters that a query string names."""
    ${bracketed(`return ${pascal}Filters(`, passed, ')', 4)}
`;
}

function routeImports(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const enums = filterFields(entity).filter((field) => field.type === 'enum');
  const schemas = ['Create', 'Page', 'Read', 'Update'].map((suffix) => `${names.pascal}${suffix}`);
  const usesBounds = filterParameters(entity).some(({ query }) => query?.includes('MAX_INTEGER') === true);
  const csv = takesCsv(project);
  return joined([
    csv ? CSV_ROUTE_IMPORTS.body : '',
    'from app.endpoint import Endpoint, endpoint',
    enums.length > 0
      ? bracketedImport(`app.models.${names.snake}`, enums.map((field) => enumClass(entity, field)).sort())
      : '',
    usesBounds ? 'from app.pagination import MAX_INTEGER' : '',
    bracketedImport(`app.repositories.${names.snake}`, [`${names.pascal}Filters`]),
    ...[
      bracketedImport(`app.schemas.${names.snake}`, schemas),
      `from app.schemas.query import PageQuery, ${csv ? 'SortQuery, ' : ''}page_of`,
    ].sort(),
    ...[csv ? CSV_ROUTE_IMPORTS.services : '', `from app.services.${names.snake} import ${names.pascal}Service`].sort(),
    'from app.sessions import get_session',
  ]);
}

function restoreRoute({ names }: EntityModel): string {
  return `

@blueprint.post("/<id:record_id>/restore")
@endpoint(Endpoint(answer=${names.pascal}Read))
def restore_${names.snake}(record_id: int) -> ${names.pascal}Read:
    """Takes a deleted ${names.human} back out of the trash."""
    return ${names.pascal}Read.of(get_service().restore(record_id))
`;
}

export function routesFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const a = articleFor(names.human);
  const usesField = filterParameters(entity).some(({ query }) => query !== null);
  const page = ['items=items', 'total=total', 'limit=page.limit', 'offset=page.offset'];
  return pythonText(`
"""The HTTP interface of ${names.humanPlural}."""

from flask import Blueprint${takesCsv(project) ? ', Response' : ''}
${usesField ? 'from pydantic import Field\n' : ''}
${routeImports(project, entity)}

${bracketed('blueprint = Blueprint(', [`"${names.snakePlural}"`, '__name__', `url_prefix="/api/${names.kebabPlural}"`], ')')}


${querySchemas(project, entity)}

${filtersFunction(project, entity)}

def get_service() -> ${names.pascal}Service:
    """The service on the session of the request."""
    return ${names.pascal}Service(get_session())


@blueprint.get("")
@endpoint(Endpoint(query=${names.pascal}Query, answer=${names.pascal}Page))
def list_${names.snakePlural}(query: ${names.pascal}Query) -> ${names.pascal}Page:
    """One page of the ${names.humanPlural} that pass the filters."""
    page = page_of(query)
    records, total = get_service().find(filters_of(query), page)
    items = [${names.pascal}Read.of(record) for record in records]
    ${bracketed(`return ${names.pascal}Page(`, page, ')', 4)}


@blueprint.post("")
@endpoint(Endpoint(body=${names.pascal}Create, answer=${names.pascal}Read, status=201))
def create_${names.snake}(payload: ${names.pascal}Create) -> ${names.pascal}Read:
    """Stores a new ${names.human}."""
    return ${names.pascal}Read.of(get_service().create(payload))
${takesCsv(project) ? csvRoutes(entity) : ''}

@blueprint.get("/<id:record_id>")
@endpoint(Endpoint(answer=${names.pascal}Read))
def get_${names.snake}(record_id: int) -> ${names.pascal}Read:
    """One ${names.human}."""
    return ${names.pascal}Read.of(get_service().get(record_id))


@blueprint.patch("/<id:record_id>")
@endpoint(Endpoint(body=${names.pascal}Update, answer=${names.pascal}Read))
def update_${names.snake}(record_id: int, payload: ${names.pascal}Update) -> ${names.pascal}Read:
    """Changes the fields of ${a} ${names.human} that the body names."""
    return ${names.pascal}Read.of(get_service().update(record_id, payload))


@blueprint.delete("/<id:record_id>")
@endpoint(Endpoint(status=204))
def delete_${names.snake}(record_id: int) -> None:
    """Deletes ${a} ${names.human}."""
    get_service().delete(record_id)
${keepsDeleted(project) ? restoreRoute(entity) : ''}`);
}
