/** Edges that the plan declares between tasks, where the code itself does not show them. */
import type { DependencyEdge } from '../domain/index.ts';

export interface FileSpan {
  readonly path: string;
  /** Graph index of its first atom. */
  readonly first: number;
  readonly count: number;
}

/** `from` comes after `to`, both file paths. */
export interface DeclaredOrder {
  readonly from: string;
  readonly to: string;
}

/** Up to this strength an edge is a preference: where the code says the opposite, the code wins and the edge is cut. */
const DECLARED_STRENGTH = 0.5;

/** The file of every atom. */
function fileOf(files: readonly FileSpan[]): Int32Array {
  const owner = new Int32Array(files.reduce((sum, file) => sum + file.count, 0));
  files.forEach((file, f) => owner.fill(f, file.first, file.first + file.count));
  return owner;
}

function reaches(next: readonly ReadonlySet<number>[], from: number, to: number): boolean {
  const seen = new Set([from]);
  const waiting = [from];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at === to) return true;
    for (const other of next[at] ?? []) {
      if (seen.has(other)) continue;
      seen.add(other);
      waiting.push(other);
    }
  }
  return false;
}

/**
 * The edges for declared orders between files that no resolved edge leads along. The slices of `from` that follow nothing in their
 * file wait for the slices of `to` that nothing in theirs follows: with the order inside the files, that is all of both.
 */
export function declaredEdges(
  files: readonly FileSpan[],
  resolved: readonly DependencyEdge[],
  orders: readonly DeclaredOrder[],
): DependencyEdge[] {
  const owner = fileOf(files);
  const indexOf = new Map(files.map((file, f) => [file.path, f]));
  const next: Set<number>[] = files.map(() => new Set<number>());
  const follows = new Uint8Array(owner.length);
  const isFollowed = new Uint8Array(owner.length);
  for (const { from, to } of resolved) {
    const [a, b] = [owner[from] ?? 0, owner[to] ?? 0];
    if (a !== b) next[a]?.add(b);
    else if (from !== to) {
      follows[from] = 1;
      isFollowed[to] = 1;
    }
  }
  const atoms = (file: FileSpan, taken: Uint8Array): number[] => {
    const all = Array.from({ length: file.count }, (_, i) => file.first + i);
    const ends = all.filter((atom) => taken[atom] === 0);
    return ends.length > 0 ? ends : all;
  };
  return orders.flatMap(({ from, to }) => {
    const [a, b] = [indexOf.get(from), indexOf.get(to)];
    const [dependent, dependency] = [files[a ?? -1], files[b ?? -1]];
    if (a === undefined || b === undefined || a === b || !dependent || !dependency) return [];
    if (reaches(next, a, b) || reaches(next, b, a)) return [];
    next[a]?.add(b);
    const reason = `the plan puts ${from} after ${to}`;
    return atoms(dependent, follows).flatMap((atom) =>
      atoms(dependency, isFollowed).map((other): DependencyEdge => ({
        from: atom,
        to: other,
        type: 'temporal',
        strength: DECLARED_STRENGTH,
        reason,
      })),
    );
  });
}
