import type TypeScript from 'typescript';
import { problemAt } from '../problem.ts';
import type { ScriptContext } from '../context.ts';
import { numberOf, type Rule } from './rule.ts';

const assignedCondition: Rule = ({ ts }, node) => {
  const condition =
    ts.isIfStatement(node) || ts.isWhileStatement(node)
      ? node.expression
      : ts.isConditionalExpression(node)
        ? node.condition
        : undefined;
  if (
    condition === undefined ||
    !ts.isBinaryExpression(condition) ||
    condition.operatorToken.kind !== ts.SyntaxKind.EqualsToken
  )
    return [];
  if (ts.isWhileStatement(node) && ts.isCallExpression(condition.right)) return [];
  if (!ts.isLiteralExpression(condition.right) && !ts.isIdentifier(condition.right)) return [];
  return [
    problemAt(
      condition,
      'semantics',
      'assigned-condition',
      `"${condition.getText()}" assigns instead of comparing`,
      'use ===',
    ),
  ];
};

const constantCondition: Rule = ({ ts }, node) => {
  const condition = ts.isIfStatement(node)
    ? node.expression
    : ts.isConditionalExpression(node)
      ? node.condition
      : undefined;
  if (condition === undefined) return [];
  const { SyntaxKind } = ts;
  const isConstant =
    ts.isLiteralExpression(condition) ||
    [SyntaxKind.TrueKeyword, SyntaxKind.FalseKeyword, SyntaxKind.NullKeyword].includes(condition.kind) ||
    ts.isArrayLiteralExpression(condition) ||
    ts.isObjectLiteralExpression(condition);
  return isConstant
    ? [problemAt(condition, 'semantics', 'constant-condition', `this condition is always "${condition.getText()}"`)]
    : [];
};

/** An `if` or loop of which nothing is done: its statements are missing. */
const emptyBranch: Rule = ({ ts, source }, node) => {
  if (ts.isIfStatement(node)) {
    const isEmpty = (at: TypeScript.Statement | undefined): boolean =>
      at !== undefined &&
      (ts.isEmptyStatement(at) ||
        (ts.isBlock(at) && at.statements.length === 0 && !/\/[/*]/.test(at.getText(source))) ||
        (ts.isBlock(at) &&
          at.statements.length > 0 &&
          at.statements.every((statement) => ts.isEmptyStatement(statement))));
    if (isEmpty(node.thenStatement) || isEmpty(node.elseStatement))
      return [problemAt(node, 'semantics', 'empty-branch', 'nothing happens in a branch of this if')];
    return [];
  }
  const body = ts.isForOfStatement(node) || ts.isForInStatement(node) ? node.statement : undefined;
  if (body !== undefined && ts.isBlock(body) && body.statements.length === 0)
    return [problemAt(node, 'semantics', 'empty-loop', 'this loop does nothing')];
  if (
    ts.isForStatement(node) &&
    ts.isBlock(node.statement) &&
    node.statement.statements.length === 0 &&
    node.incrementor !== undefined &&
    /^(?:\w+(?:\+\+|--)|\+\+\w+|--\w+)$/.test(node.incrementor.getText()) &&
    !/[=(]/.test(node.condition?.getText().replace(/[<>=!]=+/g, '') ?? '')
  )
    return ts.isForStatement(node) && node.initializer !== undefined && ts.isVariableDeclarationList(node.initializer)
      ? [problemAt(node, 'semantics', 'empty-loop', 'this loop does nothing')]
      : [];
  return [];
};

/** An error whose words ask for what its own condition found. */
const contradictoryError: Rule = ({ ts }, node) => {
  if (!ts.isIfStatement(node)) return [];
  const then = ts.isBlock(node.thenStatement) ? node.thenStatement.statements[0] : node.thenStatement;
  if (then === undefined || !ts.isThrowStatement(then)) return [];
  const words = then.getText().toLowerCase();
  const condition = node.expression.getText();
  const [, type] = /^!?\(?typeof \S+ ={2,3} '(\w+)'\)?$/.exec(condition) ?? [];
  const found =
    type !== undefined &&
    !condition.startsWith('!') &&
    new RegExp(`(?:must|should|has to|expected|needs to) (?:be )?(?:an? )?${type}`).test(words);
  const integer =
    /^Number\.isInteger\([^()]+\)$/.test(condition) &&
    /must be (?:an? )?(?:\w+ )?integer|only (?:natural|integer|whole)/.test(words);
  return found || integer
    ? [
        problemAt(
          node.expression,
          'semantics',
          'contradictory-guard',
          'the error asks for what its own condition found',
          'negate the condition',
        ),
      ]
    : [];
};

/** What a `has`, a check for null or for emptiness said is not there, used at once. */
const usedWhereAbsent: Rule = ({ ts, source }, node) => {
  if (!ts.isIfStatement(node)) return [];
  const [negated, core] = peel(ts, node.expression);
  const branch = negated ? node.thenStatement : node.elseStatement;
  if (branch === undefined) return [];
  const text = branch.getText(source);
  if (
    ts.isCallExpression(core) &&
    ts.isPropertyAccessExpression(core.expression) &&
    core.expression.name.text === 'has' &&
    core.arguments.length === 1
  ) {
    const got = `${core.expression.expression.getText()}.get(${core.arguments[0]?.getText() ?? ''})`;
    const set = `${core.expression.expression.getText()}.set(${core.arguments[0]?.getText() ?? ''}`;
    const at = text.indexOf(got);
    const first = text.indexOf(set);
    if (at >= 0 && (first < 0 || at < first || text.slice(first, at).includes('\n') === false))
      return [
        problemAt(
          node.expression,
          'semantics',
          'used-where-absent',
          `${got} is used where the condition says that it is not there`,
        ),
      ];
  }
  if (ts.isIdentifier(core) || ts.isPropertyAccessExpression(core)) {
    const name = core.getText();
    if (new RegExp(`^\\{?\\s*(?:return |[\\w.]+ = )?${name.replaceAll(/[^\w]/g, String.raw`\$&`)}\\.\\w`).test(text))
      return [
        problemAt(
          node.expression,
          'semantics',
          'used-where-absent',
          `"${name}" is used where the condition says that there is none`,
        ),
      ];
  }
  return [];
};

function peel(ts: ScriptContext['ts'], node: TypeScript.Expression): [negated: boolean, core: TypeScript.Expression] {
  if (ts.isParenthesizedExpression(node)) return peel(ts, node.expression);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    const [negated, core] = peel(ts, node.operand);
    return [!negated, core];
  }
  return [false, node];
}

/** The same condition twice in one chain of ifs, or the same case twice. */
const repeatedCondition: Rule = ({ ts }, node) => {
  if (!ts.isIfStatement(node) || (ts.isIfStatement(node.parent) && node.parent.elseStatement === node)) return [];
  const seen = new Set<string>();
  for (
    let at: TypeScript.Statement | undefined = node;
    at !== undefined && ts.isIfStatement(at);
    at = at.elseStatement
  ) {
    const text = at.expression.getText();
    if (seen.has(text) && !text.includes('('))
      return [
        problemAt(at.expression, 'semantics', 'repeated-condition', `"${text}" was asked further up in this chain`),
      ];
    seen.add(text);
  }
  return [];
};

/** `a && b` that no value can meet: `x < 3 && x > 5`, `x === 1 && x === 2`; `||` that every value meets. */
const contradictoryRange: Rule = ({ ts }, node) => {
  if (!ts.isBinaryExpression(node) || !/^(?:&&|\|\|)$/.test(node.operatorToken.getText())) return [];
  const [left, right] = [rangeOf(ts, node.left), rangeOf(ts, node.right)];
  if (left === null || right === null || left.of !== right.of) return [];
  const isAnd = node.operatorToken.getText() === '&&';
  if (
    isAnd &&
    (Math.max(left.low, right.low) > Math.min(left.high, right.high) ||
      (left.equals !== null && right.equals !== null && left.equals !== right.equals))
  )
    return [problemAt(node, 'semantics', 'never-true', `no value of "${left.of}" meets both conditions`)];
  const covers =
    !isAnd &&
    left.equals === null &&
    right.equals === null &&
    ((left.low === -Infinity && right.high === Infinity && left.high >= right.low) ||
      (right.low === -Infinity && left.high === Infinity && right.high >= left.low));
  return covers || (!isAnd && left.not !== null && right.not !== null && left.not !== right.not)
    ? [problemAt(node, 'semantics', 'always-true', `every value of "${left.of}" meets one of the conditions`)]
    : [];
};

interface Range {
  readonly of: string;
  readonly low: number;
  readonly high: number;
  readonly equals: string | null;
  readonly not: string | null;
}

function rangeOf(ts: ScriptContext['ts'], node: TypeScript.Expression): Range | null {
  if (ts.isParenthesizedExpression(node)) return rangeOf(ts, node.expression);
  if (!ts.isBinaryExpression(node) || /\+\+|--/.test(node.getText())) return null;
  const value =
    numberOf(ts, node.right) ??
    (ts.isStringLiteral(node.right) && node.right.text.length === 1 ? node.right.text.charCodeAt(0) : null);
  const literal = ts.isStringLiteral(node.right) ? node.right.text : value === null ? null : String(value);
  const base = { of: node.left.getText(), low: -Infinity, high: Infinity, equals: null, not: null };
  const operator = node.operatorToken.getText();
  if (/^={2,3}$/.test(operator) && literal !== null) return { ...base, equals: literal };
  if (/^!={1,2}$/.test(operator) && literal !== null) return { ...base, not: literal };
  if (value === null) return null;
  if (operator === '<' || operator === '<=') return { ...base, high: operator === '<' ? value - 1e-9 : value };
  if (operator === '>' || operator === '>=') return { ...base, low: operator === '>' ? value + 1e-9 : value };
  return null;
}

/** Rules about conditions and branches. */
export const CONDITION_RULES: readonly Rule[] = [
  assignedCondition,
  constantCondition,
  emptyBranch,
  contradictoryError,
  usedWhereAbsent,
  repeatedCondition,
  contradictoryRange,
];
