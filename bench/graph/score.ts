/** Precision and recall of edges between atoms, in all and by class. */
import type { AtomizedFile } from '../../src/atomization/index.ts';
import type { DependencyEdge } from '../../src/domain/index.ts';
import type { Reference, Truth } from './typescript-truth.ts';

export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly acrossPrecision: number;
  readonly acrossRecall: number;
  readonly found: number;
  readonly wanted: number;
  readonly recallByKind: Readonly<Record<string, { found: number; wanted: number }>>;
  readonly precisionByType: Readonly<Record<string, { right: number; found: number }>>;
  readonly missing: readonly Reference[];
  readonly wrong: readonly DependencyEdge[];
}

/** Finds the atom of a position in a file. */
export class AtomIndex {
  private readonly files = new Map<string, { starts: number[]; ends: number[]; first: number }>();
  readonly fileOf: string[] = [];

  constructor(files: readonly AtomizedFile[]) {
    for (const file of files) {
      this.files.set(file.path, {
        starts: file.atoms.map((atom) => atom.startIndex),
        ends: file.atoms.map((atom) => atom.endIndex),
        first: this.fileOf.length,
      });
      for (let i = 0; i < file.atoms.length; i += 1) this.fileOf.push(file.path);
    }
  }

  at(path: string, position: number): number {
    const file = this.files.get(path);
    if (file === undefined) return -1;
    let low = 0;
    let high = file.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((file.starts[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low === 0 || position >= (file.ends[low - 1] ?? 0) ? -1 : file.first + low - 1;
  }
}

/** The last part of the name that a reason speaks of: `find` in "calls `Repo.find` defined at …". */
function nameIn(reason: string): string {
  return /`(?:[^`]*\.)?([^`.]+)`/.exec(reason)?.[1] ?? '';
}

/** Scores edges, order-only ones left out, against references. Pairs of atoms count once. */
export function score(files: readonly AtomizedFile[], edges: readonly DependencyEdge[], truth: Truth): Score {
  const index = new AtomIndex(files);
  const count = index.fileOf.length;
  const pairOf = (r: Reference): number => {
    const from = index.at(r.fromFile, r.fromPos);
    const to = index.at(r.toFile, r.toPos);
    return from < 0 || to < 0 || from === to ? -1 : from * count + to;
  };
  const wanted = new Map<number, Reference>();
  for (const reference of truth.references) {
    const pair = pairOf(reference);
    if (pair >= 0 && !wanted.has(pair)) wanted.set(pair, reference);
  }
  const allowed = new Set(truth.allowed.map(pairOf));
  const unanswered = new Set(truth.unanswered?.map((n) => `${String(index.at(n.fromFile, n.fromPos))} ${n.name}`));
  const undecided = (edge: DependencyEdge): boolean => unanswered.has(`${String(edge.from)} ${nameIn(edge.reason)}`);
  const found = new Map<number, DependencyEdge>();
  for (const edge of edges) {
    if (edge.type === 'temporal') continue;
    const pair = edge.from * count + edge.to;
    if (wanted.has(pair) || !(allowed.has(pair) || undecided(edge))) found.set(pair, found.get(pair) ?? edge);
  }
  const across = (pair: number): boolean => index.fileOf[Math.floor(pair / count)] !== index.fileOf[pair % count];
  const recallByKind: Record<string, { found: number; wanted: number }> = {};
  const missing: Reference[] = [];
  let hits = 0;
  let acrossWanted = 0;
  let acrossHits = 0;
  for (const [pair, reference] of wanted) {
    const kind = `${reference.kind}${across(pair) ? ' across' : ''}`;
    const entry = (recallByKind[kind] ??= { found: 0, wanted: 0 });
    entry.wanted += 1;
    if (across(pair)) acrossWanted += 1;
    if (found.has(pair)) {
      hits += 1;
      entry.found += 1;
      if (across(pair)) acrossHits += 1;
    } else missing.push(reference);
  }
  const precisionByType: Record<string, { right: number; found: number }> = {};
  const wrong: DependencyEdge[] = [];
  let acrossFound = 0;
  for (const [pair, edge] of found) {
    const entry = (precisionByType[edge.type] ??= { right: 0, found: 0 });
    entry.found += 1;
    if (across(pair)) acrossFound += 1;
    if (wanted.has(pair)) entry.right += 1;
    else wrong.push(edge);
  }
  const ratio = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);
  return {
    precision: ratio(hits, found.size),
    recall: ratio(hits, wanted.size),
    acrossPrecision: ratio(acrossHits, acrossFound),
    acrossRecall: ratio(acrossHits, acrossWanted),
    found: found.size,
    wanted: wanted.size,
    recallByKind,
    precisionByType,
    missing,
    wrong,
  };
}
