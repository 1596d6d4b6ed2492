import { userInfo } from 'node:os';
import { systemClock } from '../../adapters/runtime.ts';
import type { Config } from '../../config/index.ts';
import { getMaintenance, type Maintenance } from '../../db/queries/get-maintenance.ts';
import { setMaintenance } from '../../db/queries/set-maintenance.ts';
import { writeAudit } from '../../db/queries/write-audit.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { withDatabase } from '../with-database.ts';
import { spanSeconds } from './token.ts';

export interface MaintenanceOptions {
  readonly message?: string;
  /** A span as `30m`: when clients should come back. */
  readonly retryAfter?: string;
}

function describe(state: Maintenance): string {
  if (!state.enabled) return 'maintenance is off';
  const parts = [
    `maintenance is on since ${state.since?.toISOString() ?? 'an unknown time'}`,
    `by ${state.by ?? 'unknown'}`,
  ];
  if (state.until) parts.push(`until ${state.until.toISOString()}`);
  if (state.message) parts.push(`"${state.message}"`);
  return parts.join(', ');
}

/** Switches maintenance mode or tells it. `status` answers with exit code 1 while it is on, so that scripts can wait for it. */
export async function runMaintenance(
  config: Config,
  action: 'on' | 'off' | 'status',
  options: MaintenanceOptions,
): Promise<ExitCode> {
  return withDatabase(config, async ({ db }) => {
    if (action !== 'status') {
      const now = systemClock.now();
      const by = `cli:${userInfo().username}`;
      const until =
        action === 'on' && options.retryAfter ? new Date(now.getTime() + spanSeconds(options.retryAfter) * 1000) : null;
      await db.transaction(async (tx) => {
        await setMaintenance(tx, { enabled: action === 'on', message: options.message ?? null, until, by, now });
        await writeAudit(tx, {
          actor: by,
          action: `maintenance.${action}`,
          subject: 'system',
          details: { message: options.message ?? null },
        });
      });
    }
    const state = await getMaintenance(db);
    process.stdout.write(`${describe(state)}\n`);
    return action === 'status' && state.enabled ? EXIT.failed : EXIT.ok;
  });
}
