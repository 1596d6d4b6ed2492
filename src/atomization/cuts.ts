/** Where a file may be cut, and how little a person would like each cut. */

/** Legal cut points in ascending order, with 0 first and the end of the text last. */
export interface Cuts {
  readonly position: number[];
  /** Line (from 0) on which the part after the cut begins. */
  readonly line: number[];
  /** 0 = between things that have nothing to do with one another; grows with what the cut tears apart. */
  readonly penalty: number[];
  /** Innermost callable (index of a unit) that the cut goes through; -1 for none. */
  readonly callable: number[];
  /** 1 where a cut must be made: around damaged code. */
  readonly forced: number[];
}

/** Limits of an atom. */
export const LIMITS = {
  /** Lines of code at most. */
  maxLoc: 15,
  minLoc: 5,
  targetLoc: 10,
  /** Characters of code at most, comments aside. */
  maxCode: 2048,
  /** Characters, comments included, from which an atom has to say why it is that large. */
  noticedSize: 2560,
} as const;

export function newCuts(): Cuts {
  return { position: [0], line: [0], penalty: [0], callable: [-1], forced: [0] };
}

/** Appends a cut; one at the position of the last only lowers its penalty. Positions never go back. */
export function addCut(
  cuts: Cuts,
  position: number,
  line: number,
  penalty: number,
  callable: number,
  forced = 0,
): void {
  const last = cuts.position.length - 1;
  const before = cuts.position[last] as number;
  if (position < before) return;
  if (position === before) {
    if (last === 0) return;
    if (penalty < (cuts.penalty[last] as number)) {
      cuts.penalty[last] = penalty;
      cuts.callable[last] = callable;
    }
    cuts.forced[last] = (cuts.forced[last] as number) | forced;
    return;
  }
  cuts.position.push(position);
  cuts.line.push(line);
  cuts.penalty.push(penalty);
  cuts.callable.push(callable);
  cuts.forced.push(forced);
}
