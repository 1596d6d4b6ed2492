import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';
import { announcesCheck, soundsLikeCheck } from '../announced-check.ts';
import type { TaskContract } from '../contract/task-contract.ts';
import type { StaticProblem } from '../language-checks.ts';
import type { Example } from './examples.ts';
import type { PythonFunction } from './functions.ts';
import { problemAt } from './problem.ts';
import { around, bare, field, isStringStatement, ownNodes, parts, textOf, within } from './tree.ts';

const squeeze = (node: Node | null): string => textOf(node).replaceAll(/\s+/g, '');

const ASKS: ReadonlySet<string> = new Set([
  'if_statement',
  'conditional_expression',
  'boolean_operator',
  'not_operator',
  'comparison_operator',
  'while_statement',
  'try_statement',
  'raise_statement',
  'assert_statement',
  'match_statement',
  'if_clause',
]);
const DEFINITIONS = /^(?:function_definition|class_definition|decorated_definition|import\w*)$/;
const LOOPS: ReadonlySet<string> = new Set(['for_statement', 'while_statement']);

/** True where a statement asks anything, by itself or by what it calls. */
function decides(statement: Node): boolean {
  for (const node of within(statement)) {
    if (ASKS.has(node.type)) return true;
    if (node.type === 'call' && soundsLikeCheck(textOf(field(node, 'function')))) return true;
  }
  return false;
}

function lastRow(node: Node): number {
  return node.startPosition.row + textOf(node).split('\n').length - 1;
}

/** The statement that a comment stands before; where it only works a value out, with those that follow without a gap. */
function stepsFrom(statements: readonly Node[], first: Node): Node[] {
  const steps = [first];
  for (let at = statements.indexOf(first); at >= 0; at += 1) {
    const [own, next] = [statements[at], statements[at + 1]];
    const isWork = own?.type === 'expression_statement' && own.namedChild(0)?.type === 'assignment';
    if (!isWork || next === undefined || next.startPosition.row !== lastRow(own) + 1) break;
    steps.push(next);
  }
  return steps;
}

/** Comments in lines of their own, those without a gap as one, each with the statement after it. */
function commentsBefore(body: Node): [comment: Node, words: string, follower: Node][] {
  // What a function or a loop begins with stands before its block.
  const owner = /^(?:function_definition|for_statement|while_statement)$/.test(body.parent?.type ?? '')
    ? body.parent
    : null;
  const before = (owner?.namedChildren ?? []).filter(
    (child): child is Node => child?.type === 'comment' && child.endIndex <= body.startIndex,
  );
  const children = [...before, ...body.namedChildren.filter((child): child is Node => child !== null)];
  const found: [Node, string, Node][] = [];
  let open: { first: Node; last: Node; words: string }[] = [];
  let previous: Node | undefined;
  for (const child of children) {
    if (child.type === 'comment') {
      const isTrailing = previous !== undefined && lastRow(previous) === child.startPosition.row;
      const last = open.at(-1);
      if (isTrailing) continue;
      if (last !== undefined && last.last.startPosition.row + 1 === child.startPosition.row)
        open[open.length - 1] = { ...last, last: child, words: `${last.words}\n${child.text}` };
      else open.push({ first: child, last: child, words: child.text });
      continue;
    }
    for (const { first, words } of open) found.push([first, words, child]);
    open = [];
    previous = child;
  }
  return found;
}

/** A comment that announces a check, and nothing after it that checks anything. */
function announcedChecks(root: Node): StaticProblem[] {
  return [...within(root)].flatMap((body) => {
    if (body.type !== 'block') return [];
    const statements = parts(body);
    return commentsBefore(body).flatMap(([comment, words, follower]) => {
      if (!announcesCheck(words) || DEFINITIONS.test(follower.type) || isStringStatement(follower)) return [];
      if (stepsFrom(statements, follower).some(decides)) return [];
      const message = `"${words.replaceAll(/\s+/g, ' ').slice(0, 80)}" announces a check, and nothing after it checks anything`;
      return [
        problemAt(comment, 'semantics', 'announced-check', message, 'write the check, or say what is done instead'),
      ];
    });
  });
}

/** What trial division from 2 upwards divides, where it answers True in the end; null for any other function. */
function dividedByTrial({ statements, body }: PythonFunction): string | null {
  const last = statements.at(-1);
  if (last?.type !== 'return_statement') return null;
  const all = /^returnall\((?:not)?\(?(\w+)%(\w+)\)?(?:!=0|>0)?for(\w+)inrange\(2,/.exec(squeeze(last));
  if (all !== null && all[2] === all[3]) return all[1] ?? null;
  if (squeeze(last) !== 'returnTrue') return null;
  for (const node of ownNodes(body)) {
    if (node.type !== 'if_statement' || !/^returnFalse/.test(squeeze(field(node, 'consequence')))) continue;
    const [, divided, counter = ''] =
      /^(?:not)?\(?(\w+)%(\w+)\)?(?:==0|<1)?$/.exec(squeeze(field(node, 'condition'))) ?? [];
    const loop = divided === undefined ? null : around(node, LOOPS);
    if (loop === null || divided === undefined) continue;
    const head = squeeze(field(loop, 'right')) + squeeze(field(loop, 'condition'));
    const counts = squeeze(field(loop, 'left')) === counter && head.startsWith('range(2,');
    const whiles =
      new RegExp(`^${counter}(?:\\*|<)`).test(head) && new RegExp(`\\b${counter} *= *2\\b`).test(body.text);
    if (counts || whiles) return divided;
  }
  return null;
}

/** Trial division that takes 0 and 1 for prime numbers. */
function primeBelowTwo(fn: PythonFunction, examples: readonly Example[], contract: TaskContract): StaticProblem[] {
  const divided = fn.isNested ? null : dividedByTrial(fn);
  const isAsked = contract.entry === fn.name || examples.some((example) => example.callee === fn.name);
  if (divided === null || !isAsked) return [];
  const words = `${fn.name} ${fn.docstring} ${contract.description}`;
  if (!/prime/i.test(words) || /(?:greater|larger|more) than (?:1|one)\b|at least (?:2|two)\b/i.test(words)) return [];
  const names = [
    divided,
    ...[...fn.body.text.matchAll(/\b(\w+) *= *(\w+)\s*$/gm)].flatMap(([, to = '', from = '']) =>
      to === divided ? [from] : [],
    ),
  ];
  const asks = [...ownNodes(fn.body)].some(
    (node) =>
      node.type === 'comparison_operator' &&
      parts(node).some((part) => names.includes(squeeze(bare(part)))) &&
      parts(node).some((part) => /^-?[0-3]$|^[([{]/.test(squeeze(part))),
  );
  if (asks) return [];
  const message = `"${fn.name}" takes 0 and 1 for prime: nothing asks whether ${divided} is less than 2`;
  const name = field(fn.node, 'name') ?? fn.node;
  return [problemAt(name, 'semantics', 'prime-below-two', message, `return False where ${divided} < 2`)];
}

/** `node = node.children[key]` in a loop that never asks whether the key is there. */
function uncheckedSteps({ body }: PythonFunction): StaticProblem[] {
  return [...ownNodes(body)].flatMap((node) => {
    if (node.type !== 'assignment') return [];
    const [, name = '', member = '', key = ''] = /^(\w+)=(\1(?:\.\w+)+)\[(\w+)\]$/.exec(squeeze(node)) ?? [];
    const loop = name === '' ? null : around(node, LOOPS);
    if (loop?.type !== 'for_statement' || loop.startIndex < body.startIndex) return [];
    const before = body.text.slice(0, loop.startIndex - body.startIndex);
    if (/\b(?:if|raise|assert|while|try)\b/.test(before) || around(loop, TRIES) !== null) return [];
    const asks = [...ownNodes(loop)].some(
      (at) =>
        (at.id !== loop.id && ASKS.has(at.type)) ||
        (at.type === 'assignment' && squeeze(field(at, 'left')).startsWith(`${member}[`)) ||
        (at.type === 'call' && /setdefault$/.test(textOf(field(at, 'function')))),
    );
    if (asks) return [];
    const message = `${member} may not hold ${key}, and the next step is taken without asking`;
    return [
      problemAt(node, 'semantics', 'unchecked-step', message, `say what happens where ${key} is not in ${member}`),
    ];
  });
}

const TRIES: ReadonlySet<string> = new Set(['try_statement']);

/** Questions that a comment announces, or that the code and the task show to be needed, and that nobody asks. */
export function guardProblems(
  root: Node,
  functions: readonly PythonFunction[],
  examples: readonly Example[],
  contract: TaskContract | null,
): StaticProblem[] {
  return [
    ...announcedChecks(root),
    ...functions.flatMap((fn) => [
      ...uncheckedSteps(fn),
      ...(contract === null ? [] : primeBelowTwo(fn, examples, contract)),
    ]),
  ];
}
