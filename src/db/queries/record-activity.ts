import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { userActivity } from '../schema/index.ts';

const HOUR_MS = 3_600_000;

/** Counts `requests` (default 1) of a user in the hour of `at`. */
export async function recordActivity(tx: Tx, userId: string, at: Date, requests = 1): Promise<void> {
  await tx
    .insert(userActivity)
    .values({ userId, hour: new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS), requests, lastSeenAt: at })
    .onConflictDoUpdate({
      target: [userActivity.userId, userActivity.hour],
      set: {
        requests: sql`${userActivity.requests} + excluded.requests`,
        lastSeenAt: sql`greatest(${userActivity.lastSeenAt}, excluded.last_seen_at)`,
      },
    });
}
