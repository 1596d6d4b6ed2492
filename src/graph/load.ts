import { asc, eq } from 'drizzle-orm';
import type { StageDeps } from '../adapters/runtime.ts';
import { schema } from '../db/index.ts';
import { MgeError, type AtomId, type MasterplanId } from '../domain/index.ts';
import { findGraph } from './store.ts';
import type { GraphView } from './view.ts';

/**
 * The stored graph of a plan with all atoms and edges, for questions and exports; ids are atom ids.
 * @throws {MgeError} GRAPH_NOT_BUILT
 */
export async function loadGraph(deps: StageDeps, masterplanId: MasterplanId): Promise<GraphView> {
  const known = await findGraph(deps.db, masterplanId);
  if (known === null || !known.current) {
    throw new MgeError(
      'GRAPH_NOT_BUILT',
      `Masterplan ${masterplanId} has no dependency graph of its atoms yet; build it first.`,
    );
  }
  const { atomicUnits: a, atomDependencies: d } = schema;
  const atoms = await deps.db
    .select({
      id: a.atomId,
      file: a.filePath,
      startLine: a.lineStart,
      endLine: a.lineEnd,
      name: a.name,
      role: a.role,
      wave: a.waveNumber,
    })
    .from(a)
    .where(eq(a.masterplanId, masterplanId))
    .orderBy(asc(a.atomNumber));
  const rows = await deps.db
    .select({ from: d.fromAtomId, to: d.toAtomId, type: d.dependencyType, strength: d.strength, metadata: d.metadata })
    .from(d)
    .where(eq(d.graphId, known.graphId));
  const index = new Map(atoms.map((atom, i) => [atom.id, i]));
  const edges = rows
    .map(({ from, to, metadata, type, strength }) => ({
      from: index.get(from) ?? -1,
      to: index.get(to) ?? -1,
      type,
      strength,
      reason: metadata.reason,
      ...(metadata.cut === undefined ? {} : { cut: metadata.cut }),
    }))
    .sort((x, y) => x.from - y.from || x.to - y.to || (x.type < y.type ? -1 : 1));
  return { atoms, edges };
}

/** The index of an atom in a loaded graph. @throws {MgeError} NOT_FOUND */
export function indexOfAtom(view: GraphView, atomId: AtomId): number {
  const found = view.atoms.findIndex((atom) => atom.id === atomId);
  if (found < 0) throw new MgeError('NOT_FOUND', `Atom ${atomId} is not part of the graph.`);
  return found;
}
