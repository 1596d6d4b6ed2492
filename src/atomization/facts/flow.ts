/**
 * Which assignment a use of a local name may see. While a function body is walked, its uses, definitions and branches are recorded
 * as a small structure; once names are bound, the structure is run with sets of definitions. Names with one definition need none
 * of it, so most bodies are skipped.
 */
import type { Numbers, Rows } from './rows.ts';
import { DEF, DEF_FLAG, SYMBOL, USE } from './types.ts';

const TAG = { use: 0, def: 1, write: 2, touch: 3 } as const;

/** What solving needs of the tables that the walk filled. */
export interface FlowTables {
  readonly defs: Rows;
  readonly uses: Rows;
  readonly symbols: Rows;
  readonly lists: Numbers;
  /** The definition made by each use that assigns. */
  readonly assignments: ReadonlyMap<number, number>;
}

interface Fork {
  readonly kind: 'fork';
  /** Alternatives; when `open`, none of them may be taken. */
  readonly arms: Block[];
  open: boolean;
}
interface Choice {
  readonly kind: 'choice';
  /** The cases of a `switch`, which may fall through to the next; when `open`, there is no default. */
  readonly arms: Block[];
  readonly open: boolean;
}
interface Loop {
  readonly kind: 'loop';
  /** Runs before every round, and before the loop ends by itself; behind the body where `bodyFirst`. */
  readonly test: Block;
  readonly body: Block;
  /** Runs between the body and the next test, also after `continue`. */
  readonly step: Block;
  /** Runs when the loop ends by itself. */
  readonly otherwise: Block;
  readonly bodyFirst: boolean;
  /** Ends by `break` or not at all. */
  readonly endless: boolean;
}

/** The parts of a loop as they are walked, in the order of their text. */
export interface LoopParts {
  readonly test?: () => void;
  readonly body: () => void;
  readonly step?: () => void;
  readonly otherwise?: () => void;
  readonly bodyFirst?: boolean;
  readonly endless?: boolean;
}
interface Attempt {
  readonly kind: 'attempt';
  readonly body: Block;
  /** Each starts from anything that may hold while the body runs. */
  readonly handlers: Block[];
  readonly otherwise: Block;
  readonly last: Block;
}
interface Exit {
  readonly kind: 'exit';
  readonly how: 'leave' | 'break' | 'continue';
}
/** A number is a use, a definition, a write or a touch: row << 2 | tag. */
type Step = number | Fork | Choice | Loop | Attempt | Exit;
type Block = Step[];

interface Body {
  readonly steps: Block;
  readonly parent: Body | undefined;
  exit: State | undefined;
}

/** Definitions that may hold, per symbol. Absent: none seen. */
type State = Map<number, readonly number[]>;

export class FlowRecorder {
  private readonly bodies: Body[] = [];
  private current: Body | undefined;
  private block: Block = [];
  private readonly saved: Block[] = [];

  openBody(): void {
    this.saved.push(this.block);
    this.block = [];
    this.current = { steps: this.block, parent: this.current, exit: undefined };
    this.bodies.push(this.current);
  }

  closeBody(): void {
    this.current = this.current?.parent;
    this.block = this.saved.pop() ?? [];
  }

  use(row: number): void {
    this.block.push((row << 2) | TAG.use);
  }

  define(row: number): void {
    this.block.push((row << 2) | TAG.def);
  }

  /** A use that assigns to a name declared elsewhere. */
  write(row: number): void {
    this.block.push((row << 2) | TAG.write);
  }

  /** A use through which what the name holds is changed in place. */
  touch(row: number): void {
    this.block.push((row << 2) | TAG.touch);
  }

  /** Records alternatives; with `open` it may be that none is taken. */
  fork(arms: readonly (() => void)[], open: boolean): void {
    const fork: Fork = { kind: 'fork', arms: [], open };
    this.block.push(fork);
    for (const arm of arms) fork.arms.push(this.record(arm));
  }

  /** Records the cases of a `switch`; with `open` it has no default. */
  choice(arms: readonly (() => void)[], open: boolean): void {
    const choice: Choice = { kind: 'choice', arms: [], open };
    this.block.push(choice);
    for (const arm of arms) choice.arms.push(this.record(arm));
  }

  loop(parts: LoopParts): void {
    const { bodyFirst = false, endless = false } = parts;
    const loop: Loop = { kind: 'loop', test: [], body: [], step: [], otherwise: [], bodyFirst, endless };
    this.block.push(loop);
    if (bodyFirst) loop.body.push(...this.record(parts.body));
    if (parts.test !== undefined) loop.test.push(...this.record(parts.test));
    if (!bodyFirst) loop.body.push(...this.record(parts.body));
    if (parts.step !== undefined) loop.step.push(...this.record(parts.step));
    if (parts.otherwise !== undefined) loop.otherwise.push(...this.record(parts.otherwise));
  }

  attempt(body: () => void, handlers: readonly (() => void)[], otherwise: () => void, last: () => void): void {
    const attempt: Attempt = { kind: 'attempt', body: [], handlers: [], otherwise: [], last: [] };
    this.block.push(attempt);
    attempt.body.push(...this.record(body));
    for (const handler of handlers) attempt.handlers.push(this.record(handler));
    attempt.otherwise.push(...this.record(otherwise));
    attempt.last.push(...this.record(last));
  }

  exit(how: Exit['how']): void {
    this.block.push({ kind: 'exit', how });
  }

  private record(walk: () => void): Block {
    const outer = this.block;
    this.block = [];
    walk();
    const inner = this.block;
    this.block = outer;
    return inner;
  }

  /** Adds pairs (use, definition) for every use of a name that has more than one definition: of a symbol in `several`. */
  solve(tables: FlowTables, several: Uint8Array, pairs: Numbers): void {
    const solver = new Solver(tables, several);
    for (const body of this.bodies) if (solver.concerns(body.steps)) solver.run(body);
    solver.addPairs(pairs);
  }
}

class Solver {
  private readonly seen = new Map<number, Set<number>>();
  private readonly tables: FlowTables;
  private readonly severalOf: Uint8Array;
  private body: Body | undefined;
  private breaks: State[] = [];
  private continues: State[] = [];
  private watchers: State[] = [];
  private leaves: State[] = [];

  constructor(tables: FlowTables, several: Uint8Array) {
    this.tables = tables;
    this.severalOf = several;
  }

  addPairs(pairs: Numbers): void {
    for (const [use, defs] of this.seen) {
      for (const def of defs) {
        pairs.push(use);
        pairs.push(def);
      }
    }
  }

  private symbolOfStep(step: number): number {
    const row = step >> 2;
    return (step & 3) === TAG.def ? this.tables.defs.get(row, DEF.symbol) : this.tables.uses.get(row, USE.target);
  }

  private several(symbol: number): boolean {
    return symbol >= 0 && this.severalOf[symbol] === 1;
  }

  concerns(block: Block): boolean {
    for (const step of block) {
      if (typeof step === 'number' ? this.several(this.symbolOfStep(step)) : this.concernsParts(step)) return true;
    }
    return false;
  }

  private concernsParts(step: Exclude<Step, number>): boolean {
    if (step.kind === 'fork' || step.kind === 'choice') return step.arms.some((arm) => this.concerns(arm));
    if (step.kind === 'loop')
      return [step.test, step.body, step.step, step.otherwise].some((part) => this.concerns(part));
    if (step.kind === 'exit') return false;
    return [step.body, ...step.handlers, step.otherwise, step.last].some((part) => this.concerns(part));
  }

  run(body: Body): void {
    this.body = body;
    this.leaves = [];
    const end = this.walk(body.steps, new Map());
    body.exit = merge([end, ...this.leaves]) ?? new Map();
  }

  /** The state after the block; undefined when its end is not reached. */
  private walk(block: Block, start: State): State | undefined {
    let state: State | undefined = new Map(start);
    // What follows an exit is dead; it is still bound, from what held before, for the reader's sake.
    let dead: State | undefined;
    for (const step of block) {
      const live: State = state ?? (dead ??= new Map(start));
      if (typeof step === 'number') this.step(step, live);
      else if (step.kind === 'exit') {
        if (state === undefined) continue;
        if (step.how === 'leave') this.leaves.push(live);
        if (step.how === 'break') this.breaks.push(live);
        if (step.how === 'continue') this.continues.push(live);
        dead = new Map(live);
        state = undefined;
      } else {
        const after = this.compound(step, live);
        if (state !== undefined) state = after;
      }
    }
    return state;
  }

  private compound(step: Fork | Choice | Loop | Attempt, state: State): State | undefined {
    switch (step.kind) {
      case 'fork':
        return this.fork(step, state);
      case 'choice':
        return this.choice(step, state);
      case 'loop':
        return this.loop(step, state);
      case 'attempt':
        return this.attempt(step, state);
    }
  }

  private step(step: number, state: State): void {
    const symbol = this.symbolOfStep(step);
    if (!this.several(symbol)) return;
    const row = step >> 2;
    if ((step & 3) === TAG.use) {
      this.see(row, state.get(symbol) ?? this.before(symbol));
      return;
    }
    const def = (step & 3) === TAG.def ? row : this.tables.assignments.get(row);
    if (def === undefined) return;
    // What is changed in place still comes from where it was bound.
    state.set(symbol, (step & 3) === TAG.touch ? union(state.get(symbol) ?? this.before(symbol), [def]) : [def]);
    for (const watcher of this.watchers) watcher.set(symbol, union(watcher.get(symbol) ?? [], [def]));
  }

  private see(use: number, defs: readonly number[]): void {
    const known = this.seen.get(use) ?? new Set<number>();
    for (const def of defs) known.add(def);
    this.seen.set(use, known);
  }

  /** What holds at the start of a body: what the enclosing body leaves, or else everything that is declared. */
  private before(symbol: number): readonly number[] {
    for (let outer = this.body?.parent; outer !== undefined; outer = outer.parent) {
      const left = outer.exit?.get(symbol);
      if (left !== undefined) return left;
    }
    const { lists, symbols, defs } = this.tables;
    const offset = symbols.get(symbol, SYMBOL.defs);
    const all = Array.from(lists.cells.subarray(offset + 1, offset + 1 + lists.at(offset)));
    const declared = all.filter((def) => (defs.get(def, DEF.flags) & DEF_FLAG.assignment) === 0);
    return declared.length > 0 ? declared : all;
  }

  private fork(fork: Fork, state: State): State | undefined {
    const ends = fork.arms.map((arm) => this.walk(arm, state));
    if (fork.open) ends.push(state);
    return merge(ends);
  }

  private choice(choice: Choice, state: State): State | undefined {
    const { breaks } = this;
    this.breaks = [];
    let before: State | undefined;
    for (const arm of choice.arms) before = this.walk(arm, merge([state, before]) ?? state);
    const after = merge([before, ...(choice.open ? [state] : []), ...this.breaks]);
    this.breaks = breaks;
    return after;
  }

  private loop(loop: Loop, state: State): State | undefined {
    const { breaks, continues } = this;
    let head = state;
    let end: State | undefined = state;
    // Twice: what the end of the body leaves is what its start may see.
    for (let round = 0; round < 2; round += 1) {
      this.breaks = [];
      this.continues = [];
      const tested = loop.bodyFirst ? head : this.walk(loop.test, head);
      const done = this.walk(loop.body, tested ?? head);
      const next = this.after(loop.bodyFirst ? loop.test : loop.step, merge([done, ...this.continues]));
      end = loop.bodyFirst ? next : tested;
      head = merge([head, next]) ?? head;
    }
    const left = this.breaks;
    this.breaks = breaks;
    this.continues = continues;
    const ended = this.after(loop.otherwise, loop.endless ? undefined : end);
    return merge([ended, ...left]);
  }

  private after(block: Block, state: State | undefined): State | undefined {
    return state === undefined ? undefined : this.walk(block, state);
  }

  private attempt(attempt: Attempt, state: State): State | undefined {
    const anything: State = new Map(state);
    this.watchers.push(anything);
    const done = this.walk(attempt.body, state);
    this.watchers.pop();
    // `finally` also runs when a handler fails.
    const late: State = new Map(anything);
    this.watchers.push(late);
    const ends = attempt.handlers.map((handler) => this.walk(handler, anything));
    ends.push(this.after(attempt.otherwise, done));
    this.watchers.pop();
    const joined = merge(ends);
    if (attempt.last.length === 0) return joined;
    this.walk(attempt.last, merge([joined, late]) ?? late);
    return this.after(attempt.last, joined);
  }
}

function union(a: readonly number[], b: readonly number[]): readonly number[] {
  const added = b.filter((item) => !a.includes(item));
  return added.length === 0 ? a : [...a, ...added];
}

function merge(states: readonly (State | undefined)[]): State | undefined {
  const live = states.filter((state) => state !== undefined);
  const [first, ...others] = live;
  if (first === undefined) return undefined;
  const merged: State = new Map(first);
  for (const other of others) {
    for (const [symbol, defs] of other) merged.set(symbol, union(merged.get(symbol) ?? [], defs));
  }
  return merged;
}
