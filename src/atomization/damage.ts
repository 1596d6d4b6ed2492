/** Text that does not fit its grammar: where it is, and what it must not spoil. */
import { NODE_ERROR, NODE_NAMED, type SyntaxTable } from '../adapters/parser/index.ts';
import type { SyntaxProblem } from './atomized-file.ts';
import type { Cuts } from './cuts.ts';
import { lineOf, type Lines } from './lines.ts';
import type { Survey } from './survey.ts';

/** A stretch of damaged text, as positions. */
export interface Damage {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  /** False where only the grammar says so, and nobody else could be asked. */
  readonly certain: boolean;
}

/** An error node over more lines than this usually holds sound code: only what stands bare in it is damaged. */
const WIDE_LINES = 15;

const MISFIT = 'This text does not fit the grammar.';
const UNSURE =
  ' Whether it is wrong is not sure: grammars are sometimes wrong, and the language has no other parser here.';

/** What stands in a wide error node without being part of something that was understood. */
function* bareParts(table: SyntaxTable, node: number, certain: boolean): Generator<Damage> {
  for (let child = node + 1; child < (table.after[node] as number); child = table.after[child] as number) {
    const isNamed = ((table.flags[child] as number) & NODE_NAMED) !== 0;
    const isLeaf = table.after[child] === child + 1;
    const isError = ((table.flags[child] as number) & NODE_ERROR) !== 0;
    if (isNamed && !isLeaf && !isError) continue;
    yield { start: table.start[child] as number, end: table.end[child] as number, message: MISFIT, certain };
  }
}

/** What of a file does not fit; `certain` when the parser of the language itself refuses the file. */
export function damagesOf(table: SyntaxTable, lines: Lines, survey: Survey, certain: boolean): Damage[] {
  const damages: Damage[] = [];
  for (const node of survey.errors) {
    const start = table.start[node] as number;
    const end = table.end[node] as number;
    if (((table.flags[node] as number) & NODE_ERROR) === 0) {
      const what = table.types[table.kind[node] as number] ?? 'something';
      damages.push({ start, end, message: `"${what}" is missing.`, certain });
    } else if (lineOf(lines, end) - lineOf(lines, start) > WIDE_LINES) {
      // One at a time: there may be more of them than a call takes arguments.
      for (const part of bareParts(table, node, certain)) damages.push(part);
    } else damages.push({ start, end, message: MISFIT, certain });
  }
  return damages;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Damages closer than this are one, in lines. */
const JOINED_LINES = 3;

/** Damages that lie close to one another, joined, for people to read. */
export function joinDamages(damages: readonly Damage[], lines: Lines): SyntaxProblem[] {
  const joined: Writable<SyntaxProblem>[] = [];
  for (const { start, end, message: text, certain } of damages) {
    const message = certain ? text : text + UNSURE;
    const startLine = lineOf(lines, start) + 1;
    const endLine = lineOf(lines, Math.max(start, end - 1)) + 1;
    const before = joined.at(-1);
    if (before !== undefined && before.message === message && startLine - before.endLine <= JOINED_LINES) {
      before.endLine = Math.max(before.endLine, endLine);
    } else joined.push({ startLine, endLine, message, certain });
  }
  return joined;
}

/** Makes the cuts around damaged text obligatory, so that it becomes an atom of its own. */
export function forceCutsAround(cuts: Cuts, damages: readonly Damage[]): void {
  const { position, forced } = cuts;
  let at = 0;
  for (const { start, end } of damages) {
    while (at + 1 < position.length && (position[at + 1] as number) <= start) at++;
    forced[at] = 1;
    let next = at;
    while (next < position.length - 1 && (position[next] as number) < end) next++;
    if ((position[next] as number) >= end) forced[next] = 1;
  }
}
