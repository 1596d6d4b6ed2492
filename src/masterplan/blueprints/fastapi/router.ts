/** The router of one entity. */
import { bracketed, bracketedImport, joined } from '../layout.ts';
import { filterFields } from '../filters.ts';
import type { EntityModel, ProjectModel } from '../model.ts';
import { articleFor } from '../naming.ts';
import { pythonText } from '../python-text.ts';
import { enumClass } from '../python-web/entity-model.ts';
import { takesCsv } from '../python-web/csv.ts';
import { filterParameters } from '../python-web/repository.ts';
import { keepsDeleted } from '../python-web/soft-delete.ts';
import { CSV_ROUTE_IMPORTS, csvRoutes } from './csv-routes.ts';
import { restoreRoute } from './soft-delete-routes.ts';

function readFiltersFunction(project: ProjectModel, entity: EntityModel): string {
  const parameters = filterParameters(entity, keepsDeleted(project));
  const declared = parameters.map(
    (parameter) => `${parameter.name}: ${parameter.type} | None = ${parameter.query ?? 'None'}`,
  );
  const passed = parameters.map((parameter) => `${parameter.name}=${parameter.name}`);
  return `${bracketed('def read_filters(', declared, `) -> ${entity.names.pascal}Filters:`)}
    """Dependency: the filters named in the query string."""
    ${bracketed(`return ${entity.names.pascal}Filters(`, passed, ')', 4)}`;
}

function routerImports(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const enums = filterFields(entity).filter((field) => field.type === 'enum');
  const schemas = ['Create', 'Page', 'Read', 'Update'].map((suffix) => `${names.pascal}${suffix}`);
  const csv = takesCsv(project);
  return joined([
    csv ? CSV_ROUTE_IMPORTS.body : '',
    'from app.dependencies import get_session, read_page',
    enums.length > 0
      ? bracketedImport(`app.models.${names.snake}`, enums.map((field) => enumClass(entity, field)).sort())
      : '',
    'from app.pagination import MAX_INTEGER, PageRequest',
    bracketedImport(`app.repositories.${names.snake}`, [`${names.pascal}Filters`]),
    bracketedImport(`app.schemas.${names.snake}`, schemas),
    ...[csv ? CSV_ROUTE_IMPORTS.services : '', `from app.services.${names.snake} import ${names.pascal}Service`].sort(),
  ]);
}

export function routerFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const id = `record_id: int = Path(..., ge=1, le=MAX_INTEGER)`;
  const service = `service: ${names.pascal}Service = Depends(get_service)`;
  const def = (name: string, items: readonly string[], result: string): string =>
    bracketed(`def ${name}(`, items, `) -> ${result}:`);
  const a = articleFor(names.human);
  const usesQuery = takesCsv(project) || filterParameters(entity).some((parameter) => parameter.query !== null);
  return pythonText(`
"""The HTTP interface of ${names.humanPlural}."""

from fastapi import APIRouter, Depends, Path${usesQuery ? ', Query' : ''}, Response
from sqlalchemy.orm import Session

${routerImports(project, entity)}

${bracketed('router = APIRouter(', [`prefix="/api/${names.kebabPlural}"`, `tags=["${names.humanPlural}"]`], ')')}


${def('get_service', ['session: Session = Depends(get_session)'], `${names.pascal}Service`)}
    """Dependency: the service on the session of the request."""
    return ${names.pascal}Service(session)


${readFiltersFunction(project, entity)}


@router.get("", response_model=${names.pascal}Page)
${def(
  `list_${names.snakePlural}`,
  [`filters: ${names.pascal}Filters = Depends(read_filters)`, 'page: PageRequest = Depends(read_page)', service],
  `${names.pascal}Page`,
)}
    """One page of the ${names.humanPlural} that pass the filters."""
    records, total = service.find(filters, page)
    items = [${names.pascal}Read.of(record) for record in records]
    ${bracketed(`return ${names.pascal}Page(`, ['items=items', 'total=total', 'limit=page.limit', 'offset=page.offset'], ')', 4)}


@router.post("", response_model=${names.pascal}Read, status_code=201)
${def(`create_${names.snake}`, [`payload: ${names.pascal}Create`, service], `${names.pascal}Read`)}
    """Stores a new ${names.human}."""
    return ${names.pascal}Read.of(service.create(payload))
${takesCsv(project) ? csvRoutes(entity, service) : ''}

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
${keepsDeleted(project) ? restoreRoute(entity, id, service) : ''}`);
}
