import { sql } from 'drizzle-orm';
import { MgeError } from '../../domain/index.ts';
import type { Tx } from '../client.ts';
import { systemState } from '../schema/index.ts';
import { MAINTENANCE_KEY, readMaintenance, type Maintenance } from './get-maintenance.ts';

export interface MaintenanceChange {
  readonly enabled: boolean;
  readonly message?: string | null;
  readonly until?: Date | null;
  /** Who switches. */
  readonly by: string;
  readonly now: Date;
}

/** Switches maintenance on or off for all replicas. Switching on again while it is on changes the text, not `since`. */
export async function setMaintenance(tx: Tx, change: MaintenanceChange): Promise<Maintenance> {
  const value = change.enabled
    ? {
        enabled: true,
        message: change.message ?? null,
        until: change.until?.toISOString() ?? null,
        since: change.now.toISOString(),
      }
    : { enabled: false };
  const [row] = await tx
    .insert(systemState)
    .values({ key: MAINTENANCE_KEY, value, updatedBy: change.by, updatedAt: change.now })
    .onConflictDoUpdate({
      target: systemState.key,
      set: {
        value: sql`CASE WHEN (${systemState.value}->>'enabled')::boolean AND (excluded.value->>'enabled')::boolean
                        THEN excluded.value || jsonb_build_object('since', ${systemState.value}->'since')
                        ELSE excluded.value END`,
        updatedBy: sql`excluded.updated_by`,
        updatedAt: sql`excluded.updated_at`,
      },
    })
    .returning();
  if (row === undefined) throw new MgeError('INTERNAL', 'storing the maintenance switch returned no row');
  return readMaintenance(row);
}
