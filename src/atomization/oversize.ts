/** Why an atom is larger than atoms should be. */
import type { CutFile } from './cut-file.ts';
import { LIMITS } from './cuts.ts';
import { lineOf } from './lines.ts';
import { locBetween } from './measure.ts';
import { BIT } from './rules/index.ts';

/** A share of the atom from which one string or comment is taken to be the reason. */
const MAIN_SHARE = 0.4;

interface Part {
  readonly what: string;
  readonly lines: number;
  readonly size: number;
}

function largestString(cut: CutFile, start: number, end: number): Part | undefined {
  if (cut.tree === null) return undefined;
  const { table, rules } = cut.tree;
  let largest: Part | undefined;
  for (let i = 0; i < table.count && (table.start[i] as number) < end; i++) {
    if ((table.start[i] as number) < start || ((rules.bits[table.kind[i] as number] as number) & BIT.opaque) === 0)
      continue;
    const size = (table.end[i] as number) - (table.start[i] as number);
    if (size <= (largest?.size ?? 0)) continue;
    const lines = lineOf(cut.lines, table.end[i] as number) - lineOf(cut.lines, table.start[i] as number) + 1;
    largest = { what: 'string', lines, size };
  }
  return largest;
}

function remarkSize(cut: CutFile, start: number, end: number): number {
  const { remarks } = cut.survey;
  let size = 0;
  for (let i = 0; i < remarks.length; i += 2) {
    if ((remarks[i] as number) >= start && (remarks[i] as number) < end)
      size += (remarks[i + 1] as number) - (remarks[i] as number);
  }
  return size;
}

export function oversizeReason(
  cut: CutFile,
  start: number,
  end: number,
  first: number,
  last: number,
  loc: number,
): string {
  const string = largestString(cut, start, end);
  const tooLong = loc > LIMITS.maxLoc;
  const share = string === undefined ? 0 : tooLong ? string.lines / (last - first + 1) : string.size / (end - start);
  if (string !== undefined && share >= MAIN_SHARE) {
    return `a string of ${String(string.lines)} lines and ${String(string.size)} characters is not cut`;
  }
  if (!tooLong && remarkSize(cut, start, end) / (end - start) >= MAIN_SHARE)
    return 'documentation stays with what it describes';
  const inside = cut.cuts.position.some((position) => position > start && position < end);
  if (!inside) return 'one statement or expression without a place where it could be cut';
  const firstCut = cut.cuts.position.find((position) => position > start) ?? end;
  const headLoc = locBetween(cut.measure, first, lineOf(cut.lines, firstCut - 1));
  return headLoc > LIMITS.maxLoc
    ? 'a header stays with its first statement'
    : 'every place where it could be cut would tear apart what belongs together';
}
