import type TypeScript from 'typescript';
import type { StaticProblem } from '../../language-checks.ts';
import { callables } from '../augment.ts';
import { problemAt } from '../problem.ts';
import type { ScriptContext } from '../context.ts';
import { functionOf } from './usage.ts';

type Callable = TypeScript.FunctionLikeDeclaration;

function returnsOf({ ts }: ScriptContext, node: Callable): TypeScript.ReturnStatement[] {
  const found: TypeScript.ReturnStatement[] = [];
  const visit = (at: TypeScript.Node): void => {
    if (ts.isFunctionLike(at)) return;
    if (ts.isReturnStatement(at)) found.push(at);
    ts.forEachChild(at, visit);
  };
  if (node.body !== undefined) ts.forEachChild(node.body, visit);
  return found;
}

function bare(ts: ScriptContext['ts'], node: TypeScript.Expression): TypeScript.Expression {
  return ts.isAsExpression(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isSatisfiesExpression(node)
    ? bare(ts, node.expression)
    : node;
}

/** Literals all the way down. */
function isConstant(ts: ScriptContext['ts'], given: TypeScript.Expression): boolean {
  const node = bare(ts, given);
  const { SyntaxKind } = ts;
  if (
    ts.isLiteralExpression(node) ||
    [SyntaxKind.TrueKeyword, SyntaxKind.FalseKeyword, SyntaxKind.NullKeyword].includes(node.kind)
  )
    return true;
  if (ts.isIdentifier(node)) return node.text === 'undefined' || node.text === 'NaN' || node.text === 'Infinity';
  if (ts.isPrefixUnaryExpression(node)) return isConstant(ts, node.operand);
  if (ts.isArrayLiteralExpression(node)) return node.elements.every((element) => isConstant(ts, element));
  if (ts.isObjectLiteralExpression(node))
    return node.properties.every(
      (property) => ts.isPropertyAssignment(property) && isConstant(ts, property.initializer),
    );
  return ts.isNewExpression(node) && (node.arguments ?? []).every((argument) => isConstant(ts, argument));
}

const NOT_DONE =
  /not (?:yet )?implemented|unimplemented|\bimplement (?:this|me|the function)|remove this (?:line|statement)|to ?do\b|placeholder/i;

/** A body that only says that it is not there yet. */
function stub(context: ScriptContext, name: string, node: Callable): StaticProblem[] {
  const { ts } = context;
  if (node.body === undefined || !ts.isBlock(node.body)) return [];
  const [first, second] = node.body.statements;
  if (first !== undefined && ts.isThrowStatement(first) && second === undefined && NOT_DONE.test(first.getText()))
    return [
      problemAt(node.body, 'semantics', 'stub', `"${name}" only says that it is not implemented`, 'write the body'),
    ];
  const wantsResult = context.uses.calls.some(
    (use) =>
      use.target === name && use.expected !== null && use.expected.kind !== 'undefined' && use.expected.kind !== 'null',
  );
  const returnsNothing =
    first !== undefined &&
    ts.isReturnStatement(first) &&
    (first.expression === undefined || /^(?:undefined|null)$/.test(bare(ts, first.expression).getText()));
  if (
    second === undefined &&
    (first === undefined || returnsNothing) &&
    !ts.isConstructorDeclaration(node) &&
    (wantsResult || (returnsNothing && node.parameters.length > 0))
  )
    return [problemAt(node.body, 'semantics', 'stub', `"${name}" does nothing`, 'write the body')];
  return [];
}

/** A function of parameters whose answer is the same whatever it is given. */
function constantAnswer(context: ScriptContext, name: string, node: Callable): StaticProblem[] {
  const { ts } = context;
  if (node.body === undefined || node.parameters.length === 0 || !ts.isBlock(node.body)) return [];
  const returns = returnsOf(context, node);
  const [first] = returns;
  if (returns.length === 0 || first?.expression === undefined) return [];
  if (!returns.every(({ expression }) => expression !== undefined && isConstant(ts, expression))) return [];
  const texts = new Set(
    returns.map(({ expression }) => (expression === undefined ? '' : bare(ts, expression).getText())),
  );
  const always = returns.length > 1 && texts.size === 1 && node.body.statements.at(-1) === returns.at(-1);
  return always
    ? [problemAt(node, 'semantics', 'constant-answer', `"${name}" gives ${[...texts][0] ?? ''} whatever it is given`)]
    : [];
}

/** Answers that are looked up by the very inputs that the examples show, instead of worked out. */
function keyedOnExamples(context: ScriptContext, name: string, node: Callable): StaticProblem[] {
  const { ts, contract, uses } = context;
  if (node.body === undefined || !ts.isBlock(node.body)) return [];
  const returns = returnsOf(context, node);
  if (
    returns.length === 0 ||
    !returns.every(({ expression }) => expression !== undefined && isConstant(ts, expression))
  )
    return [];
  const shown = normal(
    `${contract?.description ?? ''} ${contract?.declarations ?? ''} ${uses.calls.map(({ texts }) => texts.join(', ')).join(' ')}`,
  );
  let keyed = 0;
  let conditions = 0;
  const visit = (at: TypeScript.Node): void => {
    if (ts.isIfStatement(at) || ts.isConditionalExpression(at)) {
      conditions += 1;
      const literal = comparedLiteral(context, ts.isIfStatement(at) ? at.expression : at.condition);
      if (literal !== null && literal.length > 2 && shown.includes(literal)) keyed += 1;
    }
    if (ts.isCaseClause(at)) {
      conditions += 1;
      if (
        isConstant(ts, at.expression) &&
        shown.includes(normal(at.expression.getText())) &&
        at.expression.getText().length > 4
      )
        keyed += 1;
    }
    ts.forEachChild(at, visit);
  };
  visit(node.body);
  const whole = conditions > 0 && keyed === conditions;
  return whole
    ? [
        problemAt(
          node,
          'semantics',
          'keyed-on-examples',
          `"${name}" knows only the answers to the examples`,
          'work the answer out',
        ),
      ]
    : [];
}

function normal(text: string): string {
  return text.replaceAll(/\s+/g, '').replaceAll("'", '"').replaceAll('.0,', ',').replaceAll('.0]', ']');
}

/** The literal that a condition compares a whole argument with, directly or through `JSON.stringify`. */
function comparedLiteral({ ts }: ScriptContext, condition: TypeScript.Expression): string | null {
  if (!ts.isBinaryExpression(condition) || !/^={2,3}$/.test(condition.operatorToken.getText())) return null;
  const inner = (node: TypeScript.Expression): TypeScript.Expression => {
    const [argument] =
      ts.isCallExpression(node) && node.expression.getText() === 'JSON.stringify' ? node.arguments : [];
    return argument ?? node;
  };
  const right = inner(condition.right);
  if (!isConstant(ts, right)) return null;
  const wraps =
    condition.right !== right &&
    ts.isArrayLiteralExpression(right) &&
    ts.isArrayLiteralExpression(inner(condition.left));
  if (!wraps && condition.right === right && !ts.isStringLiteral(right)) return null;
  const text = normal(right.getText());
  return wraps ? text.slice(1, -1) : text;
}

/** A function that calls itself on every way through it. */
function endlessRecursion(context: ScriptContext, name: string, node: Callable): StaticProblem[] {
  const { ts } = context;
  if (node.body === undefined || new RegExp(`\\b${name.replaceAll(/\W/g, '')}\\s*=[^=>]`).test(node.body.getText()))
    return [];
  const calls = new Set([name, name.includes('.') ? `this.${name.split('.')[1] ?? ''}` : name, name]);
  let unconditional = false;
  const visit = (at: TypeScript.Node): void => {
    if (unconditional || ts.isFunctionLike(at)) return;
    if (ts.isReturnStatement(at) || ts.isThrowStatement(at)) {
      if (at.expression !== undefined) expression(at.expression);
      ended = true;
      return;
    }
    if (
      ts.isIfStatement(at) ||
      ts.isSwitchStatement(at) ||
      ts.isIterationStatement(at, false) ||
      ts.isTryStatement(at)
    ) {
      if (leavesInside(ts, at)) ended = true;
      return;
    }
    if (ts.isExpressionStatement(at) || ts.isVariableStatement(at)) expression(at);
  };
  let ended = false;
  const expression = (at: TypeScript.Node): void => {
    if (ts.isFunctionLike(at) || ts.isConditionalExpression(at)) return;
    if (ts.isBinaryExpression(at) && ['&&', '||', '??'].includes(at.operatorToken.getText())) {
      expression(at.left);
      return;
    }
    if (ts.isCallExpression(at) && calls.has(at.expression.getText()) && at.questionDotToken === undefined)
      unconditional = true;
    ts.forEachChild(at, expression);
  };
  if (ts.isBlock(node.body)) {
    for (const statement of node.body.statements) {
      if (ended || unconditional) break;
      visit(statement);
    }
  } else expression(node.body);
  return unconditional
    ? [
        problemAt(
          node.name ?? node.body,
          'semantics',
          'endless-recursion',
          `"${name}" calls itself on every way through it`,
          'add the case that ends it',
        ),
      ]
    : [];
}

function leavesInside(ts: ScriptContext['ts'], node: TypeScript.Node): boolean {
  let found = false;
  const visit = (at: TypeScript.Node): void => {
    if (ts.isFunctionLike(at) || found) return;
    if (ts.isReturnStatement(at) || ts.isThrowStatement(at)) found = true;
    ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
}

/** Code that can never run, after a return or throw of the same block. */
function unreachable({ ts }: ScriptContext, node: TypeScript.Node): StaticProblem[] {
  if (!ts.isBlock(node) && !ts.isCaseOrDefaultClause(node)) return [];
  const index = node.statements.findIndex(
    (statement) =>
      ts.isReturnStatement(statement) || ts.isThrowStatement(statement) || ts.isContinueStatement(statement),
  );
  const next = index < 0 ? undefined : node.statements[index + 1];
  if (next === undefined || ts.isFunctionDeclaration(next) || ts.isBreakStatement(next) || ts.isEmptyStatement(next))
    return [];
  return [problemAt(next, 'semantics', 'unreachable', 'nothing after this return or throw ever runs')];
}

/** True when a dependent compares what the function gives with something. */
function isAskedForResult({ uses, source }: ScriptContext, node: Callable): boolean {
  const names = [...callables(source)].filter(([, own]) => own === node).map(([name]) => name);
  return uses.calls.some(
    ({ target, expected }) => expected !== null && expected.kind !== 'undefined' && names.includes(target),
  );
}

/** A function that returns a value on some ways and falls off its end on others. */
function missingReturn(context: ScriptContext, node: Callable): StaticProblem[] {
  const { ts, checker } = context;
  if (node.body === undefined || !ts.isBlock(node.body) || node.asteriskToken !== undefined) return [];
  const returns = returnsOf(context, node);
  const valued = returns.filter(({ expression }) => expression !== undefined && expression.getText() !== 'undefined');
  const flow = node as Callable & { readonly endFlowNode?: unknown };
  if (valued.length === 0 || flow.endFlowNode === undefined || node.type !== undefined) return [];
  const signature = checker.getSignatureFromDeclaration(node);
  if (signature === undefined || valued.length !== returns.length) return [];
  if (!isAskedForResult(context, node)) return [];
  // A switch without a default may name every value that there is.
  const last = node.body.statements.at(-1);
  if (last !== undefined && ts.isSwitchStatement(last)) return [];
  return [
    problemAt(
      node.name ?? node,
      'semantics',
      'missing-return',
      'some ways through this function return a value, others fall off its end',
      'return on every way',
    ),
  ];
}

/** What is wrong with the functions of a file as wholes. */
export function functionProblems(context: ScriptContext): StaticProblem[] {
  return [...callables(context.source)].flatMap(([name, node]) => [
    ...stub(context, name, node),
    ...constantAnswer(context, name, node),
    ...keyedOnExamples(context, name, node),
    ...endlessRecursion(context, name, node),
  ]);
}

export function statementProblems(context: ScriptContext, node: TypeScript.Node): StaticProblem[] {
  const { ts } = context;
  const isFunction =
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node);
  return [
    ...unreachable(context, node),
    ...(isFunction && functionOf(ts, node) !== undefined ? missingReturn(context, node) : []),
  ];
}
