/** The seven V2 tables. */
import {
  type AnyPgColumn,
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import { sql } from 'drizzle-orm';
import {
  ATOM_STATES,
  type AtomContext,
  type AtomicityViolation,
  CHECK_OUTCOMES,
  type CheckOutcome,
  DEPENDENCY_TYPES,
  type Finding,
  REVIEW_STATES,
  type TestCase,
  VALIDATION_LEVELS,
  WAVE_STATES,
} from '../../domain/index.ts';
import { bytea, instant, upperEnum } from './columns.ts';
import { masterplans, masterplanTasks } from './mvp.ts';

/** What `validation_results.error_details` holds. */
export interface StoredErrorDetails {
  readonly part?: string;
  /** Names the text of the file that was checked (level 2). */
  readonly fingerprint?: string;
  /** What the level as a whole came to: a level can fail by its score though no check failed. */
  readonly levelOutcome?: CheckOutcome;
  readonly findings: readonly Finding[];
  readonly tests?: { readonly passed: number; readonly failed: number; readonly skipped: number };
  readonly cases?: readonly TestCase[];
}

const atomStatus = upperEnum('atom_status', ATOM_STATES);
const dependencyType = upperEnum('dependency_type', DEPENDENCY_TYPES);
const validationLevel = upperEnum('validation_level', VALIDATION_LEVELS);
const waveStatus = upperEnum('wave_status', WAVE_STATES);
const reviewStatus = upperEnum('review_status', REVIEW_STATES);
const reviewResolution = upperEnum('review_resolution', ['approve', 'edit', 'reject', 'regenerate', 'skip']);

export const atomicUnits = pgTable(
  'atomic_units',
  {
    atomId: uuid('atom_id').primaryKey(),
    masterplanId: uuid('masterplan_id')
      .notNull()
      .references(() => masterplans.masterplanId, { onDelete: 'cascade' }),
    taskId: uuid('task_id').references(() => masterplanTasks.taskId, { onDelete: 'set null' }),
    /** 1-based, in plan order (task, then position in the file); the unique constraint is deferrable. */
    atomNumber: integer('atom_number').notNull(),
    /** 0-based position within its file: the order in which atoms join to the file. */
    fileOrdinal: integer('file_ordinal').notNull(),
    name: varchar('name', { length: 1000 }).notNull(),
    description: text('description').notNull(),
    role: varchar('role', { length: 30 }).notNull(),
    /** Dotted path of the enclosing declarations, e.g. `TodoRepository.find`; empty at module level. */
    symbolPath: text('symbol_path').notNull().default(''),
    parentAtomId: uuid('parent_atom_id').references((): AnyPgColumn => atomicUnits.atomId, { onDelete: 'set null' }),
    /** The draft slice as text (lossy only where `code_bytes` is set). */
    codeToGenerate: text('code_to_generate').notNull(),
    /** The draft slice as bytes where text would lose something. */
    codeBytes: bytea('code_bytes'),
    filePath: varchar('file_path', { length: 1000 }).notNull(),
    lineStart: integer('line_start').notNull(),
    lineEnd: integer('line_end').notNull(),
    startByte: integer('start_byte').notNull(),
    endByte: integer('end_byte').notNull(),
    language: varchar('language', { length: 50 }).notNull(),
    /** Lines that hold code. */
    loc: integer('loc').notNull(),
    estimatedLoc: integer('estimated_loc').generatedAlwaysAs(sql`loc`),
    complexity: doublePrecision('complexity').notNull(),
    imports: jsonb('imports'),
    typeSchema: jsonb('type_schema'),
    preconditions: jsonb('preconditions'),
    postconditions: jsonb('postconditions'),
    testCases: jsonb('test_cases'),
    contextJson: jsonb('context_json').$type<AtomContext>().notNull(),
    contextCompleteness: doublePrecision('context_completeness').notNull(),
    atomicityScore: doublePrecision('atomicity_score').notNull(),
    atomicityViolations: jsonb('atomicity_violations').$type<AtomicityViolation[]>().notNull().default([]),
    isAtomic: boolean('is_atomic').notNull(),
    status: atomStatus('status').notNull().default('pending'),
    waveNumber: integer('wave_number'),
    attempts: integer('attempts').notNull().default(0),
    maxAttempts: integer('max_attempts').notNull().default(4),
    /** Direct dependencies that are not accepted yet; the atom is ready at 0. Maintained by the execution engine. */
    unmetDependencies: integer('unmet_dependencies').notNull().default(0),
    /** Expected effort of the longest chain of dependents, for critical-path-first order. */
    criticalPath: doublePrecision('critical_path').notNull().default(0),
    claimToken: uuid('claim_token'),
    claimedBy: varchar('claimed_by', { length: 200 }),
    leaseUntil: instant('lease_until'),
    /** What was accepted for this slice last; stays while the atom is tried again, unless a reviewer rejected it. */
    acceptedCode: text('accepted_code'),
    acceptedBytes: bytea('accepted_bytes'),
    acceptedSha256: varchar('accepted_sha256', { length: 64 }),
    /** Who made the accepted text: a provider name (`blueprint`, …), `client` (brought by the request) or `reviewer`. */
    acceptedProvider: varchar('accepted_provider', { length: 50 }),
    acceptedModel: varchar('accepted_model', { length: 100 }),
    acceptedBy: text('accepted_by'),
    executionResult: text('execution_result'),
    errorMessage: text('error_message'),
    confidenceScore: doublePrecision('confidence_score'),
    needsReview: boolean('needs_review').notNull().default(false),
    reviewPriority: integer('review_priority'),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    startedAt: instant('started_at'),
    completedAt: instant('completed_at'),
  },
  // No index holds status, lease or confidence: an atom changes state several times, and only updates that touch no index stay
  // inside their page. What is in flight is in `atom_queue`.
  (t) => [
    unique('uq_atoms_masterplan_number').on(t.masterplanId, t.atomNumber),
    index('ix_atoms_masterplan_file').on(t.masterplanId, t.filePath, t.fileOrdinal),
    index('ix_atoms_task').on(t.taskId),
    index('ix_atoms_parent').on(t.parentAtomId),
    index('ix_atoms_masterplan_wave').on(t.masterplanId, t.waveNumber),
    index('ix_atoms_needs_review')
      .on(t.masterplanId)
      .where(sql`needs_review`),
  ],
);

export const dependencyGraphs = pgTable(
  'dependency_graphs',
  {
    graphId: uuid('graph_id').primaryKey(),
    masterplanId: uuid('masterplan_id')
      .notNull()
      .references(() => masterplans.masterplanId, { onDelete: 'cascade' }),
    /** Statistics, cut edges with their reasons, units of more than one atom, parallelism profile. Edges are rows of their own. */
    graphData: jsonb('graph_data').$type<Record<string, unknown>>().notNull(),
    /** SHA-256 over the atoms (ids and code) that the graph was built from: the same source is not built twice. */
    sourceSha256: varchar('source_sha256', { length: 64 }).notNull(),
    totalAtoms: integer('total_atoms').notNull(),
    totalEdges: integer('total_edges').notNull(),
    totalWaves: integer('total_waves').notNull(),
    maxParallelism: integer('max_parallelism').notNull(),
    hasCycles: boolean('has_cycles').notNull(),
    topologicalOrder: uuid('topological_order').array().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [uniqueIndex('uq_graphs_masterplan').on(t.masterplanId)],
);

export const atomDependencies = pgTable(
  'atom_dependencies',
  {
    dependencyId: uuid('dependency_id').primaryKey(),
    graphId: uuid('graph_id')
      .notNull()
      .references(() => dependencyGraphs.graphId, { onDelete: 'cascade' }),
    /** The dependent. */
    fromAtomId: uuid('from_atom_id')
      .notNull()
      .references(() => atomicUnits.atomId, { onDelete: 'cascade' }),
    /** The dependency: comes first. */
    toAtomId: uuid('to_atom_id')
      .notNull()
      .references(() => atomicUnits.atomId, { onDelete: 'cascade' }),
    dependencyType: dependencyType('dependency_type').notNull(),
    strength: doublePrecision('strength').notNull().default(1),
    /** `reason`; and `cut` with its reason where the edge was left out of the ordering to break a cycle. */
    metadata: jsonb('metadata').$type<{ reason: string; cut?: string; internal?: boolean }>().notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    unique('uq_dependencies_pair_type').on(t.fromAtomId, t.toAtomId, t.dependencyType),
    index('ix_dependencies_graph').on(t.graphId),
    index('ix_dependencies_to').on(t.toAtomId),
    index('ix_dependencies_type').on(t.dependencyType),
  ],
);

export const validationResults = pgTable(
  'validation_results',
  {
    validationId: uuid('validation_id').primaryKey(),
    masterplanId: uuid('masterplan_id')
      .notNull()
      .references(() => masterplans.masterplanId, { onDelete: 'cascade' }),
    executionId: uuid('execution_id'),
    /** Set for level 1; null for checks of a file, a component or the whole. */
    atomId: uuid('atom_id').references(() => atomicUnits.atomId, { onDelete: 'cascade' }),
    /** File path (module), folder (component) or `.` (system). */
    scope: text('scope').notNull(),
    attemptNumber: integer('attempt_number'),
    validationLevel: validationLevel('validation_level').notNull(),
    levelNumber: integer('level_number').notNull(),
    testType: varchar('test_type', { length: 100 }).notNull(),
    outcome: varchar('outcome', { length: 10, enum: CHECK_OUTCOMES }).notNull(),
    /** False for a check that did not run: not run is not passed. */
    passed: boolean('passed').notNull(),
    reason: text('reason'),
    testOutput: text('test_output'),
    errorDetails: jsonb('error_details').$type<StoredErrorDetails>(),
    executionTimeMs: integer('execution_time_ms').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    index('ix_validations_atom_level').on(t.atomId, t.validationLevel),
    index('ix_validations_masterplan').on(t.masterplanId, t.levelNumber, t.createdAt),
    index('ix_validations_passed').on(t.passed),
  ],
);

export const executionWaves = pgTable(
  'execution_waves',
  {
    waveId: uuid('wave_id').primaryKey(),
    graphId: uuid('graph_id')
      .notNull()
      .references(() => dependencyGraphs.graphId, { onDelete: 'cascade' }),
    /** 1-based. */
    waveNumber: integer('wave_number').notNull(),
    atomIds: uuid('atom_ids').array().notNull(),
    totalAtoms: integer('total_atoms').notNull(),
    completedAtoms: integer('completed_atoms').notNull().default(0),
    failedAtoms: integer('failed_atoms').notNull().default(0),
    status: waveStatus('status').notNull().default('pending'),
    startedAt: instant('started_at'),
    completedAt: instant('completed_at'),
    durationSeconds: integer('duration_seconds'),
  },
  (t) => [unique('uq_waves_graph_number').on(t.graphId, t.waveNumber), index('ix_waves_status').on(t.status)],
);

export const atomRetryHistory = pgTable(
  'atom_retry_history',
  {
    retryId: uuid('retry_id').primaryKey(),
    atomId: uuid('atom_id')
      .notNull()
      .references(() => atomicUnits.atomId, { onDelete: 'cascade' }),
    executionId: uuid('execution_id'),
    /** 1-based over the life of the atom. */
    attemptNumber: integer('attempt_number').notNull(),
    temperature: doublePrecision('temperature').notNull(),
    provider: varchar('provider', { length: 50 }).notNull(),
    model: varchar('model', { length: 100 }),
    promptVariation: text('prompt_variation'),
    candidateSha256: varchar('candidate_sha256', { length: 64 }),
    errorAnalysis: jsonb('error_analysis').$type<{ error_type: string; findings: Finding[] }>(),
    success: boolean('success').notNull(),
    executionResult: text('execution_result'),
    errorMessage: text('error_message'),
    tokensUsed: integer('tokens_used').notNull().default(0),
    costUsd: doublePrecision('cost_usd').notNull().default(0),
    durationMs: integer('duration_ms').notNull().default(0),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [
    unique('uq_attempts_atom_number').on(t.atomId, t.attemptNumber),
    index('ix_attempts_execution').on(t.executionId),
    // Successes are nearly all rows, and are found by their atom.
    index('ix_attempts_success')
      .on(t.success)
      .where(sql`not success`),
  ],
);

export const humanReviewQueue = pgTable(
  'human_review_queue',
  {
    reviewId: uuid('review_id').primaryKey(),
    atomId: uuid('atom_id')
      .notNull()
      .references(() => atomicUnits.atomId, { onDelete: 'cascade' }),
    masterplanId: uuid('masterplan_id')
      .notNull()
      .references(() => masterplans.masterplanId, { onDelete: 'cascade' }),
    confidenceScore: doublePrecision('confidence_score').notNull(),
    /** The four parts of the score with what they were computed from. */
    confidenceParts: jsonb('confidence_parts').$type<Record<string, unknown>>().notNull().default({}),
    flaggedReason: text('flagged_reason').notNull(),
    aiSuggestions: jsonb('ai_suggestions').$type<Record<string, unknown>>().notNull().default({}),
    /** 1 = critical … 5 = low. */
    priority: integer('priority').notNull().default(5),
    status: reviewStatus('status').notNull().default('pending'),
    /** The reviewer (token subject) who holds or decided it. */
    assignedTo: text('assigned_to'),
    leaseUntil: instant('lease_until'),
    reviewerFeedback: text('reviewer_feedback'),
    resolution: reviewResolution('resolution'),
    editedCode: text('edited_code'),
    regenerations: integer('regenerations').notNull().default(0),
    /** Counts decisions; a decision names the version it saw. */
    version: bigint('version', { mode: 'number' }).notNull().default(0),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    assignedAt: instant('assigned_at'),
    reviewedAt: instant('reviewed_at'),
  },
  (t) => [
    uniqueIndex('uq_reviews_atom').on(t.atomId),
    index('ix_reviews_queue').on(t.status, t.priority, t.confidenceScore),
    index('ix_reviews_assigned').on(t.assignedTo),
    index('ix_reviews_masterplan').on(t.masterplanId, t.status),
  ],
);
