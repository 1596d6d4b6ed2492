import type { Static } from 'typebox';
import { getMaintenance } from '../../db/queries/get-maintenance.ts';
import { listAudit } from '../../db/queries/list-audit.ts';
import { setMaintenance } from '../../db/queries/set-maintenance.ts';
import { writeAudit } from '../../db/queries/write-audit.ts';
import { MgeError } from '../../domain/index.ts';
import type { MaintenanceState } from '../../operations/index.ts';
import type { Api } from '../context.ts';
import { CURSOR_NUMBER, decodeCursor, pageOfRows } from '../cursor.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { DEFAULT_PAGE_LIMIT, pageOf, PageQuery, ref } from '../schemas/common.ts';
import { AuditEntry, Maintenance, SetMaintenance } from '../schemas/operations.ts';
import { wire } from '../wire.ts';
import { nextLink } from './links.ts';

export function registerAdminRoutes(app: Api, services: ApiServices): void {
  registerMaintenance(app, services);
  const audit = operation({
    id: 'listAudit',
    tag: 'admin',
    summary: 'Who did what, newest first',
    access: 'admin',
    request: { querystring: PageQuery },
    responses: { 200: pageOf(ref(AuditEntry), 'A page of the audit log.') },
  });
  app.get('/api/v2/admin/audit', audit, async (request, reply) => {
    const { limit = DEFAULT_PAGE_LIMIT, cursor } = request.query;
    const before = cursor === undefined ? {} : { before: Number(decodeCursor(cursor, CURSOR_NUMBER)) };
    const rows = await listAudit(services.db, { limit: limit + 1, ...before });
    const page = pageOfRows(rows, limit, (row) => row.auditId, wire);
    if (page.page.next_cursor !== null) void reply.header('link', nextLink(request.url, page.page.next_cursor));
    return page;
  });
}

function registerMaintenance(app: Api, services: ApiServices): void {
  const read = operation({
    id: 'getMaintenance',
    tag: 'admin',
    summary: 'Whether the service is in maintenance',
    access: 'admin',
    responses: { 200: ref(Maintenance) },
    duringMaintenance: true,
  });
  app.get('/api/v2/admin/maintenance', read, async () => presentMaintenance(await getMaintenance(services.db)));

  const write = operation({
    id: 'setMaintenance',
    tag: 'admin',
    summary: 'Switch maintenance on or off; all replicas see it within 2 s',
    description:
      'In maintenance everything under /api/v1 and /api/v2 but this answers 503, and workers finish what they hold without taking more.',
    access: 'admin',
    request: { body: SetMaintenance },
    responses: { 200: ref(Maintenance) },
    duringMaintenance: true,
  });
  app.put('/api/v2/admin/maintenance', write, async (request) => {
    const { subject } = principalOfRequest(request);
    const { enabled, message = null, until } = request.body;
    const now = services.clock.now();
    const end = until === undefined ? null : new Date(until);
    if (end && end <= now)
      throw new MgeError('VALIDATION_FAILED', 'The maintenance would end before it begins.', {
        fields: [{ pointer: '/until', detail: 'lies in the past' }],
      });
    const state = await services.db.transaction(async (tx) => {
      await writeAudit(tx, {
        actor: subject,
        action: enabled ? 'maintenance.on' : 'maintenance.off',
        subject: 'service',
        details: { message, until: until ?? null },
      });
      return setMaintenance(tx, { enabled, message, until: end, by: subject, now });
    });
    services.maintenance.forget();
    return presentMaintenance(state);
  });
}

function presentMaintenance(state: MaintenanceState): Static<typeof Maintenance> {
  return wire(state);
}
