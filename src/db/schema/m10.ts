/** Schema `m10_recovery`: locks, replay log, dead letters and outbox. Its nine functions are in the migration of the same name. */
import { bigserial, index, integer, jsonb, pgSchema, text, unique, uuid, varchar } from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';
import { instant } from './columns.ts';

export const m10Recovery = pgSchema('m10_recovery');

export const distributedLocks = m10Recovery.table('distributed_locks', {
  lockName: varchar('lock_name', { length: 200 }).primaryKey(),
  holderId: varchar('holder_id', { length: 200 }).notNull(),
  acquiredAt: instant('acquired_at').notNull().defaultNow(),
  expiresAt: instant('expires_at').notNull(),
});

export const replayLog = m10Recovery.table(
  'replay_log',
  {
    replayId: bigserial('replay_id', { mode: 'number' }).primaryKey(),
    originalMsgId: varchar('original_msg_id', { length: 200 }).notNull(),
    newMsgId: varchar('new_msg_id', { length: 200 }),
    replayedBy: text('replayed_by').notNull(),
    replayedAt: instant('replayed_at').notNull().defaultNow(),
  },
  (t) => [unique('uq_replay_original').on(t.originalMsgId)],
);

export const deadLetterArchive = m10Recovery.table(
  'dead_letter_archive',
  {
    archiveId: bigserial('archive_id', { mode: 'number' }).primaryKey(),
    msgId: varchar('msg_id', { length: 200 }).notNull(),
    queueName: varchar('queue_name', { length: 100 }).notNull(),
    payload: jsonb('payload').$type<Record<string, unknown>>().notNull(),
    reason: text('reason').notNull(),
    attempts: integer('attempts').notNull().default(0),
    archivedAt: instant('archived_at').notNull().defaultNow(),
    replayedAt: instant('replayed_at'),
  },
  (t) => [unique('uq_dead_letters_msg').on(t.msgId), index('ix_dead_letters_archived').on(t.archivedAt)],
);

export const outbox = m10Recovery.table(
  'outbox',
  {
    eventId: bigserial('event_id', { mode: 'number' }).primaryKey(),
    aggregateType: varchar('aggregate_type', { length: 50 }).notNull(),
    aggregateId: uuid('aggregate_id').notNull(),
    eventType: varchar('event_type', { length: 100 }).notNull(),
    payload: jsonb('payload').$type<Record<string, unknown>>().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** Set while a relay holds the event; it may be claimed again after this. */
    claimedUntil: instant('claimed_until'),
    claimedBy: varchar('claimed_by', { length: 200 }),
    processedAt: instant('processed_at'),
    retryCount: integer('retry_count').notNull().default(0),
    nextAttemptAt: instant('next_attempt_at').notNull().defaultNow(),
    lastError: text('last_error'),
  },
  (t) => [
    index('ix_outbox_pending')
      .on(t.nextAttemptAt, t.eventId)
      .where(sql`processed_at is null`),
  ],
);
