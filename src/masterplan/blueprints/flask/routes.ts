/** The blueprint of one entity: its routes. */
import { bracketed, bracketedImport, joined } from '../layout.ts';
import { filterFields } from '../filters.ts';
import type { EntityModel } from '../model.ts';
import { articleFor } from '../naming.ts';
import { pythonText } from '../python-text.ts';
import { enumClass } from '../python-web/entity-model.ts';
import { filterParameters } from '../python-web/repository.ts';

/** `app/routes/<entity>.py`'s query schema: the filters of the list beside its page. */
function querySchema(entity: EntityModel): string {
  const { names } = entity;
  const fields = filterParameters(entity).map(({ name, type, query }) => {
    const fallback = query?.replace(/^Query\(/, 'Field(') ?? 'None';
    return `    ${name}: ${type} | None = ${fallback}`;
  });
  const passed = filterParameters(entity).map(({ name }) => `${name}=query.${name}`);
  return `class ${names.pascal}Query(PageQuery):
    """Which ${names.humanPlural} a list shows, and in which order."""

${fields.join('\n')}


def filters_of(query: ${names.pascal}Query) -> ${names.pascal}Filters:
    """The filters that a query string names."""
    ${bracketed(`return ${names.pascal}Filters(`, passed, ')', 4)}
`;
}

function routeImports(entity: EntityModel): string {
  const { names } = entity;
  const enums = filterFields(entity).filter((field) => field.type === 'enum');
  const schemas = ['Create', 'Page', 'Read', 'Update'].map((suffix) => `${names.pascal}${suffix}`);
  return joined([
    'from app.endpoint import Endpoint, endpoint',
    enums.length > 0
      ? bracketedImport(`app.models.${names.snake}`, enums.map((field) => enumClass(entity, field)).sort())
      : '',
    usesBounds(entity) ? 'from app.pagination import MAX_INTEGER' : '',
    bracketedImport(`app.repositories.${names.snake}`, [`${names.pascal}Filters`]),
    bracketedImport(`app.schemas.${names.snake}`, schemas),
    'from app.schemas.query import PageQuery, page_of',
    `from app.services.${names.snake} import ${names.pascal}Service`,
    'from app.sessions import get_session',
  ]);
}

function usesBounds(entity: EntityModel): boolean {
  return filterParameters(entity).some(({ query }) => query?.includes('MAX_INTEGER') === true);
}

export function routesFile(entity: EntityModel): string {
  const { names } = entity;
  const a = articleFor(names.human);
  const usesField = filterParameters(entity).some(({ query }) => query !== null);
  const page = ['items=items', 'total=total', 'limit=page.limit', 'offset=page.offset'];
  return pythonText(`
"""The HTTP interface of ${names.humanPlural}."""

from flask import Blueprint
${usesField ? 'from pydantic import Field\n' : ''}
${routeImports(entity)}

${bracketed('blueprint = Blueprint(', [`"${names.snakePlural}"`, '__name__', `url_prefix="/api/${names.kebabPlural}"`], ')')}


${querySchema(entity)}

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
`);
}
