import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';
import type { StaticProblem } from '../language-checks.ts';
import { problemAt } from './problem.ts';
import { around, bare, field, ownNodes, parts, textOf, within } from './tree.ts';

const LOOPS: ReadonlySet<string> = new Set(['for_statement', 'while_statement']);
const ENDS: ReadonlySet<string> = new Set(['return_statement', 'raise_statement']);
const EXITS = /^(?:sys\.exit|exit|quit|os\._exit|os\.abort|self\.fail|pytest\.fail)$/;
/** Functions whose result depends on nothing but their arguments. */
const PURE: ReadonlySet<string> = new Set([
  'abs',
  'bool',
  'divmod',
  'float',
  'int',
  'isinstance',
  'len',
  'max',
  'min',
  'ord',
  'pow',
  'round',
  'str',
  'sum',
  'math.sqrt',
  'math.floor',
  'math.ceil',
  'math.isqrt',
]);
const FUNCTIONS: ReadonlySet<string> = new Set(['function_definition', 'module']);
const ORDERED: ReadonlySet<string> = new Set(['<', '>', '<=', '>=', '==', '!=']);

/** The `break` statements of a loop itself. */
function breaksOf(loop: Node): boolean {
  const body = field(loop, 'body');
  if (body === null) return false;
  const mine = within(body, (node) => !LOOPS.has(node.type) && !/definition$|^lambda$/.test(node.type));
  for (const node of mine) if (node.type === 'break_statement') return true;
  // An else clause of an inner loop belongs to this one.
  return [...ownNodes(body)].some(
    (node) => node.type === 'else_clause' && LOOPS.has(node.parent?.type ?? '') && /\bbreak\b/.test(node.text),
  );
}

function leaves(loop: Node): boolean {
  if (breaksOf(loop)) return true;
  const body = field(loop, 'body');
  if (body === null) return true;
  for (const node of ownNodes(body)) {
    if (ENDS.has(node.type) || node.type === 'yield' || node.type === 'await') return true;
    if (node.type === 'call' && EXITS.test(textOf(field(node, 'function')))) return true;
  }
  return false;
}

/** True for a condition that is always true. */
export function isAlwaysTrue(condition: Node): boolean {
  return /^(?:True|[1-9]\d*)$/.test(bare(condition).text);
}

/** The variables that a condition reads, or null where what it reads cannot be told from the text. */
function readBy(condition: Node): { names: Set<string>; numeric: Set<string> } | null {
  const names = new Set<string>();
  const numeric = new Set<string>();
  for (const node of within(condition)) {
    if (['attribute', 'subscript', 'named_expression', 'await', 'lambda', 'generator_expression'].includes(node.type)) {
      if (node.type !== 'attribute' || !PURE.has(node.text)) return null;
    }
    if (node.type === 'call' && !PURE.has(textOf(field(node, 'function')))) return null;
    if (node.type !== 'identifier' || node.parent?.type === 'call' || node.parent?.type === 'attribute') continue;
    names.add(node.text);
    const { parent } = node;
    if (parent?.type === 'comparison_operator' && ORDERED.has(parent.child(1)?.type ?? '')) numeric.add(node.text);
    if (parent?.type === 'binary_operator') numeric.add(node.text);
  }
  return { names, numeric };
}

function targets(node: Node | null): string[] {
  if (node === null) return [];
  return [...within(node)].filter(({ type }) => type === 'identifier').map(({ text }) => text);
}

/** The names that a loop's body may give another value, or whose object it may change. */
function changedIn(body: Node): { assigned: Set<string>; touched: Set<string>; opaque: boolean } {
  const assigned = new Set<string>();
  const touched = new Set<string>();
  let opaque = false;
  for (const node of within(body)) {
    if (/^(?:assignment|augmented_assignment|for_statement|for_in_clause)$/.test(node.type))
      for (const name of targets(field(node, 'left'))) assigned.add(name);
    if (node.type === 'named_expression') for (const name of targets(field(node, 'name'))) assigned.add(name);
    if (/^(?:delete_statement|as_pattern_target|global_statement|nonlocal_statement)$/.test(node.type))
      for (const name of targets(node)) assigned.add(name);
    if (node.type !== 'call') continue;
    const callee = field(node, 'function');
    if (callee?.type === 'attribute') for (const name of targets(field(callee, 'object'))) touched.add(name);
    if (callee?.type === 'identifier' && /^(?:exec|eval|next|input)$/.test(callee.text)) opaque = true;
    for (const argument of parts(field(node, 'arguments')))
      if (argument.type === 'identifier') touched.add(argument.text);
  }
  return { assigned, touched, opaque };
}

/** A loop that calls something may be left by an error, and a server's is not meant to end. */
function mayRaise(loop: Node, body: Node): boolean {
  if (around(loop, TRIES) !== null) return true;
  for (const { type } of within(body)) if (type === 'call' || type === 'subscript') return true;
  return false;
}

const TRIES: ReadonlySet<string> = new Set(['try_statement']);

function endlessWhile(loop: Node, nonlocals: ReadonlySet<string>): StaticProblem | null {
  const condition = field(loop, 'condition');
  const body = field(loop, 'body');
  if (condition === null || body === null) return null;
  if (leaves(loop) && bare(condition).type !== 'comparison_operator') return null;
  const message = 'this loop never ends: nothing in it leaves it';
  if (isAlwaysTrue(condition))
    return leaves(loop) || mayRaise(loop, body)
      ? null
      : problemAt(loop, 'semantics', 'endless-loop', message, 'add a break or a return');
  const read = readBy(condition);
  if (read === null || read.names.size === 0) return null;
  const { assigned, touched, opaque } = changedIn(body);
  if (opaque) return null;
  const isChanged = (name: string): boolean =>
    assigned.has(name) || nonlocals.has(name) || (touched.has(name) && !read.numeric.has(name));
  if ([...read.names].some(isChanged)) return null;
  return problemAt(
    condition,
    'semantics',
    'endless-loop',
    `nothing in the loop changes ${[...read.names].map((name) => `"${name}"`).join(' or ')}: once it runs, it never ends`,
    'change what the condition reads inside the loop',
  );
}

/** A statement after which nothing of its block runs. */
function isEnd(node: Node): boolean {
  return ENDS.has(node.type) || node.type === 'break_statement';
}

/** True where what is returned is worked out in this round: a search whose first hit is wanted. */
function isOfThisRound(end: Node, loop: Node): boolean {
  const body = field(loop, 'body');
  const owner = around(loop, FUNCTIONS);
  if (body === null || owner === null) return false;
  const before = owner.text.slice(0, loop.startIndex - owner.startIndex);
  const own = new Set(targets(field(loop, 'left')));
  for (const node of ownNodes(body))
    if (node.type === 'assignment') for (const name of targets(field(node, 'left'))) own.add(name);
  return targets(end).some((name) => own.has(name) && !new RegExp(`\\b${name}\\b[^\\n=]*=[^=]`).test(before));
}

/** A loop whose body always ends in its first round, although it does something before. */
function singleRound(loop: Node): StaticProblem | null {
  const statements = parts(field(loop, 'body'));
  const index = statements.findIndex(isEnd);
  const end = statements[index];
  if (end === undefined || index === 0 || end.type !== 'return_statement') return null;
  if (isOfThisRound(end, loop)) return null;
  if ([...within(loop)].some(({ type }) => type === 'continue_statement' || type === 'try_statement')) return null;
  return problemAt(
    end,
    'semantics',
    'loop-ends-at-once',
    'this ends the loop in its first round',
    'move it out of the loop',
  );
}

/** Loops that never end, and loops that never begin a second round. */
export function loopProblems(root: Node): StaticProblem[] {
  const nonlocals = new Set<string>();
  const loops: Node[] = [];
  for (const node of within(root)) {
    if (node.type === 'nonlocal_statement' || node.type === 'global_statement')
      for (const name of targets(node)) nonlocals.add(name);
    if (LOOPS.has(node.type)) loops.push(node);
  }
  return loops.flatMap((loop) => {
    const endless = loop.type === 'while_statement' ? endlessWhile(loop, nonlocals) : null;
    return [endless, singleRound(loop)].filter((problem) => problem !== null);
  });
}
