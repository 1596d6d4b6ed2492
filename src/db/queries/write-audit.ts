import type { Tx } from '../client.ts';
import { auditLog } from '../schema/index.ts';

export interface AuditEntry {
  /** Token subject, or `cli:<user>`. */
  readonly actor: string;
  /** e.g. `maintenance.on`, `review.approve`. */
  readonly action: string;
  /** What it was done to, e.g. `masterplan:<id>`. */
  readonly subject: string;
  /** Never secrets. */
  readonly details?: Record<string, unknown>;
  /** Default: the time of the transaction. */
  readonly at?: Date;
}

/** Notes who did what, in the transaction that does it. */
export async function writeAudit(tx: Tx, entry: AuditEntry): Promise<void> {
  await tx.insert(auditLog).values(entry);
}
