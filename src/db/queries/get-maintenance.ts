import { eq } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { systemState } from '../schema/index.ts';

/** Key of the row in `system_state`. */
export const MAINTENANCE_KEY = 'maintenance';

export interface Maintenance {
  readonly enabled: boolean;
  /** Shown to callers; null when the operator gave none. */
  readonly message: string | null;
  /** When the operator expects it to end. */
  readonly until: Date | null;
  /** When it was switched on; null while it is off. */
  readonly since: Date | null;
  /** Who switched it last; null when nobody ever did. */
  readonly by: string | null;
}

const NEVER: Maintenance = { enabled: false, message: null, until: null, since: null, by: null };

/** The maintenance switch as all replicas see it; off when it was never touched. */
export async function getMaintenance(tx: Tx): Promise<Maintenance> {
  const [row] = await tx.select().from(systemState).where(eq(systemState.key, MAINTENANCE_KEY));
  return row === undefined ? NEVER : readMaintenance(row);
}

/** The stored form as the program uses it. */
export function readMaintenance(row: { value: Record<string, unknown>; updatedBy: string }): Maintenance {
  const { enabled, message, until, since } = row.value;
  return {
    enabled: enabled === true,
    message: typeof message === 'string' ? message : null,
    until: typeof until === 'string' ? new Date(until) : null,
    since: typeof since === 'string' ? new Date(since) : null,
    by: row.updatedBy,
  };
}
