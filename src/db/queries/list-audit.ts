import { desc, lt } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { auditLog } from '../schema/index.ts';

export type AuditRow = typeof auditLog.$inferSelect;

/** The audit log, newest first; `before` is the `auditId` of the last entry of the previous page. */
export async function listAudit(tx: Tx, page: { limit: number; before?: number }): Promise<AuditRow[]> {
  return tx
    .select()
    .from(auditLog)
    .where(page.before === undefined ? undefined : lt(auditLog.auditId, page.before))
    .orderBy(desc(auditLog.auditId))
    .limit(page.limit);
}
