/**
 * The tables that an MVP database already has. V2 adds columns to `masterplans` and `masterplan_tasks`; `masterplan_subtasks`
 * is deprecated and kept for audit.
 */
import {
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import { MASTERPLAN_STATES, PLANNING_STATES, PRIORITIES, TASK_COMPLEXITIES } from '../../domain/index.ts';
import { bytea, instant } from './columns.ts';

export const masterplanStatus = pgEnum('masterplan_status', MASTERPLAN_STATES);
export const taskStatus = pgEnum('task_status', [
  'pending',
  'ready',
  'in_progress',
  'validating',
  'completed',
  'failed',
  'skipped',
  'blocked',
]);
export const taskComplexity = pgEnum('task_complexity', TASK_COMPLEXITIES);
export const phaseType = pgEnum('phase_type', ['setup', 'core', 'polish']);
export const planningStatus = pgEnum('planning_status', PLANNING_STATES);
export const requirementPriority = pgEnum('requirement_priority', PRIORITIES);

export const users = pgTable('users', {
  userId: uuid('user_id').primaryKey(),
  email: varchar('email', { length: 255 }).notNull(),
  username: varchar('username', { length: 100 }),
  passwordHash: varchar('password_hash', { length: 255 }),
  isActive: boolean('is_active').notNull().default(true),
  isSuperuser: boolean('is_superuser').notNull().default(false),
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});

/** What a client asked for, before planning. */
export const discoveryDocuments = pgTable('discovery_documents', {
  discoveryId: uuid('discovery_id').primaryKey(),
  sessionId: varchar('session_id', { length: 100 }).notNull(),
  userId: text('user_id').notNull(),
  userRequest: text('user_request').notNull(),
  domain: varchar('domain', { length: 200 }).notNull(),
  boundedContexts: jsonb('bounded_contexts').notNull().default([]),
  aggregates: jsonb('aggregates').notNull().default([]),
  valueObjects: jsonb('value_objects').notNull().default([]),
  domainEvents: jsonb('domain_events').notNull().default([]),
  services: jsonb('services').notNull().default([]),
  assumptions: jsonb('assumptions').notNull().default([]),
  clarificationsNeeded: jsonb('clarifications_needed').notNull().default([]),
  riskFactors: jsonb('risk_factors').notNull().default([]),
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});

export const masterplans = pgTable(
  'masterplans',
  {
    masterplanId: uuid('masterplan_id').primaryKey(),
    discoveryId: uuid('discovery_id')
      .notNull()
      .references(() => discoveryDocuments.discoveryId, { onDelete: 'cascade' }),
    sessionId: varchar('session_id', { length: 100 }).notNull(),
    /** A free string in V2: the subject that owns the plan. */
    userId: text('user_id').notNull(),
    projectName: varchar('project_name', { length: 200 }).notNull(),
    description: text('description'),
    status: masterplanStatus('status').notNull().default('draft'),
    techStack: jsonb('tech_stack').$type<Record<string, string>>().notNull().default({}),
    architectureStyle: varchar('architecture_style', { length: 100 }),
    totalPhases: integer('total_phases').notNull().default(0),
    totalMilestones: integer('total_milestones').notNull().default(0),
    totalTasks: integer('total_tasks').notNull().default(0),
    totalSubtasks: integer('total_subtasks').notNull().default(0),
    completedTasks: integer('completed_tasks').notNull().default(0),
    failedTasks: integer('failed_tasks').notNull().default(0),
    skippedTasks: integer('skipped_tasks').notNull().default(0),
    progressPercent: doublePrecision('progress_percent').notNull().default(0),
    estimatedCostUsd: doublePrecision('estimated_cost_usd'),
    actualCostUsd: doublePrecision('actual_cost_usd').notNull().default(0),
    estimatedDurationMinutes: integer('estimated_duration_minutes'),
    actualDurationMinutes: integer('actual_duration_minutes'),
    llmModel: varchar('llm_model', { length: 100 }),
    generationCostUsd: doublePrecision('generation_cost_usd'),
    generationTokens: integer('generation_tokens'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    approvedAt: instant('approved_at'),
    startedAt: instant('started_at'),
    completedAt: instant('completed_at'),
    // V2
    v2Mode: boolean('v2_mode').notNull().default(true),
    atomizationConfig: jsonb('atomization_config').$type<Record<string, unknown>>(),
    /** References dependency_graphs(graph_id) ON DELETE SET NULL; the constraint is in the migration (the tables refer to each other). */
    graphId: uuid('graph_id'),
    totalAtoms: integer('total_atoms').notNull().default(0),
    totalWaves: integer('total_waves').notNull().default(0),
    maxParallelism: integer('max_parallelism').notNull().default(0),
    precisionPercent: doublePrecision('precision_percent'),
    planningStatus: planningStatus('planning_status').notNull().default('ready'),
    planningError: jsonb('planning_error').$type<Record<string, unknown>>(),
    provider: varchar('provider', { length: 50 }),
    /** What the client set: provider, model, budget_usd, max_attempts, concurrency, review_fraction, seed, deterministic. */
    config: jsonb('config').$type<Record<string, unknown>>().notNull().default({}),
    /** understood, assumed, left_out and checks of the plan. */
    planNotes: jsonb('plan_notes').$type<Record<string, unknown>>().notNull().default({}),
    deletedAt: instant('deleted_at'),
  },
  (t) => [
    index('ix_masterplans_user').on(t.userId, t.createdAt, t.masterplanId),
    index('ix_masterplans_discovery').on(t.discoveryId),
    index('ix_masterplans_graph').on(t.graphId),
    index('ix_masterplans_v2_mode').on(t.v2Mode),
  ],
);

export const masterplanPhases = pgTable(
  'masterplan_phases',
  {
    phaseId: uuid('phase_id').primaryKey(),
    masterplanId: uuid('masterplan_id')
      .notNull()
      .references(() => masterplans.masterplanId, { onDelete: 'cascade' }),
    phaseType: phaseType('phase_type').notNull(),
    phaseNumber: integer('phase_number').notNull(),
    name: varchar('name', { length: 200 }).notNull(),
    description: text('description'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [index('ix_phases_masterplan').on(t.masterplanId)],
);

export const masterplanMilestones = pgTable(
  'masterplan_milestones',
  {
    milestoneId: uuid('milestone_id').primaryKey(),
    phaseId: uuid('phase_id')
      .notNull()
      .references(() => masterplanPhases.phaseId, { onDelete: 'cascade' }),
    milestoneNumber: integer('milestone_number').notNull(),
    name: varchar('name', { length: 200 }).notNull(),
    description: text('description'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [index('ix_milestones_phase').on(t.phaseId)],
);

export const masterplanTasks = pgTable(
  'masterplan_tasks',
  {
    taskId: uuid('task_id').primaryKey(),
    masterplanId: uuid('masterplan_id')
      .notNull()
      .references(() => masterplans.masterplanId, { onDelete: 'cascade' }),
    phaseId: uuid('phase_id').references(() => masterplanPhases.phaseId, { onDelete: 'cascade' }),
    milestoneId: uuid('milestone_id')
      .notNull()
      .references(() => masterplanMilestones.milestoneId, { onDelete: 'cascade' }),
    taskNumber: integer('task_number').notNull(),
    name: varchar('name', { length: 300 }).notNull(),
    description: text('description').notNull(),
    complexity: taskComplexity('complexity').notNull().default('medium'),
    taskType: varchar('task_type', { length: 100 }),
    /** Task ids. */
    dependsOnTasks: jsonb('depends_on_tasks').$type<string[]>().notNull().default([]),
    blocksTasks: jsonb('blocks_tasks').$type<string[]>().notNull().default([]),
    status: taskStatus('status').notNull().default('pending'),
    targetFiles: jsonb('target_files').$type<string[]>().notNull().default([]),
    modifiedFiles: jsonb('modified_files').$type<string[]>().notNull().default([]),
    /** The model that wrote the draft; null for one that was brought or comes of a blueprint. */
    llmModel: varchar('llm_model', { length: 100 }),
    llmPrompt: text('llm_prompt'),
    /** Draft source as text; null when `draft_bytes` holds it or there is none. */
    llmResponse: text('llm_response'),
    llmCostUsd: doublePrecision('llm_cost_usd'),
    llmTokensIn: integer('llm_tokens_in'),
    llmTokensOut: integer('llm_tokens_out'),
    llmCached: boolean('llm_cached').notNull().default(false),
    validationPassed: boolean('validation_passed'),
    validationErrors: jsonb('validation_errors'),
    validationLogs: text('validation_logs'),
    retryCount: integer('retry_count').notNull().default(0),
    maxRetries: integer('max_retries').notNull().default(1),
    lastError: text('last_error'),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    startedAt: instant('started_at'),
    completedAt: instant('completed_at'),
    // V2
    filePath: varchar('file_path', { length: 1000 }),
    language: varchar('language', { length: 50 }),
    /** Draft source as bytes, only where text would lose something (not UTF-8, or NUL inside). */
    draftBytes: bytea('draft_bytes'),
    /** SHA-256 of the draft that the stored atoms were cut from; null = not decomposed. */
    decomposedSha256: varchar('decomposed_sha256', { length: 64 }),
    requirementPriority: requirementPriority('requirement_priority').notNull().default('must'),
    acceptanceCriteria: jsonb('acceptance_criteria')
      .$type<{ text: string; priority: string; test: string | null }[]>()
      .notNull()
      .default([]),
  },
  (t) => [
    index('ix_tasks_masterplan').on(t.masterplanId, t.taskNumber),
    index('ix_tasks_phase').on(t.phaseId),
    index('ix_tasks_milestone').on(t.milestoneId, t.taskNumber),
    index('ix_tasks_status').on(t.status),
  ],
);

/** Deprecated by atoms; kept for audit. */
export const masterplanSubtasks = pgTable(
  'masterplan_subtasks',
  {
    subtaskId: uuid('subtask_id').primaryKey(),
    taskId: uuid('task_id')
      .notNull()
      .references(() => masterplanTasks.taskId, { onDelete: 'cascade' }),
    subtaskNumber: integer('subtask_number').notNull(),
    name: varchar('name', { length: 300 }).notNull(),
    description: text('description'),
    status: taskStatus('status').notNull().default('pending'),
    completed: boolean('completed').notNull().default(false),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [index('ix_subtasks_task').on(t.taskId)],
);
