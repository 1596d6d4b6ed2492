import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { oneRow } from './rows.ts';

/** Windows in seconds, each ending now. */
export const ACTIVITY_WINDOWS = { '5m': 300, '1h': 3_600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 } as const;
export type ActivityWindow = keyof typeof ACTIVITY_WINDOWS;

/** How many different users made an authenticated request within each window before `now`. */
export async function activeUsers(tx: Tx, now: Date): Promise<Record<ActivityWindow, number>> {
  const until = sql`${now.toISOString()}::timestamptz`;
  const counts = Object.entries(ACTIVITY_WINDOWS).map(
    ([name, seconds]) =>
      sql`(count(DISTINCT user_id) FILTER (WHERE last_seen_at > ${until} - make_interval(secs => ${seconds})))::int
          AS ${sql.identifier(name)}`,
  );
  return oneRow(
    tx,
    sql`SELECT ${sql.join(counts, sql`, `)} FROM user_activity
        WHERE last_seen_at > ${until} - make_interval(secs => ${ACTIVITY_WINDOWS['30d']}) AND last_seen_at <= ${until}`,
  );
}
