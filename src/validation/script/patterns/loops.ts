import type TypeScript from 'typescript';
import type { StaticProblem } from '../../language-checks.ts';
import { problemAt } from '../problem.ts';
import type { ScriptContext } from '../context.ts';
import { chainOf, contains, isWritten, type Usages } from './usage.ts';

type Loop = TypeScript.ForStatement | TypeScript.WhileStatement | TypeScript.DoStatement;

function conditionOf({ ts }: ScriptContext, loop: Loop): TypeScript.Expression | undefined {
  return ts.isForStatement(loop) ? loop.condition : loop.expression;
}

function find(
  ts: ScriptContext['ts'],
  root: TypeScript.Node,
  test: (node: TypeScript.Node) => boolean,
  intoFunctions = true,
): boolean {
  let found = false;
  const visit = (node: TypeScript.Node): void => {
    if (found || (!intoFunctions && ts.isFunctionLike(node))) return;
    if (test(node)) found = true;
    else ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

function leaves({ ts }: ScriptContext, loop: Loop): boolean {
  return find(
    ts,
    loop.statement,
    (node) =>
      ts.isReturnStatement(node) ||
      ts.isThrowStatement(node) ||
      ts.isBreakStatement(node) ||
      ts.isYieldExpression(node) ||
      ts.isAwaitExpression(node) ||
      (ts.isContinueStatement(node) && node.label !== undefined),
    false,
  );
}

/** True when some pass of the loop may change what the expression is about. */
function mayChange(context: ScriptContext, usages: Usages, loop: Loop, condition: TypeScript.Expression): boolean {
  const { ts, checker } = context;
  let changes = false;
  const inLoop = (nodes: readonly TypeScript.Node[]): boolean =>
    nodes.some(
      (node) =>
        contains(loop, node) &&
        !(ts.isForStatement(loop) && loop.initializer !== undefined && contains(loop.initializer, node)),
    );
  const visit = (node: TypeScript.Node): void => {
    if (changes) return;
    if (
      ts.isCallExpression(node) ||
      ts.isNewExpression(node) ||
      ts.isAwaitExpression(node) ||
      node.kind === ts.SyntaxKind.ThisKeyword
    ) {
      changes = !isPureCall(context, node);
      if (changes) return;
    }
    if (isWritten(ts, node)) changes = true;
    if (ts.isIdentifier(node) && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node)) {
      const symbol = checker.getSymbolAtLocation(node);
      const usage = symbol === undefined ? undefined : usages.get(symbol);
      if (usage === undefined) changes = symbol === undefined || !isFixed(context, symbol);
      else {
        const usedAsObject = chainOf(ts, node) !== node;
        const captured = usage.writes.some((write) => !contains(loop, write) && functionChanges(context, write, loop));
        changes =
          captured ||
          inLoop(usage.writes) ||
          (usedAsObject && inLoop(usage.touches.filter((touch) => !contains(condition, touch))));
        changes ||= usedAsObject && aliasTouched(context, usages, loop, usage.reads);
      }
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(condition);
  return changes;
}

/** True when the object is handed to another name or function, through which the loop may change it. */
function aliasTouched(
  { ts }: ScriptContext,
  _usages: Usages,
  loop: Loop,
  reads: readonly TypeScript.Identifier[],
): boolean {
  return reads.some((read) => {
    const { parent } = read;
    return (
      ts.isVariableDeclaration(parent) ||
      ts.isPropertyAssignment(parent) ||
      (ts.isBinaryExpression(parent) &&
        parent.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
        parent.right === read &&
        contains(loop, loop))
    );
  });
}

function functionChanges({ ts }: ScriptContext, write: TypeScript.Node, loop: Loop): boolean {
  let at: TypeScript.Node | undefined = write;
  while (at !== undefined && !contains(at, loop)) {
    if (ts.isFunctionLike(at)) return true;
    at = at.parent;
  }
  return false;
}

function isFixed({ ts }: ScriptContext, symbol: TypeScript.Symbol): boolean {
  const { declarations = [] } = symbol;
  return (
    declarations.length > 0 &&
    declarations.every(
      (at) =>
        at.getSourceFile().isDeclarationFile ||
        ts.isFunctionDeclaration(at) ||
        ts.isEnumDeclaration(at) ||
        ts.isImportSpecifier(at),
    )
  );
}

function isPureCall({ ts }: ScriptContext, node: TypeScript.Node): boolean {
  if (!ts.isCallExpression(node)) return false;
  return /^(?:Math\.(?!random)\w+|Number|String|parseInt|parseFloat|Number\.\w+|Array\.isArray|Boolean)$/.test(
    node.expression.getText(),
  );
}

function endlessLoop(context: ScriptContext, usages: Usages, loop: Loop): StaticProblem[] {
  const { ts } = context;
  const condition = conditionOf(context, loop);
  const isConstant =
    condition === undefined ||
    condition.kind === ts.SyntaxKind.TrueKeyword ||
    (ts.isNumericLiteral(condition) && condition.text !== '0');
  if (isConstant) {
    if (leaves(context, loop) || ts.isSourceFile(loop.parent)) return [];
    return [problemAt(loop, 'semantics', 'endless-loop', 'this loop never ends: nothing in it leaves it')];
  }
  if (condition.kind === ts.SyntaxKind.FalseKeyword || mayChange(context, usages, loop, condition)) return [];
  // A body that always leaves is a guard that somebody wrote as a loop; a conditional exit may never be reached.
  if (
    leaves(context, loop) &&
    !(ts.isForStatement(loop) && loop.incrementor === undefined && loop.initializer !== undefined)
  )
    return [];
  return [
    problemAt(
      condition,
      'semantics',
      'endless-loop',
      `nothing in this loop changes "${condition.getText()}": it never ends`,
      'update what the condition is about',
    ),
  ];
}

/** `<`, `<=`: up; `>`, `>=`: down; for a condition whose left side is the counter. */
function wrongDirection({ ts }: ScriptContext, loop: TypeScript.ForStatement): StaticProblem[] {
  const { condition, incrementor, initializer } = loop;
  if (
    condition === undefined ||
    incrementor === undefined ||
    !ts.isBinaryExpression(condition) ||
    !ts.isIdentifier(condition.left)
  )
    return [];
  const step = stepOf(ts, incrementor, condition.left.text);
  const { LessThanToken, LessThanEqualsToken, GreaterThanToken, GreaterThanEqualsToken } = ts.SyntaxKind;
  const up = [LessThanToken, LessThanEqualsToken].includes(condition.operatorToken.kind);
  const down = [GreaterThanToken, GreaterThanEqualsToken].includes(condition.operatorToken.kind);
  if (step === 0 || initializer === undefined || !((step > 0 && down) || (step < 0 && up))) return [];
  return [
    problemAt(
      condition,
      'semantics',
      'loop-direction',
      `the counter goes ${step > 0 ? 'up' : 'down'} while "${condition.getText()}" waits for the other way`,
    ),
  ];
}

function stepOf(ts: ScriptContext['ts'], node: TypeScript.Expression, name: string): number {
  if ((ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node)) && node.operand.getText() === name)
    return node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1;
  if (!ts.isBinaryExpression(node) || node.left.getText() !== name || !ts.isNumericLiteral(node.right)) return 0;
  const { PlusEqualsToken, MinusEqualsToken } = ts.SyntaxKind;
  if (node.operatorToken.kind === PlusEqualsToken) return Number(node.right.text);
  return node.operatorToken.kind === MinusEqualsToken ? -Number(node.right.text) : 0;
}

/** `array.length` of a bound, with what is taken off it: `array.length - 1` is 1. */
function lengthBound(
  ts: ScriptContext['ts'],
  node: TypeScript.Expression,
): { readonly of: string; readonly less: number } | null {
  if (ts.isParenthesizedExpression(node)) return lengthBound(ts, node.expression);
  if (ts.isPropertyAccessExpression(node) && node.name.text === 'length')
    return { of: node.expression.getText(), less: 0 };
  if (!ts.isBinaryExpression(node) || !ts.isNumericLiteral(node.right)) return null;
  const inner = lengthBound(ts, node.left);
  const amount = Number(node.right.text);
  if (inner === null) return null;
  if (node.operatorToken.kind === ts.SyntaxKind.MinusToken) return { of: inner.of, less: inner.less + amount };
  return node.operatorToken.kind === ts.SyntaxKind.PlusToken ? { of: inner.of, less: inner.less - amount } : null;
}

/** How the body uses the counter: as the plain index of `of`, and in any other way. */
function indexing(
  ts: ScriptContext['ts'],
  body: TypeScript.Node,
  counter: string,
  of: string,
  beside: readonly string[] = [],
): { plain: TypeScript.Node[]; other: boolean } {
  const plain: TypeScript.Node[] = [];
  let other = false;
  const visit = (node: TypeScript.Node): void => {
    if (
      ts.isIdentifier(node) &&
      node.text === counter &&
      !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node)
    ) {
      const { parent } = node;
      const isIndex =
        ts.isElementAccessExpression(parent) &&
        parent.argumentExpression === node &&
        (parent.expression.getText() === of || beside.includes(parent.expression.getText()));
      const isChar =
        ts.isCallExpression(parent) &&
        parent.arguments[0] === node &&
        /\.(?:charAt|charCodeAt|at)$/.test(parent.expression.getText()) &&
        parent.expression.getText().startsWith(of);
      if (isIndex || isChar) plain.push(parent);
      else other = true;
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return { plain, other };
}

function counterOf(
  { ts }: ScriptContext,
  loop: TypeScript.ForStatement,
): { readonly name: string; readonly start: TypeScript.Expression | undefined } | null {
  const { initializer } = loop;
  if (initializer === undefined) return null;
  if (ts.isVariableDeclarationList(initializer)) {
    const [first] = initializer.declarations;
    return first !== undefined && ts.isIdentifier(first.name)
      ? { name: first.name.text, start: first.initializer }
      : null;
  }
  return ts.isBinaryExpression(initializer) && ts.isIdentifier(initializer.left)
    ? { name: initializer.left.text, start: initializer.right }
    : null;
}

/** The condition that compares the counter, of a chain the last one. */
function boundingPart(
  ts: ScriptContext['ts'],
  condition: TypeScript.Expression | undefined,
  counter: string,
): TypeScript.BinaryExpression | undefined {
  if (condition === undefined || !ts.isBinaryExpression(condition)) return undefined;
  if (condition.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)
    return boundingPart(ts, condition.right, counter) ?? boundingPart(ts, condition.left, counter);
  return condition.left.getText() === counter ? condition : undefined;
}

/** Loops over the positions of an array or a text whose bounds do not fit what the body does with the counter. */
function misfitBounds(context: ScriptContext, loop: TypeScript.ForStatement): StaticProblem[] {
  const { ts } = context;
  const counter = counterOf(context, loop);
  const condition = counter === null ? undefined : boundingPart(ts, loop.condition, counter.name);
  if (counter === null || condition === undefined) return downwardBounds(context, loop);
  const bound = lengthBound(ts, condition.right);
  const inclusive = condition.operatorToken.kind === ts.SyntaxKind.LessThanEqualsToken;
  if (bound === null || (!inclusive && condition.operatorToken.kind !== ts.SyntaxKind.LessThanToken))
    return downwardBounds(context, loop);
  const last = (inclusive ? 0 : -1) - bound.less; // relative to the length
  const { plain, other } = indexing(ts, loop.statement, counter.name, bound.of);
  if (plain.length === 0) return [];
  if (last >= 0 && !other && plain.some((node) => !isGuarded(ts, node)))
    return [
      problemAt(
        condition,
        'semantics',
        'index-past-end',
        `"${counter.name}" reaches ${bound.of}.length, where ${bound.of} holds nothing`,
        'use <',
      ),
    ];
  // Lists that the same loop walks side by side are indexed alike.
  const beside = [...condition.parent.getText().matchAll(/([\w.]+)\.length/g)].map((match) => match[1] ?? '');
  const otherwise =
    other && (condition === loop.condition || indexing(ts, loop.statement, counter.name, bound.of, beside).other);
  if (
    last <= -2 &&
    !otherwise &&
    !mentions(loop.statement, `${bound.of}.length`) &&
    !mentionsAfter(loop, `${bound.of}[`)
  )
    return [problemAt(condition, 'semantics', 'last-skipped', `the last element of ${bound.of} is never looked at`)];
  const start = counter.start;
  if (
    start !== undefined &&
    ts.isNumericLiteral(start) &&
    Number(start.text) > 0 &&
    last === -1 &&
    !otherwise &&
    !mentionsBefore(loop, bound.of) &&
    stepOf(ts, loop.incrementor ?? start, counter.name) === 1
  )
    return [
      problemAt(
        start,
        'semantics',
        'first-skipped',
        `the loop begins at ${start.text}, and nothing looks at ${bound.of}[0]`,
      ),
    ];
  return [];
}

function mentions(node: TypeScript.Node, text: string): boolean {
  return node.getText().includes(text);
}

function mentionsAfter(loop: TypeScript.Node, text: string): boolean {
  return loop.parent
    .getText()
    .slice(loop.getEnd() - loop.parent.getStart())
    .includes(text);
}

/** True when the code around a loop looks at the first elements by itself: `list[0]`, `const [head]`, `list.shift()`. */
function mentionsBefore(loop: TypeScript.Node, of: string): boolean {
  let at: TypeScript.Node = loop;
  while (at.parent !== undefined && at.parent.parent !== undefined) at = at.parent;
  const outside = at.getText().replace(loop.getText(), '');
  return [
    `${of}[0]`,
    `${of}[`,
    `${of}.at(`,
    `${of}.charAt(`,
    `${of}.shift`,
    `] = ${of}`,
    `...${of}`,
    `${of}.slice`,
    `${of}.unshift`,
    `${of}.push`,
  ].some((text) => outside.includes(text));
}

function isGuarded(ts: ScriptContext['ts'], node: TypeScript.Node): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) {
    const operator = parent.operatorToken.getText();
    return ['||', '??', '&&', '===', '!==', '==', '!='].includes(operator);
  }
  return (
    ts.isPrefixUnaryExpression(parent) ||
    ts.isIfStatement(parent) ||
    ts.isConditionalExpression(parent) ||
    ts.isWhileStatement(parent)
  );
}

function downwardBounds(context: ScriptContext, loop: TypeScript.ForStatement): StaticProblem[] {
  const { ts } = context;
  const counter = counterOf(context, loop);
  const { condition } = loop;
  if (counter?.start === undefined || condition === undefined || !ts.isBinaryExpression(condition)) return [];
  const bound = lengthBound(ts, counter.start);
  const isDown =
    condition.operatorToken.kind === ts.SyntaxKind.GreaterThanEqualsToken ||
    condition.operatorToken.kind === ts.SyntaxKind.GreaterThanToken;
  if (bound === null || bound.less !== 0 || !isDown) return [];
  const { plain, other } = indexing(ts, loop.statement, counter.name, bound.of);
  if (plain.length === 0 || other || plain.every((node) => isGuarded(ts, node))) return [];
  return [
    problemAt(
      counter.start,
      'semantics',
      'index-past-end',
      `the loop begins at ${bound.of}.length, where ${bound.of} holds nothing`,
      'begin at length - 1',
    ),
  ];
}

/** What is wrong with one loop. */
export function loopProblems(context: ScriptContext, usages: Usages, node: TypeScript.Node): StaticProblem[] {
  const { ts } = context;
  if (ts.isForStatement(node))
    return [...endlessLoop(context, usages, node), ...wrongDirection(context, node), ...misfitBounds(context, node)];
  return ts.isWhileStatement(node) || ts.isDoStatement(node) ? endlessLoop(context, usages, node) : [];
}
