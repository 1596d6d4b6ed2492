import { and, asc, eq, gt, sql, type SQL } from 'drizzle-orm';
import { schema, type Tx } from '../../db/index.ts';
import { asId, type AtomStatus, type MasterplanId } from '../../domain/index.ts';

const { atomicUnits: atoms, atomQueue: queue, atomDependencies: edges, atomRetryHistory: attempts } = schema;
const { humanReviewQueue: reviews, validationResults: validations } = schema;

export interface AtomFilter {
  readonly taskId?: string;
  readonly wave?: number;
  readonly status?: AtomStatus;
  readonly filePath?: string;
  readonly needsReview?: boolean;
}

/** While an atom is in flight its state is in the queue table; its own row follows when it ends. */
const status = sql<AtomStatus>`coalesce(${queue.state}, lower(${atoms.status}::text))`;

const summary = {
  atomId: atoms.atomId,
  masterplanId: atoms.masterplanId,
  taskId: atoms.taskId,
  atomNumber: atoms.atomNumber,
  name: atoms.name,
  description: atoms.description,
  role: atoms.role,
  symbolPath: atoms.symbolPath,
  parentAtomId: atoms.parentAtomId,
  filePath: atoms.filePath,
  fileOrdinal: atoms.fileOrdinal,
  language: atoms.language,
  lineStart: atoms.lineStart,
  lineEnd: atoms.lineEnd,
  loc: atoms.loc,
  complexity: atoms.complexity,
  atomicityScore: atoms.atomicityScore,
  isAtomic: atoms.isAtomic,
  contextCompleteness: atoms.contextCompleteness,
  status,
  waveNumber: atoms.waveNumber,
  attempts: atoms.attempts,
  maxAttempts: atoms.maxAttempts,
  confidenceScore: atoms.confidenceScore,
  needsReview: atoms.needsReview,
  acceptedProvider: atoms.acceptedProvider,
  errorMessage: atoms.errorMessage,
};

/** Atoms in plan order, starting behind `after` (an atom number). */
export function listAtoms(tx: Tx, masterplanId: string, filter: AtomFilter, page: { limit: number; after: number }) {
  const conditions: (SQL | undefined)[] = [
    eq(atoms.masterplanId, masterplanId),
    gt(atoms.atomNumber, page.after),
    filter.taskId === undefined ? undefined : eq(atoms.taskId, filter.taskId),
    filter.wave === undefined ? undefined : eq(atoms.waveNumber, filter.wave),
    filter.filePath === undefined ? undefined : eq(atoms.filePath, filter.filePath),
    filter.needsReview === undefined ? undefined : eq(atoms.needsReview, filter.needsReview),
    filter.status === undefined ? undefined : sql`${status} = ${filter.status}`,
  ];
  return tx
    .select(summary)
    .from(atoms)
    .leftJoin(queue, eq(queue.atomId, atoms.atomId))
    .where(and(...conditions))
    .orderBy(asc(atoms.atomNumber))
    .limit(page.limit);
}

/** One atom with its code and context. */
export async function getAtom(tx: Tx, atomId: string) {
  const [row] = await tx
    .select({
      ...summary,
      draft: atoms.codeToGenerate,
      draftBytes: atoms.codeBytes,
      accepted: atoms.acceptedCode,
      acceptedBytes: atoms.acceptedBytes,
      acceptedSha256: atoms.acceptedSha256,
      acceptedModel: atoms.acceptedModel,
      acceptedBy: atoms.acceptedBy,
      startByte: atoms.startByte,
      endByte: atoms.endByte,
      context: atoms.contextJson,
      atomicityViolations: atoms.atomicityViolations,
      createdAt: atoms.createdAt,
      startedAt: atoms.startedAt,
      completedAt: atoms.completedAt,
    })
    .from(atoms)
    .leftJoin(queue, eq(queue.atomId, atoms.atomId))
    .where(eq(atoms.atomId, atomId));
  return row ?? null;
}

export type AtomRow = NonNullable<Awaited<ReturnType<typeof getAtom>>>;

/** Edges that touch an atom, one way: `dependencies` = what it needs, `dependents` = what needs it. At most `limit`, by strength. */
export function listEdges(tx: Tx, atomId: string, direction: 'dependencies' | 'dependents', limit: number) {
  const [here, there] =
    direction === 'dependencies' ? [edges.fromAtomId, edges.toAtomId] : [edges.toAtomId, edges.fromAtomId];
  return tx
    .select({
      atomId: atoms.atomId,
      name: atoms.name,
      filePath: atoms.filePath,
      waveNumber: atoms.waveNumber,
      status,
      dependencyType: edges.dependencyType,
      strength: edges.strength,
      metadata: edges.metadata,
    })
    .from(edges)
    .innerJoin(atoms, eq(atoms.atomId, there))
    .leftJoin(queue, eq(queue.atomId, atoms.atomId))
    .where(eq(here, atomId))
    .orderBy(sql`${edges.strength} DESC`, asc(atoms.atomNumber), asc(edges.dependencyType))
    .limit(limit);
}

export type EdgeRow = Awaited<ReturnType<typeof listEdges>>[number];

/** Attempts at an atom, first to last. */
export function listAttempts(tx: Tx, atomId: string) {
  return tx
    .select({
      attemptNumber: attempts.attemptNumber,
      temperature: attempts.temperature,
      provider: attempts.provider,
      model: attempts.model,
      success: attempts.success,
      errorMessage: attempts.errorMessage,
      errorAnalysis: attempts.errorAnalysis,
      tokensUsed: attempts.tokensUsed,
      costUsd: attempts.costUsd,
      durationMs: attempts.durationMs,
      createdAt: attempts.createdAt,
    })
    .from(attempts)
    .where(eq(attempts.atomId, atomId))
    .orderBy(asc(attempts.attemptNumber));
}

/** The review item of an atom, if it has one. */
export async function findReviewOfAtom(tx: Tx, atomId: string) {
  const [row] = await tx
    .select({
      reviewId: reviews.reviewId,
      status: reviews.status,
      priority: reviews.priority,
      resolution: reviews.resolution,
    })
    .from(reviews)
    .where(eq(reviews.atomId, atomId));
  return row ?? null;
}

export interface ValidationFilter {
  readonly atomId?: string;
  readonly level?: (typeof validations.$inferSelect)['validationLevel'];
  readonly outcome?: (typeof validations.$inferSelect)['outcome'];
  readonly executionId?: string;
  readonly scope?: string;
  /** The job that made them, for checks by call. */
  readonly jobId?: string;
}

/** Stored check results, newest first, behind `before` (a validation id; ids are ordered by time). */
export function listValidations(
  tx: Tx,
  masterplanId: string,
  filter: ValidationFilter,
  page: { limit: number; before?: string },
) {
  return tx
    .select()
    .from(validations)
    .where(
      and(
        eq(validations.masterplanId, masterplanId),
        page.before === undefined ? undefined : sql`${validations.validationId} < ${page.before}`,
        filter.atomId === undefined ? undefined : eq(validations.atomId, filter.atomId),
        filter.level === undefined ? undefined : eq(validations.validationLevel, filter.level),
        filter.outcome === undefined ? undefined : eq(validations.outcome, filter.outcome),
        filter.executionId === undefined ? undefined : eq(validations.executionId, filter.executionId),
        filter.scope === undefined ? undefined : eq(validations.scope, filter.scope),
        filter.jobId === undefined ? undefined : sql`${validations.errorDetails}->>'job_id' = ${filter.jobId}`,
      ),
    )
    .orderBy(sql`${validations.validationId} DESC`)
    .limit(page.limit);
}

export type ValidationRow = Awaited<ReturnType<typeof listValidations>>[number];

/** The masterplan of a task. */
export async function findTask(tx: Tx, taskId: string) {
  const [row] = await tx
    .select({ masterplanId: schema.masterplanTasks.masterplanId })
    .from(schema.masterplanTasks)
    .where(eq(schema.masterplanTasks.taskId, taskId));
  return row ?? null;
}

/** Those of the ids that are no atoms of the masterplan. */
export async function missingAtoms(tx: Tx, masterplanId: string, atomIds: readonly string[]): Promise<string[]> {
  const rows = await tx
    .select({ atomId: atoms.atomId })
    .from(atoms)
    .where(
      and(
        eq(atoms.masterplanId, asId<MasterplanId>(masterplanId)),
        sql`${atoms.atomId} = any(${sql.param([...atomIds])}::uuid[])`,
      ),
    );
  const known = new Set<string>(rows.map(({ atomId }) => atomId));
  return atomIds.filter((atomId) => !known.has(atomId));
}
