import { eq, sql } from 'drizzle-orm';
import type { StageDeps } from '../adapters/runtime.ts';
import { schema, type Tx } from '../db/index.ts';
import type { MasterplanId } from '../domain/index.ts';

export interface DecomposeSummary {
  readonly masterplanId: MasterplanId;
  readonly totalAtoms: number;
  readonly totalTasks: number;
  /** True when the drafts were those that the stored atoms were cut from. */
  readonly unchanged: boolean;
  readonly stats: {
    readonly avgLoc: number;
    readonly maxLoc: number;
    readonly avgComplexity: number;
    readonly avgContextCompleteness: number;
    readonly avgAtomicityScore: number;
    readonly needsReviewCount: number;
    /** Atoms per language. */
    readonly byLanguage: Readonly<Record<string, number>>;
  };
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

/** What the stored atoms of a masterplan add up to; null when there are none. */
export async function summarize(
  tx: Tx,
  masterplanId: MasterplanId,
  unchanged: boolean,
): Promise<DecomposeSummary | null> {
  const a = schema.atomicUnits;
  const rows = await tx
    .select({
      language: a.language,
      atoms: sql<number>`count(*)::int`,
      loc: sql<number>`sum(${a.loc})::int`,
      maxLoc: sql<number>`max(${a.loc})`,
      complexity: sql<number>`sum(${a.complexity})`,
      completeness: sql<number>`sum(${a.contextCompleteness})`,
      atomicity: sql<number>`sum(${a.atomicityScore})`,
      needsReview: sql<number>`count(*) filter (where ${a.needsReview})::int`,
    })
    .from(a)
    .where(eq(a.masterplanId, masterplanId))
    .groupBy(a.language)
    .orderBy(a.language);
  const total = (pick: (row: (typeof rows)[number]) => number): number => rows.reduce((sum, row) => sum + pick(row), 0);
  const totalAtoms = total((row) => row.atoms);
  if (totalAtoms === 0) return null;
  return {
    masterplanId,
    totalAtoms,
    totalTasks: await tx.$count(schema.masterplanTasks, eq(schema.masterplanTasks.masterplanId, masterplanId)),
    unchanged,
    stats: {
      avgLoc: rounded(total((row) => row.loc) / totalAtoms),
      maxLoc: Math.max(...rows.map((row) => row.maxLoc)),
      avgComplexity: rounded(total((row) => row.complexity) / totalAtoms),
      avgContextCompleteness: rounded(total((row) => row.completeness) / totalAtoms),
      avgAtomicityScore: rounded(total((row) => row.atomicity) / totalAtoms),
      needsReviewCount: total((row) => row.needsReview),
      byLanguage: Object.fromEntries(rows.map((row) => [row.language, row.atoms])),
    },
  };
}

/** The stored decomposition of a masterplan; null when it has not been decomposed. */
export async function readDecomposition(deps: StageDeps, masterplanId: MasterplanId): Promise<DecomposeSummary | null> {
  return summarize(deps.db, masterplanId, true);
}
