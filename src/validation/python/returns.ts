import type { Node } from '../../adapters/parser/index.ts';
import type { StaticProblem } from '../language-checks.ts';
import { type Example } from './examples.ts';
import type { PythonFunction } from './functions.ts';
import { isAlwaysTrue } from './loops.ts';
import { examplesFor } from './probe.ts';
import { problemAt } from './problem.ts';
import { bare, field, ownNodes, parts, textOf } from './tree.ts';

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

/** A result that the last statement works out and then forgets, in a function that returns elsewhere or should. */
function forgottenResult(fn: PythonFunction, last: Node): boolean {
  const inner = last.type === 'expression_statement' ? last.namedChild(0) : null;
  return inner?.type === 'assignment' && field(inner, 'left')?.type === 'identifier';
}

function pathProblems(fn: PythonFunction): StaticProblem[] {
  const last = runsOut(fn);
  if (last === null) return [];
  const finding = (message: string): StaticProblem[] => [
    problemAt(last, 'semantics', 'path-without-value', message, 'return a value on every path'),
  ];
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

/** A name that the last statement of a function assigns and nobody reads. */
function deadEnd(fn: PythonFunction): StaticProblem[] {
  const last = lastOf(fn);
  const assignment = last?.type === 'expression_statement' ? last.namedChild(0) : null;
  const target = assignment?.type === 'assignment' ? field(assignment, 'left') : null;
  if (last === null || target?.type !== 'identifier' || fn.isGenerator || !forgottenResult(fn, last)) return [];
  const shared = [...ownNodes(fn.body)].some(
    ({ type }) => type === 'global_statement' || type === 'nonlocal_statement',
  );
  if (shared) return [];
  const message = `"${target.text}" is assigned at the end of "${fn.name}" and never read`;
  return [problemAt(last, 'semantics', 'forgotten-result', message, `return ${target.text}`)];
}

/** What functions return: nothing where something is expected, on some paths only, or values that are dropped. */
export function returnProblems(functions: readonly PythonFunction[], examples: readonly Example[]): StaticProblem[] {
  return functions.flatMap((fn) => [
    ...givesNothing(fn, examples),
    ...pathProblems(fn),
    ...droppedValues(fn),
    ...deadEnd(fn),
  ]);
}
