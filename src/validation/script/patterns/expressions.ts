import type TypeScript from 'typescript';
import { problemAt } from '../problem.ts';
import type { ScriptContext } from '../context.ts';
import { numberOf, type Rule } from './rule.ts';

/** Calls whose only point is what they give back. */
const PURE_CALL =
  /^(?:Number|String|Boolean|parseInt|parseFloat|Math\.\w+|Object\.(?:keys|values|entries)|JSON\.stringify|Array\.(?:from|isArray)|Number\.\w+)$/;
const PURE_MEMBER: ReadonlySet<string> = new Set(
  (
    'map filter slice concat join trim toUpperCase toLowerCase split replace replaceAll substring charAt charCodeAt indexOf includes ' +
    'toString toFixed padStart padEnd repeat reduce flat toSorted toReversed startsWith endsWith every some find findIndex'
  ).split(' '),
);

/** A statement that works something out and does nothing with it: a `return` or an assignment is missing. */
const droppedValue: Rule = ({ ts, checker, source }, node) => {
  if (!ts.isExpressionStatement(node)) return [];
  let { expression } = node;
  while (ts.isParenthesizedExpression(expression)) expression = expression.expression;
  if (ts.isStringLiteral(expression) && isDirective(ts, node)) return [];
  const isValue =
    ts.isIdentifier(expression) ||
    ts.isLiteralExpression(expression) ||
    ts.isTemplateExpression(expression) ||
    ts.isArrayLiteralExpression(expression) ||
    ts.isObjectLiteralExpression(expression) ||
    ts.isPropertyAccessExpression(expression) ||
    ts.isElementAccessExpression(expression) ||
    ts.isArrowFunction(expression) ||
    (ts.isPrefixUnaryExpression(expression) &&
      !/^(?:\+\+|--)/.test(expression.getText()) &&
      expression.operator !== ts.SyntaxKind.ExclamationToken) ||
    ts.isTypeOfExpression(expression) ||
    [
      ts.SyntaxKind.TrueKeyword,
      ts.SyntaxKind.FalseKeyword,
      ts.SyntaxKind.NullKeyword,
      ts.SyntaxKind.ThisKeyword,
    ].includes(expression.kind) ||
    (ts.isBinaryExpression(expression) && isArithmetic(ts, expression)) ||
    (ts.isConditionalExpression(expression) &&
      [expression.whenTrue, expression.whenFalse].every(
        (part) => ts.isLiteralExpression(part) || ts.isIdentifier(part),
      )) ||
    isPureCall({ ts, checker }, expression);
  if (!isValue) return [];
  const text = node.getText(source);
  return [
    problemAt(
      node,
      'semantics',
      'dropped-value',
      `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}" is worked out and dropped`,
      'return or assign it',
    ),
  ];
};

/** `'use strict'` and its kin: texts that a file or a function begins with. */
function isDirective(ts: ScriptContext['ts'], node: TypeScript.ExpressionStatement): boolean {
  const { parent } = node;
  if (!ts.isSourceFile(parent) && !ts.isBlock(parent)) return false;
  const before = parent.statements.slice(0, parent.statements.indexOf(node));
  return before.every((statement) => ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression));
}

function isArithmetic(ts: ScriptContext['ts'], { operatorToken }: TypeScript.BinaryExpression): boolean {
  const { SyntaxKind } = ts;
  const acts = [
    SyntaxKind.CommaToken,
    SyntaxKind.AmpersandAmpersandToken,
    SyntaxKind.BarBarToken,
    SyntaxKind.QuestionQuestionToken,
  ];
  return (
    (operatorToken.kind < SyntaxKind.FirstAssignment && !acts.includes(operatorToken.kind)) ||
    (operatorToken.kind > SyntaxKind.LastAssignment && !acts.includes(operatorToken.kind))
  );
}

function isPureCall({ ts, checker }: Pick<ScriptContext, 'ts' | 'checker'>, node: TypeScript.Expression): boolean {
  if (!ts.isCallExpression(node)) return false;
  const name = node.expression.getText();
  if (PURE_CALL.test(name)) return true;
  if (!ts.isPropertyAccessExpression(node.expression) || !PURE_MEMBER.has(node.expression.name.text)) return false;
  // A callback may act: only what takes none is surely pure.
  if (
    node.arguments.some((argument) => !ts.isLiteralExpression(argument) && !ts.isIdentifier(argument)) &&
    /^(?:map|filter|some|every|find|reduce|findIndex|forEach)$/.test(node.expression.name.text)
  )
    return false;
  const type = checker.getTypeAtLocation(node.expression.expression);
  return checker.isArrayType(type) || (type.flags & ts.TypeFlags.StringLike) !== 0;
}

const EMPTY_EXPECTED: ReadonlySet<string> = new Set([
  '==',
  '===',
  '!=',
  '!==',
  '<',
  '>',
  '<=',
  '>=',
  '&&',
  '||',
  '-',
  '/',
  '%',
  '&',
  '|',
  '^',
]);

/** Both sides are the same text: `x === x`, `a - a`, `a && a`. */
const sameSides: Rule = ({ ts }, node) => {
  if (!ts.isBinaryExpression(node)) return [];
  const operator = node.operatorToken.getText();
  const left = node.left.getText();
  if (operator === '=' && left === node.right.getText())
    return [problemAt(node, 'semantics', 'self-assign', `"${left}" is assigned to itself`)];
  if (!EMPTY_EXPECTED.has(operator) || left !== node.right.getText()) return [];
  if (ts.isLiteralExpression(node.left) || /\(|\+\+|--/.test(left)) return [];
  // `x !== x` asks for NaN.
  if ((operator === '!==' || operator === '!=') && ts.isIdentifier(node.left)) return [];
  return [problemAt(node, 'semantics', 'same-sides', `both sides of "${operator}" are "${left}"`)];
};

const TYPEOF_WORDS: ReadonlySet<string> = new Set([
  'string',
  'number',
  'boolean',
  'object',
  'function',
  'undefined',
  'symbol',
  'bigint',
]);

const impossibleComparison: Rule = ({ ts }, node) => {
  if (!ts.isBinaryExpression(node) || !/^[!=]==?$/.test(node.operatorToken.getText())) return [];
  const [value, literal] = ts.isTypeOfExpression(node.left) ? [node.left, node.right] : [node.right, node.left];
  if (ts.isTypeOfExpression(value) && ts.isStringLiteral(literal) && !TYPEOF_WORDS.has(literal.text))
    return [problemAt(node, 'semantics', 'impossible-typeof', `typeof never gives "${literal.text}"`)];
  if ([node.left, node.right].some((side) => side.getText() === 'NaN' || side.getText() === 'Number.NaN'))
    return [problemAt(node, 'semantics', 'nan-comparison', 'nothing equals NaN', 'use Number.isNaN')];
  const fresh = [node.left, node.right].some(
    (side) => ts.isArrayLiteralExpression(side) || ts.isObjectLiteralExpression(side),
  );
  return fresh ? [problemAt(node, 'semantics', 'fresh-comparison', 'a new array or object equals nothing else')] : [];
};

/** `arr[arr.length]`, and `slice`/`substring` whose bounds are the wrong way round or reach nothing. */
const pastEnd: Rule = ({ ts }, node) => {
  if (ts.isElementAccessExpression(node)) {
    const written = ts.isBinaryExpression(node.parent) && node.parent.left === node;
    if (written || node.argumentExpression.getText() !== `${node.expression.getText()}.length`) return [];
    return [
      problemAt(node, 'semantics', 'index-past-end', `${node.expression.getText()} holds nothing at its own length`),
    ];
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  if (!/^(?:slice|substring)$/.test(node.expression.name.text) || node.arguments.length !== 2) return [];
  const [from, to] = node.arguments;
  if (from === undefined || to === undefined) return [];
  const reversed = isPlusOf(ts, from, to) || isNumberAbove(ts, from, to);
  return reversed
    ? [
        problemAt(
          node,
          'semantics',
          'reversed-bounds',
          `${node.expression.name.text}(${from.getText()}, ${to.getText()}) ends before it begins`,
          'swap the bounds',
        ),
      ]
    : [];
};

function isNumberAbove(ts: ScriptContext['ts'], from: TypeScript.Expression, to: TypeScript.Expression): boolean {
  const [low, high] = [numberOf(ts, from), numberOf(ts, to)];
  if (low === null || high === null)
    return ts.isPropertyAccessExpression(from) && from.name.text === 'length' && high !== null && high >= 0;
  return low >= 0 && high >= 0 && low >= high;
}

/** `from` is `to` plus something. */
function isPlusOf(ts: ScriptContext['ts'], from: TypeScript.Expression, to: TypeScript.Expression): boolean {
  if (!ts.isBinaryExpression(from) || from.operatorToken.kind !== ts.SyntaxKind.PlusToken) return false;
  return from.left.getText() === to.getText() || from.right.getText() === to.getText();
}

/** `sort()` without a comparator puts 10 before 9. */
const textualSort: Rule = ({ ts, checker }, node) => {
  if (!ts.isCallExpression(node) || node.arguments.length > 0 || !ts.isPropertyAccessExpression(node.expression))
    return [];
  if (!/^(?:sort|toSorted)$/.test(node.expression.name.text)) return [];
  const type = checker.getTypeAtLocation(node.expression.expression);
  if (!checker.isArrayType(type)) return [];
  const [element] = checker.getTypeArguments(type as TypeScript.TypeReference);
  if (element === undefined || (element.flags & ts.TypeFlags.NumberLike) === 0) return [];
  return [
    {
      ...problemAt(
        node,
        'semantics',
        'textual-sort',
        'sort() without a comparator orders numbers as text',
        'pass (a, b) => a - b',
      ),
      severity: 'warning',
    },
  ];
};

/** A case that works a value out and falls into the next one. */
const fallthrough: Rule = ({ ts }, node) => {
  if (!ts.isCaseClause(node)) return [];
  const last = node.statements.at(-1);
  const clauses = node.parent.clauses;
  if (last === undefined || clauses.at(-1) === node) return [];
  const siblingsReturn = clauses.filter(
    (clause) =>
      clause !== node &&
      clause.statements.some(
        (statement) =>
          ts.isReturnStatement(statement) ||
          (ts.isBlock(statement) && statement.statements.some((inner) => ts.isReturnStatement(inner))),
      ),
  ).length;
  if ((!ts.isExpressionStatement(last) && !ts.isVariableStatement(last)) || siblingsReturn < 2) return [];
  return [problemAt(last, 'semantics', 'fallthrough', 'this case falls into the next one, where the others return')];
};

/** The value of a call that gives nothing. */
const valueOfNothing: Rule = ({ ts, checker }, node) => {
  if (!ts.isCallExpression(node)) return [];
  const type = checker.getTypeAtLocation(node);
  const isNothing = (type.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined)) !== 0;
  if (!isNothing) return [];
  const declaration = checker.getResolvedSignature(node)?.declaration;
  if (declaration === undefined || declaration.getSourceFile().isDeclarationFile) return [];
  let at: TypeScript.Node = node;
  while (ts.isParenthesizedExpression(at.parent) || ts.isAwaitExpression(at.parent)) at = at.parent;
  const { parent } = at;
  const takes =
    (ts.isVariableDeclaration(parent) && parent.initializer === at) ||
    (ts.isBinaryExpression(parent) && !['&&', '||', ',', '??'].includes(parent.operatorToken.getText())) ||
    (ts.isPropertyAccessExpression(parent) && parent.expression === at) ||
    ts.isElementAccessExpression(parent) ||
    (ts.isIfStatement(parent) && parent.expression === at) ||
    ts.isPrefixUnaryExpression(parent) ||
    ts.isTemplateSpan(parent) ||
    ts.isSpreadElement(parent) ||
    ((ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.expression !== at) ||
    ts.isArrayLiteralExpression(parent) ||
    ts.isPropertyAssignment(parent) ||
    (ts.isConditionalExpression(parent) && parent.condition === at);
  return takes
    ? [
        problemAt(
          node,
          'semantics',
          'value-of-nothing',
          `"${node.expression.getText()}" returns nothing, and its value is used here`,
        ),
      ]
    : [];
};

/** The callback of `map` and kin gives nothing back. */
const callbackWithoutResult: Rule = ({ ts, checker }, node) => {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  if (
    !/^(?:map|filter|reduce|reduceRight|some|every|find|findIndex|flatMap|sort|toSorted|replace|replaceAll)$/.test(
      node.expression.name.text,
    )
  )
    return [];
  const callback = node.arguments.find((argument) => ts.isArrowFunction(argument) || ts.isFunctionExpression(argument));
  if (
    callback === undefined ||
    !(ts.isArrowFunction(callback) || ts.isFunctionExpression(callback)) ||
    !ts.isBlock(callback.body)
  )
    return [];
  const signature = checker.getSignatureFromDeclaration(callback);
  if (
    signature === undefined ||
    (checker.getReturnTypeOfSignature(signature).flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined)) === 0
  )
    return [];
  return [
    problemAt(
      callback,
      'semantics',
      'callback-without-result',
      `the callback of ${node.expression.name.text} returns nothing`,
      'return its value',
    ),
  ];
};

/** `list.map((x) => x)` for anything but a plain copy; `filter(() => true)`. */
const idleCallback: Rule = ({ ts }, node) => {
  if (
    !ts.isCallExpression(node) ||
    !ts.isPropertyAccessExpression(node.expression) ||
    node.expression.name.text !== 'map'
  )
    return [];
  const [callback] = node.arguments;
  if (callback === undefined || !ts.isArrowFunction(callback)) return [];
  const [first] = callback.parameters;
  const body = ts.isBlock(callback.body)
    ? callback.body.statements.length === 1 &&
      callback.body.statements[0] !== undefined &&
      ts.isReturnStatement(callback.body.statements[0])
      ? callback.body.statements[0].expression
      : undefined
    : callback.body;
  if (first === undefined || body === undefined || !ts.isIdentifier(body) || body.text !== first.name.getText())
    return [];
  return callback.parameters.length > 1 || ts.isBlock(callback.body)
    ? [problemAt(callback, 'semantics', 'idle-callback', 'this map changes nothing')]
    : [];
};

/** Rules about values and calls. */
export const VALUE_RULES: readonly Rule[] = [
  droppedValue,
  sameSides,
  impossibleComparison,
  pastEnd,
  textualSort,
  fallthrough,
  valueOfNothing,
  callbackWithoutResult,
  idleCallback,
];
