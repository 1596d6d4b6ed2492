import type { SyntaxNode, SyntaxTree } from '../../adapters/parser/index.ts';
import type { Mark, Parameter } from './mark.ts';
import { parametersOf, type UntriedInput, untriedInputs } from './parameters.ts';
import { BOUNDARIES, conditionOf, type MutableGrammar, mutableGrammar, nodesIn, operatorOf } from './grammar.ts';

export interface MarkedText {
  /** The text, with calls of `_mge_a`, `_mge_b`, `_mge_c`, `_mge_l` and `_mge_r` that tell which ways a run takes. */
  readonly text: string;
  readonly marks: readonly Mark[];
}

interface Insertion {
  readonly at: number;
  readonly text: string;
  /** An insertion that closes comes before those that open at the same place; of the former the innermost first, of the latter the outermost. */
  readonly closes: boolean;
  readonly span: number;
}

const MOST_MARKS = 400;
const SHOWN = 40;

/** Blocks that count by themselves: those of branches are counted by their condition. */
const PYTHON_BLOCKS = new Set(['function_definition', 'except_clause', 'for_statement', 'case_clause']);
const SCRIPT_BLOCKS = new Set([
  ...['function_declaration', 'method_definition', 'arrow_function', 'function_expression', 'catch_clause'],
  ...['for_in_statement', 'generator_function_declaration'],
]);

/** Puts marks into a part of a text, so that one run tells what of it the tests reach; null where it cannot be marked. */
export function markBranches(
  tree: SyntaxTree,
  language: string,
  range: { readonly start: number; readonly end: number },
): MarkedText | null {
  const grammar = mutableGrammar(language);
  if (grammar === null || tree.hasError) return null;
  const marks: Mark[] = [];
  const insertions: Insertion[] = [];
  const add = (kind: Mark['kind'], node: SyntaxNode, parameters?: readonly Parameter[]): number => {
    const id = marks.length;
    const line = node.startPosition.row + 1;
    marks.push({ id, kind, line, what: shown(node), ...(parameters === undefined ? {} : { parameters }) });
    return id;
  };
  const wrap = (node: SyntaxNode, open: string, close: string): void => {
    const span = node.endIndex - node.startIndex;
    insertions.push({ at: node.startIndex, text: open, closes: false, span });
    insertions.push({ at: node.endIndex, text: close, closes: true, span });
  };
  const python = language === 'python';
  for (const node of nodesIn(tree.rootNode, grammar, range)) {
    if (marks.length >= MOST_MARKS) break;
    for (const condition of conditionsOf(node, grammar))
      wrap(condition, `_mge_c(${add('condition', condition)}, (`, '))');
    for (const [left, right] of comparedIn(node, grammar)) {
      const id = add('equality', node);
      wrap(left, `_mge_l(${id}, (`, '))');
      wrap(right, `_mge_r(${id}, (`, '))');
    }
    const place = python ? pythonBlock(node) : scriptBlock(node);
    if (place === null) continue;
    const block = `_mge_b(${add('block', node)})`;
    const parameters = parametersOf(node, grammar);
    const call =
      parameters.length === 0
        ? block
        : `${block}; _mge_a(${add('inputs', node, parameters)}, ${parameters.map(({ name }) => name).join(', ')})`;
    insertions.push({ at: place.at, text: `${place.before}${call}${place.after}`, closes: false, span: Infinity });
  }
  return { text: inserted(tree.text, insertions), marks };
}

function shown(node: SyntaxNode): string {
  const line = node.text.split('\n')[0]?.trim() ?? '';
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}

function conditionsOf(node: SyntaxNode, grammar: MutableGrammar): SyntaxNode[] {
  const condition = conditionOf(node, grammar) ?? (node.type === 'if_clause' ? node.namedChildren[0] : undefined);
  const found = condition === undefined ? [] : [condition];
  const operator = node.type === grammar.logical ? operatorOf(node) : null;
  if (operator !== null && ['and', 'or', '&&', '||'].includes(operator.text))
    found.push(...node.namedChildren.filter(({ type }) => type !== 'comment').slice(0, 1));
  return found;
}

function comparedIn(node: SyntaxNode, grammar: MutableGrammar): [SyntaxNode, SyntaxNode][] {
  if (node.type !== grammar.comparison) return [];
  const operator = operatorOf(node);
  const [left, right] = node.namedChildren.filter(({ type }) => type !== 'comment');
  if (operator === null || BOUNDARIES[operator.text] === undefined || left === undefined || right === undefined)
    return [];
  return [[left, right]];
}

interface Place {
  readonly at: number;
  readonly before: string;
  readonly after: string;
}

function pythonBlock(node: SyntaxNode): Place | null {
  if (!PYTHON_BLOCKS.has(node.type)) return null;
  const block = node.children.find(({ type }) => type === 'block');
  const [first, second] = block?.namedChildren.filter(({ type }) => type !== 'comment') ?? [];
  const isDocumented = first?.type === 'expression_statement' && first.namedChildren[0]?.type === 'string';
  const statement = isDocumented ? second : first;
  if (statement === undefined) return null;
  const { text } = statement.tree;
  const indent = text.slice(text.lastIndexOf('\n', statement.startIndex - 1) + 1, statement.startIndex);
  const after = /^[ \t]*$/.test(indent) ? `\n${indent}` : '; ';
  return { at: statement.startIndex, before: '', after };
}

function scriptBlock(node: SyntaxNode): Place | null {
  if (node.type === 'switch_case' || node.type === 'switch_default') {
    const colon = node.children.find(({ type }) => type === ':');
    return colon === undefined ? null : { at: colon.endIndex, before: ' ', after: ';' };
  }
  if (!SCRIPT_BLOCKS.has(node.type)) return null;
  const block = node.childForFieldName('body');
  return block?.type === 'statement_block' ? { at: block.startIndex + 1, before: ' ', after: ';' } : null;
}

function inserted(text: string, insertions: readonly Insertion[]): string {
  const order = [...insertions].sort(
    (a, b) => a.at - b.at || Number(b.closes) - Number(a.closes) || (a.closes ? a.span - b.span : b.span - a.span),
  );
  const pieces: string[] = [];
  let done = 0;
  for (const { at, text: piece } of order) {
    pieces.push(text.slice(done, at), piece);
    done = at;
  }
  return pieces.join('') + text.slice(done);
}

/** A way that no run took. */
export interface MissedWay {
  readonly mark: Mark;
  /** `entered`, `true`, `false`, `equal`. */
  readonly way: string;
}

const WAYS: Readonly<Record<Mark['kind'], readonly string[]>> = {
  block: ['b'],
  condition: ['t', 'f'],
  equality: ['e'],
  inputs: [],
};

/** Which ways runs took. */
export interface TakenWays {
  readonly missed: readonly MissedWay[];
  /** How many were taken once only. */
  readonly once: number;
  readonly all: number;
  /** Borders of the parameters' types that no test passes. */
  readonly untried: readonly UntriedInput[];
}

/**
 * The ways that runs did not take, by what they reported (`3t`: condition 3 held) and how often. Inside of a block that was not entered,
 * and behind a condition that was never asked, everything counts as missed.
 */
export function takenWays(
  { marks }: Pick<MarkedText, 'marks'>,
  reports: readonly Readonly<Record<string, number>>[],
): TakenWays {
  const times = (name: string): number => reports.reduce((sum, report) => sum + (report[name] ?? 0), 0);
  const ways = marks.flatMap((mark) => WAYS[mark.kind].map((way) => ({ mark, way, count: times(`${mark.id}${way}`) })));
  return {
    missed: ways.filter(({ count }) => count === 0).map(({ mark, way }) => ({ mark, way })),
    once: ways.filter(({ count }) => count === 1).length,
    all: ways.length,
    untried: marks.flatMap((mark) => untriedInputs(mark, times)),
  };
}
