/** Rewrites the stored edges of a graph where they differ, and only there: rows that say the same keep their ids. */
import { eq, inArray, sql } from 'drizzle-orm';
import { newId, schema, type Tx } from '../db/index.ts';
import type { AtomId, GraphId } from '../domain/index.ts';

const EDGES_AT_ONCE = 5_000;

export interface EdgeToStore {
  readonly from: AtomId;
  readonly to: AtomId;
  readonly type: string;
  readonly strength: number;
  readonly metadata: { readonly reason: string; readonly cut?: string; readonly internal?: boolean };
}

export interface EdgeChanges {
  readonly kept: number;
  readonly written: number;
  readonly removed: number;
}

const { atomDependencies } = schema;

/** Makes the stored edges of a graph those given. */
export async function writeEdges(tx: Tx, graphId: GraphId, edges: readonly EdgeToStore[]): Promise<EdgeChanges> {
  const stored = await tx
    .select({
      id: atomDependencies.dependencyId,
      from: atomDependencies.fromAtomId,
      to: atomDependencies.toAtomId,
      type: atomDependencies.dependencyType,
      strength: atomDependencies.strength,
      metadata: atomDependencies.metadata,
    })
    .from(atomDependencies)
    .where(eq(atomDependencies.graphId, graphId));
  const known = new Map(stored.map((row) => [contentOf(row), row.id]));
  const missing = edges.filter((edge) => !known.delete(contentOf(edge)));
  const outdated = [...known.values()];
  for (let first = 0; first < outdated.length; first += EDGES_AT_ONCE) {
    const part = outdated.slice(first, first + EDGES_AT_ONCE);
    await tx.delete(atomDependencies).where(inArray(atomDependencies.dependencyId, part));
  }
  for (let first = 0; first < missing.length; first += EDGES_AT_ONCE)
    await insertEdges(tx, graphId, missing.slice(first, first + EDGES_AT_ONCE));
  return { kept: edges.length - missing.length, written: missing.length, removed: outdated.length };
}

function contentOf({
  from,
  to,
  type,
  strength,
  metadata,
}: Omit<EdgeToStore, 'from' | 'to'> & { from: string; to: string }) {
  return JSON.stringify([from, to, type, strength, metadata.reason, metadata.cut ?? null, metadata.internal ?? false]);
}

async function insertEdges(tx: Tx, graphId: GraphId, edges: readonly EdgeToStore[]): Promise<void> {
  await tx.execute(sql`
    insert into atom_dependencies (dependency_id, graph_id, from_atom_id, to_atom_id, dependency_type, strength, metadata)
    select id, ${graphId}::uuid, from_id, to_id, type::dependency_type, strength, metadata::jsonb
    from unnest(
      ${sql.param(edges.map(() => newId<string>()))}::uuid[], ${sql.param(edges.map((e) => e.from))}::uuid[],
      ${sql.param(edges.map((e) => e.to))}::uuid[], ${sql.param(edges.map((e) => e.type.toUpperCase()))}::text[],
      ${sql.param(edges.map((e) => e.strength))}::float8[], ${sql.param(edges.map((e) => JSON.stringify(e.metadata)))}::text[]
    ) as rows (id, from_id, to_id, type, strength, metadata)`);
}
