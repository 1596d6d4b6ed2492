import type { Static } from 'typebox';
import type { Api } from '../context.ts';
import { CURSOR_UUID, decodeCursor, pageOfRows } from '../cursor.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { listValidations, type ValidationFilter, type ValidationRow } from '../queries/atoms.ts';
import { ListValidationsQuery, ValidationResult } from '../schemas/atoms.ts';
import { DEFAULT_PAGE_LIMIT, MasterplanParams, pageOf, ref } from '../schemas/common.ts';
import { wire } from '../wire.ts';
import { nextLink } from './links.ts';

export function registerValidationRoutes(app: Api, services: ApiServices): void {
  const list = operation({
    id: 'listValidationResults',
    tag: 'validation',
    summary: 'Stored checks of a masterplan, newest first',
    description: '`not_run` is not a pass: `reason` says why a check did not run.',
    access: 'user',
    request: { params: MasterplanParams, querystring: ListValidationsQuery },
    responses: { 200: pageOf(ref(ValidationResult), 'A page of checks.') },
  });
  app.get('/api/v2/validation/results/:masterplan_id', list, async (request, reply) => {
    const { limit = DEFAULT_PAGE_LIMIT, cursor } = request.query;
    const id = await requireMasterplan(
      services.db,
      principalOfRequest(request),
      request.params.masterplan_id,
      'inspect',
    );
    const before = cursor === undefined ? {} : { before: decodeCursor(cursor, CURSOR_UUID) };
    const rows = await listValidations(services.db, id, filterOf(request.query), { limit: limit + 1, ...before });
    const page = pageOfRows(rows, limit, (row) => row.validationId, presentValidation);
    if (page.page.next_cursor !== null) void reply.header('link', nextLink(request.url, page.page.next_cursor));
    return page;
  });
}

function filterOf(query: Static<typeof ListValidationsQuery>): ValidationFilter {
  const { atom_id: atomId, execution_id: executionId, level, outcome, scope, job_id: jobId } = query;
  return {
    ...(atomId === undefined ? {} : { atomId }),
    ...(executionId === undefined ? {} : { executionId }),
    ...(level === undefined ? {} : { level }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(scope === undefined ? {} : { scope }),
    ...(jobId === undefined ? {} : { jobId }),
  };
}

export function presentValidation(row: ValidationRow): Static<typeof ValidationResult> {
  return { ...wire(row), error_details: row.errorDetails && { ...row.errorDetails } };
}
