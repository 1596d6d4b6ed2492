/**
 * An independent judge of cuts: works on the parser's public tree and knows nothing of how the atomizer decides. Takes any list of
 * cut positions, so that peers are judged by the same rules.
 */
import type { Tree } from '../../src/adapters/parser/index.ts';

const MAX_LOC = 15;
const MIN_LOC = 5;

/** Characters from which a statement is too large for an atom, however few its lines. */
const MAX_SIZE = 2048;

const STATEMENT =
  /(_statement|_declaration|_definition)$|^(type_alias_declaration|public_field_definition|method_definition|import_statement)$/;
const TEXT = /^(string|template_string|jsx_text|concatenated_string)$/;
const NOT_A_STATEMENT = new Set(['jsx_namespace_declaration']);
const CALLABLE = new Set([
  'function_definition',
  'function_declaration',
  'function_expression',
  'generator_function',
  'generator_function_declaration',
  'arrow_function',
  'method_definition',
]);

interface Span {
  readonly start: number;
  readonly end: number;
  readonly loc: number;
}

/** What the tree says about a file. */
export interface FileStructure {
  /** For each row, whether it holds code: something that is neither space, nor comment, nor documentation string. */
  readonly codeRows: Uint8Array;
  readonly rowStarts: readonly number[];
  readonly statements: readonly Span[];
  readonly callables: readonly Span[];
}

function rowStartsOf(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

interface Seen {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly startRow: number;
  readonly endRow: number;
}

export function readStructure(tree: Tree, text: string): FileStructure {
  const rowStarts = rowStartsOf(text);
  const codeRows = new Uint8Array(rowStarts.length);
  const spans: { seen: Seen; statement: boolean; callable: boolean }[] = [];
  const cursor = tree.walk();
  const path: { type: string; index: number }[] = [];
  for (;;) {
    const type = cursor.nodeType;
    const seen: Seen = {
      type,
      start: cursor.startIndex,
      end: cursor.endIndex,
      startRow: cursor.startPosition.row,
      endRow: cursor.endPosition.row,
    };
    const isComment = type === 'comment' || type === 'html_comment';
    const isDoc = type === 'expression_statement' && isDocstring(cursor.currentNode, path.at(-1)?.type ?? '');
    // A decorated definition is one statement together with its decorators.
    const isDecorated = path.at(-1)?.type === 'decorated_definition';
    if (cursor.nodeIsNamed && !isDecorated && STATEMENT.test(type) && !NOT_A_STATEMENT.has(type) && !isDoc) {
      spans.push({ seen, statement: true, callable: CALLABLE.has(type) });
    } else if (CALLABLE.has(type)) spans.push({ seen, statement: false, callable: true });
    // What a string holds is code on every line, also between the parts that the tree names.
    if (TEXT.test(type)) codeRows.fill(1, seen.startRow, seen.endRow + 1);
    if (!isComment && !isDoc && cursor.gotoFirstChild()) {
      path.push({ type, index: 0 });
      continue;
    }
    if (!isComment && !isDoc && seen.end > seen.start) codeRows.fill(1, seen.startRow, seen.endRow + 1);
    let up = false;
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) {
        up = true;
        break;
      }
      path.pop();
    }
    if (up) break;
  }
  cursor.delete();
  const isBlank = (row: number): boolean => text.slice(rowStarts[row], rowStarts[row + 1]).trim() === '';
  codeRows.forEach((code, row) => {
    if (code === 1 && isBlank(row)) codeRows[row] = 0;
  });
  const locOf = (seen: Seen): number =>
    codeRows.subarray(seen.startRow, seen.endRow + 1).reduce((sum, code) => sum + code, 0);
  const spanOf = ({ seen }: { seen: Seen }): Span => ({ start: seen.start, end: seen.end, loc: locOf(seen) });
  return {
    codeRows,
    rowStarts,
    statements: spans.filter((span) => span.statement).map(spanOf),
    callables: spans.filter((span) => span.callable).map(spanOf),
  };
}

/** In Python, a string that stands first in a module or body. */
function isDocstring(
  node: {
    namedChildCount: number;
    namedChild(i: number): { type: string } | null;
    previousNamedSibling: { type: string } | null;
  },
  parent: string,
): boolean {
  if (parent !== 'module' && parent !== 'block') return false;
  if (node.namedChildCount !== 1 || node.namedChild(0)?.type !== 'string') return false;
  const before = node.previousNamedSibling;
  return before === null || before.type === 'comment';
}

export interface Judgement {
  readonly atoms: number;
  /** LOC of each piece. */
  readonly loc: number[];
  readonly bytes: number[];
  /** Cuts through a statement that would have fitted. */
  needless: number;
  /** Callables of 3 to 15 lines, and those of them that no cut goes through. */
  callables: number;
  whole: number;
  /** Pieces that hold the end of one callable and the beginning of another. */
  mixes: number;
  readonly needlessAt: number[];
  readonly mixAt: number[];
}

function rowOf(rowStarts: readonly number[], position: number): number {
  let low = 0;
  let high = rowStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rowStarts[middle] as number) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** First index into ascending `values` with a value greater than `limit`. */
function firstAbove(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Judges the cuts of one file: positions strictly inside the text, ascending. */
export function judge(structure: FileStructure, text: string, cuts: readonly number[]): Judgement {
  const { rowStarts, codeRows } = structure;
  const bounds = [0, ...cuts, text.length];
  const result: Judgement = {
    atoms: bounds.length - 1,
    loc: [],
    bytes: [],
    needless: 0,
    callables: 0,
    whole: 0,
    mixes: 0,
    needlessAt: [],
    mixAt: [],
  };
  const inner = (span: Span): [number, number] => [firstAbove(cuts, span.start), firstAbove(cuts, span.end - 1)];
  const needless = new Set<number>();
  for (const span of structure.statements) {
    if (span.loc > MAX_LOC || span.end - span.start > MAX_SIZE) continue;
    const [from, to] = inner(span);
    for (let i = from; i < to; i++) needless.add(cuts[i] as number);
  }
  result.needless = needless.size;
  result.needlessAt.push(...needless);
  const tails = new Set<number>();
  const heads = new Map<number, number>();
  for (const span of structure.callables) {
    const [from, to] = inner(span);
    if (span.loc >= 3 && span.loc <= MAX_LOC) {
      result.callables++;
      if (from === to) result.whole++;
    }
    if (from === to) continue;
    // The piece in which the callable ends began inside it; the piece in which it begins ends inside it.
    if (span.end < (bounds[to + 1] as number)) tails.add(to);
    heads.set(from, span.start);
  }
  for (const piece of tails) {
    if (!heads.has(piece)) continue;
    result.mixes++;
    result.mixAt.push(bounds[piece] as number);
  }
  for (let i = 0; i + 1 < bounds.length; i++) {
    const start = bounds[i] as number;
    const end = bounds[i + 1] as number;
    const last = rowOf(rowStarts, Math.max(end - 1, start));
    let loc = 0;
    for (let row = rowOf(rowStarts, start); row <= last; row++) loc += codeRows[row] as number;
    result.loc.push(loc);
    result.bytes.push(Buffer.byteLength(text.slice(start, end)));
  }
  return result;
}

/** Whether a piece could be divided further: not without a needless cut; only into pieces under the least size; or freely. */
export type Divisible = 'not' | 'small' | 'freely';

/** Judges the pieces of one file; `bounds` are their limits, from 0 to the end of the text. */
export function divisibleOf(structure: FileStructure, bounds: readonly number[]): Divisible[] {
  const { rowStarts, codeRows, statements } = structure;
  const fitting = statements.filter((span) => span.loc <= MAX_LOC && span.end - span.start <= MAX_SIZE);
  // Spans are in document order: what is not inside the fitting span that reaches farthest is inside none.
  const allowed: number[] = [];
  let reach = 0;
  let next = 0;
  for (const { start } of statements) {
    for (; next < fitting.length && (fitting[next] as Span).start < start; next++)
      reach = Math.max(reach, (fitting[next] as Span).end);
    if (start >= reach) allowed.push(start);
  }
  const locOf = (from: number, to: number): number => {
    let loc = 0;
    const last = rowOf(rowStarts, Math.max(to - 1, from));
    for (let row = rowOf(rowStarts, from); row <= last; row++) loc += codeRows[row] as number;
    return loc;
  };
  return bounds.slice(1).map((end, i) => {
    const start = bounds[i] as number;
    let result: Divisible = 'not';
    for (let k = firstAbove(allowed, start); k < allowed.length && (allowed[k] as number) < end; k++) {
      const row = rowStarts[rowOf(rowStarts, allowed[k] as number)] as number;
      if (row <= start || locOf(start, row) === 0) continue;
      if (locOf(start, row) >= MIN_LOC && locOf(row, end) >= MIN_LOC) return 'freely';
      result = 'small';
    }
    return result;
  });
}
