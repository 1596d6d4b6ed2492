/** What the engine and the API keep beside the seven tables: executions, stage jobs, costs, events, idempotency, audit, system state. */
import {
  bigint,
  bigserial,
  doublePrecision,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';
import { EXECUTION_STATES } from '../../domain/index.ts';
import { bytea, instant } from './columns.ts';
import { masterplans } from './mvp.ts';
import { dependencyGraphs } from './v2.ts';

/** One run of a masterplan. At most one active (queued, running, paused, waiting) per masterplan: a partial unique index says so. */
export const executions = pgTable(
  'executions',
  {
    executionId: uuid('execution_id').primaryKey(),
    masterplanId: uuid('masterplan_id')
      .notNull()
      .references(() => masterplans.masterplanId, { onDelete: 'cascade' }),
    graphId: uuid('graph_id')
      .notNull()
      .references(() => dependencyGraphs.graphId, { onDelete: 'cascade' }),
    status: varchar('status', { length: 20, enum: EXECUTION_STATES }).notNull(),
    pausedReason: text('paused_reason'),
    /** Highest wave that may be dispatched; null = all. */
    waveLimit: integer('wave_limit'),
    provider: varchar('provider', { length: 50 }).notNull(),
    model: varchar('model', { length: 100 }),
    seed: bigint('seed', { mode: 'number' }).notNull().default(0),
    concurrency: integer('concurrency').notNull(),
    maxAttempts: integer('max_attempts').notNull(),
    config: jsonb('config').$type<Record<string, unknown>>().notNull().default({}),
    /** Composition of the precision; null until level 4 or the end of the run. */
    precision: jsonb('precision').$type<Record<string, unknown>>(),
    precisionPercent: doublePrecision('precision_percent'),
    startedBy: text('started_by').notNull(),
    /** Seconds spent in `running`, without pauses; the current stretch is added from `running_since`. */
    activeSeconds: doublePrecision('active_seconds').notNull().default(0),
    runningSince: instant('running_since'),
    traceparent: varchar('traceparent', { length: 100 }),
    createdAt: instant('created_at').notNull().defaultNow(),
    startedAt: instant('started_at'),
    completedAt: instant('completed_at'),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('uq_executions_active')
      .on(t.masterplanId)
      .where(sql`status in ('queued','running','paused','waiting')`),
    index('ix_executions_masterplan').on(t.masterplanId, t.createdAt),
    index('ix_executions_created').on(t.createdAt),
    index('ix_executions_graph').on(t.graphId),
  ],
);

/**
 * What is in flight: one row per atom from the moment it is ready until it is accepted or given up. Narrow, because each atom
 * passes through it; no foreign keys, because rows live for seconds and are written thousands of times a second.
 */
export const atomQueue = pgTable(
  'atom_queue',
  {
    atomId: uuid('atom_id').primaryKey(),
    executionId: uuid('execution_id').notNull(),
    waveNumber: integer('wave_number').notNull(),
    atomNumber: integer('atom_number').notNull(),
    /** Effort of the longest chain of dependents: the highest goes first. */
    priority: doublePrecision('priority').notNull(),
    state: varchar('state', { length: 10, enum: ['ready', 'running'] })
      .notNull()
      .default('ready'),
    /** Claims since the last attempt that ended: more than one means that workers died or lost their lease on it. */
    deliveries: integer('deliveries').notNull().default(0),
    /** Claims in a row that a provider could not serve. */
    postponements: integer('postponements').notNull().default(0),
    /** Not to be claimed before (a provider asked to wait). */
    availableAt: instant('available_at').notNull().defaultNow(),
    /** Fencing: a result is taken only from the claim that holds this token. */
    claimToken: uuid('claim_token'),
    claimedBy: varchar('claimed_by', { length: 200 }),
    leaseUntil: instant('lease_until'),
  },
  (t) => [
    index('ix_atom_queue_ready')
      .on(t.executionId, t.priority.desc().nullsFirst(), t.atomNumber)
      .where(sql`state = 'ready'`),
    index('ix_atom_queue_running')
      .on(t.executionId, t.leaseUntil)
      .where(sql`state = 'running'`),
  ],
);

/** A stage that may outlast an HTTP call (planning, decomposing, building, validating): the API waits for the row or answers 202 with its address. */
export const stageJobs = pgTable(
  'stage_jobs',
  {
    jobId: uuid('job_id').primaryKey(),
    masterplanId: uuid('masterplan_id')
      .notNull()
      .references(() => masterplans.masterplanId, { onDelete: 'cascade' }),
    kind: varchar('kind', { length: 20, enum: ['plan', 'decompose', 'build_graph', 'finalize', 'validate'] }).notNull(),
    /** What the stage is about, where that is not the whole masterplan. */
    input: jsonb('input').$type<Record<string, unknown>>(),
    /** SHA-256 of the input; empty without one. Of the same kind and input, one job at a time is under way. */
    inputKey: varchar('input_key', { length: 64 }).notNull().default(''),
    status: varchar('status', { length: 20, enum: ['queued', 'running', 'completed', 'failed'] }).notNull(),
    progress: jsonb('progress').$type<{ done: number; total: number }>(),
    result: jsonb('result').$type<Record<string, unknown>>(),
    /** code and message of the failure, as the problem document shows them. */
    error: jsonb('error').$type<{ code: string; message: string }>(),
    claimToken: uuid('claim_token'),
    leaseUntil: instant('lease_until'),
    attempts: integer('attempts').notNull().default(0),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('uq_stage_jobs_active')
      .on(t.masterplanId, t.kind, t.inputKey)
      .where(sql`status in ('queued','running')`),
    index('ix_stage_jobs_masterplan').on(t.masterplanId, t.createdAt),
  ],
);

/** Every paid call: reserved before, settled or released after. */
export const costLedger = pgTable(
  'cost_ledger',
  {
    entryId: uuid('entry_id').primaryKey(),
    masterplanId: uuid('masterplan_id')
      .notNull()
      .references(() => masterplans.masterplanId, { onDelete: 'cascade' }),
    executionId: uuid('execution_id'),
    atomId: uuid('atom_id'),
    attemptNumber: integer('attempt_number'),
    operation: varchar('operation', { length: 30 }).notNull(),
    provider: varchar('provider', { length: 50 }).notNull(),
    model: varchar('model', { length: 100 }),
    status: varchar('status', { length: 10, enum: ['reserved', 'settled', 'released'] }).notNull(),
    reservedUsd: numeric('reserved_usd', { precision: 12, scale: 6 }).notNull(),
    settledUsd: numeric('settled_usd', { precision: 12, scale: 6 }),
    tokensIn: integer('tokens_in'),
    tokensOut: integer('tokens_out'),
    /** Digest of everything that the answer depends on; null where no answer is kept. */
    requestKey: varchar('request_key', { length: 64 }),
    /** The answer that was paid for, so that nobody pays for it again after a crash. */
    answer: bytea('answer'),
    createdAt: instant('created_at').notNull().defaultNow(),
    settledAt: instant('settled_at'),
  },
  (t) => [
    index('ix_ledger_masterplan').on(t.masterplanId, t.status),
    index('ix_ledger_execution').on(t.executionId),
    index('ix_ledger_atom').on(t.atomId),
    index('ix_ledger_request').on(t.masterplanId, t.requestKey),
  ],
);

/** What happened in an execution, in order: the source of live events. */
export const executionEvents = pgTable(
  'execution_events',
  {
    eventId: bigserial('event_id', { mode: 'number' }).primaryKey(),
    masterplanId: uuid('masterplan_id')
      .notNull()
      .references(() => masterplans.masterplanId, { onDelete: 'cascade' }),
    executionId: uuid('execution_id'),
    type: varchar('type', { length: 50 }).notNull(),
    data: jsonb('data').$type<Record<string, unknown>>().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    index('ix_events_execution').on(t.executionId, t.eventId),
    index('ix_events_masterplan').on(t.masterplanId, t.eventId),
  ],
);

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** Subject, method and route, so that keys of different callers and calls never meet. */
    scope: text('scope').notNull(),
    key: varchar('key', { length: 255 }).notNull(),
    bodySha256: varchar('body_sha256', { length: 64 }).notNull(),
    status: varchar('status', { length: 12, enum: ['in_progress', 'completed'] }).notNull(),
    responseStatus: integer('response_status'),
    responseBody: jsonb('response_body'),
    responseHeaders: jsonb('response_headers').$type<Record<string, string>>(),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.scope, t.key] }), index('ix_idempotency_expires').on(t.expiresAt)],
);

export const auditLog = pgTable(
  'audit_log',
  {
    auditId: bigserial('audit_id', { mode: 'number' }).primaryKey(),
    at: instant('at').notNull().defaultNow(),
    actor: text('actor').notNull(),
    action: varchar('action', { length: 100 }).notNull(),
    subject: text('subject').notNull(),
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [index('ix_audit_at').on(t.at)],
);

/** Switches that all replicas see, e.g. `maintenance`. */
export const systemState = pgTable('system_state', {
  key: varchar('key', { length: 100 }).primaryKey(),
  value: jsonb('value').$type<Record<string, unknown>>().notNull(),
  updatedBy: text('updated_by').notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});

/** Authenticated requests per user and hour, for the active-users figures. */
export const userActivity = pgTable(
  'user_activity',
  {
    userId: text('user_id').notNull(),
    hour: instant('hour').notNull(),
    requests: integer('requests').notNull(),
    lastSeenAt: instant('last_seen_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.hour] }), index('ix_activity_last_seen').on(t.lastSeenAt)],
);
