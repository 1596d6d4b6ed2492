import type { Lines } from './lines.ts';

/** Sums over the lines of a file, so that the size of any stretch of it is a subtraction. */
export interface Measure {
  /** `loc[i]`: lines of code before line i. */
  readonly loc: Uint32Array;
  /** `code[i]`: characters on lines of code before line i. */
  readonly code: Uint32Array;
}

export function measureLines(lines: Lines): Measure {
  const loc = new Uint32Array(lines.count + 1);
  const code = new Uint32Array(lines.count + 1);
  for (let i = 0; i < lines.count; i++) {
    const isCode = lines.code[i] as number;
    loc[i + 1] = (loc[i] as number) + isCode;
    const length = (lines.start[i + 1] as number) - (lines.start[i] as number);
    code[i + 1] = (code[i] as number) + (isCode === 1 ? length : 0);
  }
  return { loc, code };
}

/** Lines of code from `firstLine` to `lastLine`, both inclusive. */
export function locBetween(measure: Measure, firstLine: number, lastLine: number): number {
  return (measure.loc[lastLine + 1] as number) - (measure.loc[firstLine] as number);
}

/** Characters of code from `firstLine` to `lastLine`, both inclusive. */
export function codeBetween(measure: Measure, firstLine: number, lastLine: number): number {
  return (measure.code[lastLine + 1] as number) - (measure.code[firstLine] as number);
}
