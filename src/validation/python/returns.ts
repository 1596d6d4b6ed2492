import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';
import type { StaticProblem } from '../language-checks.ts';
import { type Example } from './examples.ts';
import type { PythonFunction } from './functions.ts';
import { isAlwaysTrue } from './loops.ts';
import { examplesFor } from './probe.ts';
import { problemAt } from './problem.ts';
import { bare, field, ownNodes, parts, textOf, within } from './tree.ts';

/** How a statement may be left: `falls` to the next one, or not. */
function falls(node: Node): boolean {
  switch (node.type) {
    case 'return_statement':
    case 'raise_statement':
    case 'continue_statement':
    case 'break_statement':
      return false;
    case 'if_statement':
      return ifFalls(node);
    case 'while_statement': {
      const condition = field(node, 'condition');
      return condition === null || !isAlwaysTrue(condition) || /\bbreak\b/.test(node.text);
    }
    case 'with_statement':
      return blockFalls(field(node, 'body'));
    case 'try_statement':
      return tryFalls(node);
    case 'match_statement':
      return matchFalls(node);
    case 'assert_statement':
      return !/^assert\s+\(?(?:False|0)\b/.test(node.text);
    case 'expression_statement':
      return !/^(?:sys\.exit|exit|quit|os\._exit|self\.fail|pytest\.fail)\(/.test(node.text);
    default:
      return true;
  }
}

export function blockFalls(block: Node | null): boolean {
  return parts(block).every(falls);
}

function ifFalls(node: Node): boolean {
  const others = parts(node).filter(({ type }) => type === 'elif_clause' || type === 'else_clause');
  const last = others.at(-1);
  if (last?.type !== 'else_clause') return true;
  const blocks = [
    field(node, 'consequence'),
    ...others.map((clause) => field(clause, 'consequence') ?? field(clause, 'body')),
  ];
  return blocks.some(blockFalls);
}

function tryFalls(node: Node): boolean {
  const clauses = parts(node);
  const finalizer = clauses.find(({ type }) => type === 'finally_clause');
  if (finalizer !== undefined && !blockFalls(parts(finalizer).at(-1) ?? null)) return false;
  const otherwise = clauses.find(({ type }) => type === 'else_clause');
  const body = blockFalls(field(node, 'body')) && (otherwise === undefined || blockFalls(field(otherwise, 'body')));
  const handlers = clauses.filter(({ type }) => type === 'except_clause' || type === 'except_group_clause');
  return body || handlers.some((handler) => blockFalls(parts(handler).at(-1) ?? null));
}

function matchFalls(node: Node): boolean {
  const cases = parts(field(node, 'body')).filter(({ type }) => type === 'case_clause');
  const exhaustive = cases.some((clause) => /^case\s+_\s*:/.test(clause.text));
  return !exhaustive || cases.some((clause) => blockFalls(field(clause, 'consequence')));
}

/** The value of a return statement; null where it returns nothing. */
function valueOf(statement: Node): Node | null {
  const [value] = parts(statement);
  return value === undefined || value.type === 'none' ? null : value;
}

const ABSTRACT = /abstract|overload|property|setter|fixture|override/;

function isDeclarationOnly(fn: PythonFunction): boolean {
  return (
    fn.decorators.some((decorator) => ABSTRACT.test(decorator)) ||
    fn.statements.every((statement) => /^(?:pass|\.\.\.|raise\b)/.test(statement.text))
  );
}

const isNothing = (annotation: string | null): boolean =>
  annotation === null ||
  /^["']?(?:None|NoReturn|Never|Any|object)["']?$/.test(annotation) ||
  /\bNone\b|Optional|Generator|Iterator|Iterable/.test(annotation);

/** A function that has to give a value, by its annotation or by what its examples expect, and gives none anywhere. */
function givesNothing(fn: PythonFunction, examples: readonly Example[]): StaticProblem[] {
  if (fn.isGenerator || fn.name === '__init__' || fn.returns.some((statement) => valueOf(statement) !== null))
    return [];
  if (isDeclarationOnly(fn) && fn.decorators.length > 0) return [];
  const name = field(fn.node, 'name') ?? fn.node;
  const expected = examplesFor(fn, examples).some(
    ({ expected: type, isPrinted }) => type !== null && type.kind !== 'None' && type.kind !== 'any' && !isPrinted,
  );
  const annotated = !isNothing(fn.returnAnnotation) && !isDeclarationOnly(fn);
  if (!expected && !annotated) return [];
  const because = expected ? 'its uses expect one' : `it says that it returns ${fn.returnAnnotation ?? ''}`;
  return [
    problemAt(
      name,
      'contracts',
      'returns-nothing',
      `"${fn.name}" returns no value, but ${because}`,
      'return the result',
    ),
  ];
}

/** The last statement through which the end of a function can be reached. */
function lastOf(fn: PythonFunction): Node | null {
  return fn.statements.at(-1) ?? null;
}

/** The statement at which a function that returns values elsewhere runs out; null where it does not, or where that is usual. */
function runsOut(fn: PythonFunction): Node | null {
  const valued = fn.returns.filter((statement) => valueOf(statement) !== null);
  if (fn.isGenerator || valued.length === 0 || valued.length < fn.returns.length || fn.name === '__init__') return null;
  if (!blockFalls(fn.body)) return null;
  return lastOf(fn);
}

/** True where all that a function returns are flags and messages: it does something and says early why it did not. */
function valuesAreAnswers(fn: PythonFunction): boolean {
  return fn.returns.every((statement) => /^(?:true|false|string|none)$/.test(valueOf(statement)?.type ?? 'none'));
}

function pathProblems(fn: PythonFunction): StaticProblem[] {
  const last = runsOut(fn);
  if (last === null) return [];
  const finding = (message: string): StaticProblem[] => [
    problemAt(last, 'semantics', 'path-without-value', message, 'return a value on every path'),
  ];
  if (valuesAreAnswers(fn)) return [];
  const message = `"${fn.name}" returns a value on some paths and runs out without one here`;
  if (last.type === 'expression_statement') return finding(message);
  if (last.type === 'for_statement' || last.type === 'while_statement')
    return loopRunsOut(last) ? finding(message) : [];
  if (last.type === 'if_statement' && fn.returnAnnotation !== null && !isNothing(fn.returnAnnotation))
    return finding(message);
  return [];
}

/** A search that returns from inside a loop may know that it finds something; one that returns in its first round cannot. */
function loopRunsOut(loop: Node): boolean {
  const statements = parts(field(loop, 'body'));
  return statements.some(({ type }) => type === 'return_statement') && statements.length > 1;
}

const PURE_CALL =
  /^(?:len|sorted|str|int|float|sum|max|min|abs|round|list|tuple|set|dict|zip|enumerate|reversed|map|filter|range|bool|ord|chr|repr)$/;
const PURE_METHOD =
  /^(?:strip|lstrip|rstrip|lower|upper|title|capitalize|replace|split|join|format|startswith|endswith|union|intersection|difference|isdigit|isalpha)$/;

/** Values that are worked out and dropped. */
function droppedValues(fn: PythonFunction): StaticProblem[] {
  const found: StaticProblem[] = [];
  for (const node of ownNodes(fn.body)) {
    if (node.type !== 'expression_statement' || node.parent?.parent?.type === 'try_statement') continue;
    const value = node.namedChild(0);
    if (value === null || node.namedChildCount !== 1) continue;
    if (isDropped(bare(value)))
      found.push(
        problemAt(node, 'semantics', 'dropped-value', 'this value is worked out and dropped', 'return it or assign it'),
      );
  }
  return found;
}

const VALUES: ReadonlySet<string> = new Set([
  'binary_operator',
  'boolean_operator',
  'comparison_operator',
  'identifier',
  'conditional_expression',
  'list_comprehension',
  'dictionary_comprehension',
  'set_comprehension',
  'generator_expression',
  'list',
  'dictionary',
  'set',
  'tuple',
  'expression_list',
  'not_operator',
  'unary_operator',
  'true',
  'false',
  'integer',
  'float',
  'subscript',
]);

function isDropped(value: Node): boolean {
  if (VALUES.has(value.type)) return true;
  if (value.type !== 'call') return false;
  const callee = field(value, 'function');
  if (callee?.type === 'identifier') return PURE_CALL.test(callee.text);
  const object = callee === null ? null : field(callee, 'object');
  return (
    callee?.type === 'attribute' && PURE_METHOD.test(textOf(field(callee, 'attribute'))) && object?.type === 'string'
  );
}

const RESULT_NAME = /^(?:result|results|res|ret|retval|return_value|answer|ans|output|out)$/;

function isShared(fn: PythonFunction): boolean {
  for (const { type, text } of within(fn.node)) {
    if (type === 'global_statement' || type === 'nonlocal_statement') return true;
    if (type === 'call' && /^(?:locals|vars|eval|exec)\(/.test(text)) return true;
  }
  return false;
}

/** True for a value that somebody worked out: what is only written out may be left over. */
function isComputed(value: Node): boolean {
  for (const { type } of within(value)) if (type === 'identifier') return true;
  return false;
}

/** Names that are assigned and never read: the result of a function under whatever name, or something worked out at a path's end. */
function forgottenResults(fn: PythonFunction): StaticProblem[] {
  if (isShared(fn)) return [];
  const reads = new Map<string, number>();
  const assignments: { name: Node; value: Node | null; statement: Node }[] = [];
  for (const node of within(fn.node)) {
    if (node.type !== 'identifier') continue;
    const parent = node.parent;
    const isTarget = parent?.type === 'assignment' && field(parent, 'left')?.id === node.id;
    if (!isTarget) reads.set(node.text, (reads.get(node.text) ?? 0) + 1);
    else if (parent.parent?.type === 'expression_statement')
      assignments.push({ name: node, value: field(parent, 'right'), statement: parent.parent });
  }
  return assignments.flatMap(({ name, value, statement }) => {
    if (value === null || reads.has(name.text)) return [];
    const isLast = statement.nextNamedSibling === null && isComputed(value);
    if (!isLast && !RESULT_NAME.test(name.text)) return [];
    const message = `"${name.text}" is assigned in "${fn.name}" and never read`;
    return [problemAt(statement, 'semantics', 'forgotten-result', message, `return ${name.text}`)];
  });
}

/** `print(x)` at the end of a branch, where the other branches return what they have. */
function printedResults(fn: PythonFunction): StaticProblem[] {
  const valued = fn.returns.filter((statement) => valueOf(statement) !== null);
  if (valued.length === 0 || fn.name === 'main') return [];
  const prints = [...ownNodes(fn.body)].filter(isPrint);
  const [only, another] = prints;
  if (only === undefined || another !== undefined || only.nextNamedSibling !== null) return [];
  const block = only.parent;
  const [argument, more] = parts(field(only.namedChild(0) ?? only, 'arguments'));
  const isBranch =
    block?.type === 'block' && block.parent?.type !== 'function_definition' && block.namedChildCount === 1;
  if (!isBranch || argument === undefined || more !== undefined || argument.type === 'string') return [];
  return [
    problemAt(
      only,
      'semantics',
      'printed-result',
      'this prints what the other branches return',
      `return ${argument.text}`,
    ),
  ];
}

function isPrint(node: Node): boolean {
  const call = node.type === 'expression_statement' ? node.namedChild(0) : null;
  return call?.type === 'call' && textOf(field(call, 'function')) === 'print';
}

/** What functions return: nothing where something is expected, on some paths only, or values that are dropped. */
export function returnProblems(functions: readonly PythonFunction[], examples: readonly Example[]): StaticProblem[] {
  return functions.flatMap((fn) => [
    ...givesNothing(fn, examples),
    ...pathProblems(fn),
    ...droppedValues(fn),
    ...forgottenResults(fn),
    ...printedResults(fn),
  ]);
}
