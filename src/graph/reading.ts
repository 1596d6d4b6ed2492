/** What a reader of a graph can act on: where validating pays, and what to do about cycles. */
import type { DependencyEdge } from '../domain/index.ts';
import { folderOfPath } from './aggregate.ts';
import { at } from './components.ts';
import { unitsOf } from './statistics.ts';
import type { PlannedWaves } from './waves.ts';

const LISTED = 200;

export interface PlacedAtom {
  readonly file: string;
  readonly name: string;
  readonly startLine: number;
}

/** A file or folder and the wave after which all of its atoms are there: it can be validated as a whole then. */
export interface Boundary {
  readonly path: string;
  readonly wave: number;
}

export interface Suggestion {
  readonly kind: 'unit' | 'cut';
  /** Atom indexes that it is about. */
  readonly atoms: readonly number[];
  readonly text: string;
}

export interface Reading {
  /** Files, earliest first; at most 200, as all lists here. */
  readonly modules: readonly Boundary[];
  /** Folders, earliest first. */
  readonly components: readonly Boundary[];
  readonly suggestions: readonly Suggestion[];
}

export function readPlan(atoms: readonly PlacedAtom[], edges: readonly DependencyEdge[], plan: PlannedWaves): Reading {
  return {
    modules: boundariesOf(atoms, plan, (atom) => atom.file),
    components: boundariesOf(atoms, plan, (atom) => folderOfPath(atom.file)),
    suggestions: [...unitSuggestions(atoms, edges, plan), ...cutSuggestions(atoms, plan)].slice(0, LISTED),
  };
}

function boundariesOf(
  atoms: readonly PlacedAtom[],
  plan: PlannedWaves,
  keyOf: (atom: PlacedAtom) => string,
): Boundary[] {
  const last = new Map<string, number>();
  atoms.forEach((atom, i) => {
    const key = keyOf(atom);
    last.set(key, Math.max(last.get(key) ?? 0, at(plan.waveOf, i)));
  });
  return [...last]
    .map(([path, wave]) => ({ path, wave }))
    .sort((a, b) => a.wave - b.wave || (a.path < b.path ? -1 : 1))
    .slice(0, LISTED);
}

function placeOf(atom: PlacedAtom | undefined): string {
  return atom === undefined ? '' : `${atom.name} (${atom.file}:${String(atom.startLine)})`;
}

/** The weakest edge is where a unit comes apart most easily; of equals one that leaves the file, then one that needs a type only. */
function unitSuggestions(
  atoms: readonly PlacedAtom[],
  edges: readonly DependencyEdge[],
  plan: PlannedWaves,
): Suggestion[] {
  const units = unitsOf(plan).slice(0, LISTED);
  const unitAt = new Map(units.flatMap((unit, u) => unit.map((atom) => [atom, u] as const)));
  const inside: DependencyEdge[][] = units.map(() => []);
  for (const edge of edges) {
    const unit = unitAt.get(edge.from);
    if (unit !== undefined && unit === unitAt.get(edge.to) && edge.from !== edge.to) inside[unit]?.push(edge);
  }
  const rank = (edge: DependencyEdge): number =>
    edge.strength - (atoms[edge.from]?.file === atoms[edge.to]?.file ? 0 : 0.05) - (edge.type === 'type' ? 0.01 : 0);
  return units.flatMap((unit, u): Suggestion[] => {
    const weakest = [...(inside[u] ?? [])].sort((a, b) => rank(a) - rank(b))[0];
    if (weakest === undefined) return [];
    const [from, to] = [atoms[weakest.from], atoms[weakest.to]];
    const files = new Set(unit.map((atom) => atoms[atom]?.file));
    const advice =
      files.size > 1
        ? `move what both need into a file of its own, or let ${placeOf(from)} take it as an argument`
        : weakest.type === 'type'
          ? `declare the type in a slice of its own, before ${placeOf(to)}`
          : `put the definition that is needed before the one that needs it, so that no slice holds both`;
    return [
      {
        kind: 'unit',
        atoms: unit,
        text: `${String(unit.length)} atoms need each other and are written together: ${unit.map((i) => placeOf(atoms[i])).join(', ')}. The weakest link: ${placeOf(from)} ${weakest.reason}. To take them apart, ${advice}.`,
      },
    ];
  });
}

function cutSuggestions(atoms: readonly PlacedAtom[], plan: PlannedWaves): Suggestion[] {
  return plan.cut.slice(0, LISTED).map((edge) => {
    const [from, to] = [placeOf(atoms[edge.from]), placeOf(atoms[edge.to])];
    const advice =
      edge.type === 'temporal'
        ? 'Nothing is needed: it only ordered.'
        : edge.type === 'type'
          ? `Declaring the type apart from ${to} would make the order certain.`
          : `Until ${to} is written, ${from} is validated against its draft; depending on an interface would end the cycle.`;
    return {
      kind: 'cut',
      atoms: [edge.from, edge.to],
      text: `${from} ${edge.reason}, but does not wait for it: ${edge.cutReason}. ${advice}`,
    };
  });
}
