/** Chooses among the legal cuts of a file those that give the best atoms: least total cost, found by dynamic programming. */
import { type Cuts, LIMITS } from './cuts.ts';
import { locBetween, codeBetween, type Measure } from './measure.ts';
import type { Units } from './survey.ts';

/** Weights of what makes an atom bad; see docs/atomization.md. */
const COST = {
  /** Every atom costs this, so that cuts need a reason. */
  atom: 0.3,
  /** Times the squared distance from the target, in units of half the allowed span. */
  size: 1,
  /** An atom under the least size, and for each line that it lacks. */
  small: 5,
  smallPerLine: 1,
  /** No code at all. */
  empty: 4,
  /** Beyond the greatest size: only where nothing can be cut. */
  large: 40,
  largePerLine: 1,
  /** Per decision beyond one: complexity 3 and more. */
  decision: 0.8,
  /** The rest of one callable together with something else. */
  tail: 0.5,
  /** The beginning of a callable behind something else. */
  head: 0.3,
  /** The rest of one callable and the beginning of another. */
  tailAndHead: 10.7,
  /** Per 1,024 characters, comments included, beyond the greatest size. */
  text: 1.5,
} as const;

/** Characters that weigh as much as a line of code: keeps atoms of very long lines small. */
const CHARACTERS_PER_LINE = 140;

/** What the chosen cuts are: indexes into `cuts`, from the first to the last. */
export interface Partition {
  readonly chosen: readonly number[];
}

function sizeCost(loc: number): number {
  if (loc > LIMITS.maxLoc) return COST.large + (loc - LIMITS.maxLoc) * COST.largePerLine;
  if (loc < LIMITS.minLoc) {
    return COST.size + COST.small + (LIMITS.minLoc - loc) * COST.smallPerLine + (loc === 0 ? COST.empty : 0);
  }
  const distance = (loc - LIMITS.targetLoc) / 5;
  return COST.size * distance * distance;
}

const SIZE_COSTS = Float64Array.from({ length: 64 }, (_, loc) => sizeCost(loc));

class Partitioner {
  private readonly cuts: Cuts;
  private readonly measure: Measure;
  private readonly units: Units;
  /** Decisions before each cut. */
  private readonly decisions: Uint32Array;
  /** Line on which the part before each cut ends. */
  private readonly lastLine: Uint32Array;

  constructor(cuts: Cuts, measure: Measure, units: Units, decisions: readonly number[], lineStart: Uint32Array) {
    this.cuts = cuts;
    this.measure = measure;
    this.units = units;
    const count = cuts.position.length;
    this.decisions = new Uint32Array(count);
    this.lastLine = new Uint32Array(count);
    let before = 0;
    for (let i = 0; i < count; i++) {
      const position = cuts.position[i] as number;
      while (before < decisions.length && (decisions[before] as number) < position) before++;
      this.decisions[i] = before;
      const line = cuts.line[i] as number;
      this.lastLine[i] = line > 0 && (lineStart[line] as number) >= position && i < count - 1 ? line - 1 : line;
    }
  }

  /** What a choice of cuts costs in all; Infinity where it runs across a forced cut or takes too much at once. */
  total(chosen: readonly number[]): number {
    let total = 0;
    for (let k = 1; k < chosen.length; k++) {
      const i = chosen[k - 1] as number;
      const j = chosen[k] as number;
      const crosses = this.cuts.forced.slice(i + 1, j).includes(1);
      if (crosses || (i < j - 1 && this.tooLarge(i, j))) return Infinity;
      total += this.cost(i, j, this.size(i, j));
    }
    return total;
  }

  run(): Partition {
    const count = this.cuts.position.length;
    const best = new Float64Array(count).fill(Infinity);
    const from = new Int32Array(count).fill(-1);
    best[0] = 0;
    for (let j = 1; j < count; j++) {
      for (let i = j - 1; i >= 0; i--) {
        const size = this.size(i, j);
        if (size > LIMITS.maxLoc && i < j - 1) break;
        // No cost is negative: a beginning that is dearer than the best way so far cannot become better.
        if ((best[i] as number) < (best[j] as number)) {
          const cost = (best[i] as number) + this.cost(i, j, size);
          if (cost < (best[j] as number)) {
            best[j] = cost;
            from[j] = i;
          }
        }
        if (this.cuts.forced[i] === 1) break;
      }
    }
    const chosen: number[] = [];
    for (let j = count - 1; j >= 0; j = from[j] as number) chosen.push(j);
    return { chosen: chosen.reverse() };
  }

  private tooLarge(i: number, j: number): boolean {
    return this.size(i, j) > LIMITS.maxLoc;
  }

  private size(i: number, j: number): number {
    const { cuts, measure } = this;
    const first = cuts.line[i] as number;
    const last = this.lastLine[j] as number;
    const loc = locBetween(measure, first, last);
    const length = (cuts.position[j] as number) - (cuts.position[i] as number);
    if (length <= loc * CHARACTERS_PER_LINE) return loc;
    const code = Math.min(length, codeBetween(measure, first, last));
    return Math.max(loc, Math.floor(code / CHARACTERS_PER_LINE));
  }

  private cost(i: number, j: number, size: number): number {
    const { cuts } = this;
    let cost = COST.atom + (cuts.penalty[j] as number);
    cost += size < SIZE_COSTS.length ? (SIZE_COSTS[size] as number) : sizeCost(size);
    const decisions = (this.decisions[j] as number) - (this.decisions[i] as number);
    if (decisions > 1) cost += (decisions - 1) * COST.decision;
    const length = (cuts.position[j] as number) - (cuts.position[i] as number);
    if (length > LIMITS.maxCode) cost += ((length - LIMITS.maxCode) / 1024) * COST.text;
    return cost + this.mixing(i, j);
  }

  private mixing(i: number, j: number): number {
    const { cuts, units } = this;
    const opened = cuts.callable[i] as number;
    const open = cuts.callable[j] as number;
    const tail = opened >= 0 && (units.end[opened] as number) < (cuts.position[j] as number) && opened !== open;
    const head = open >= 0 && (units.start[open] as number) > (cuts.position[i] as number);
    if (tail && head) return COST.tailAndHead;
    return (tail ? COST.tail : 0) + (head ? COST.head : 0);
  }
}

/** The partition of least cost. `decisions` are positions, ascending; `lineStart` as in `Lines`. Linear in the number of cuts. */
export function choosePartition(
  cuts: Cuts,
  measure: Measure,
  units: Units,
  decisions: readonly number[],
  lineStart: Uint32Array,
): Partition {
  return new Partitioner(cuts, measure, units, decisions, lineStart).run();
}

/** What a choice of cuts costs: for tests, which compare the chosen one with all others. */
export function partitionCost(
  cuts: Cuts,
  measure: Measure,
  units: Units,
  decisions: readonly number[],
  lineStart: Uint32Array,
  chosen: readonly number[],
): number {
  return new Partitioner(cuts, measure, units, decisions, lineStart).total(chosen);
}
