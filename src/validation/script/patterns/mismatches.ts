import type TypeScript from 'typescript';
import { problemAt } from '../problem.ts';
import type { ScriptContext } from '../context.ts';
import { numberOf, type Rule } from './rule.ts';

type Ts = ScriptContext['ts'];

function unwrapped(ts: Ts, node: TypeScript.Expression): TypeScript.Expression {
  return ts.isParenthesizedExpression(node) ? unwrapped(ts, node.expression) : node;
}

function isEquality(operator: string): boolean {
  return /^[!=]==?$/.test(operator);
}

/** One character of a text: `s[i]` where `s` is a text, `s.charAt(i)`. */
function isCharacter({ ts, checker }: ScriptContext, node: TypeScript.Expression): boolean {
  if (ts.isCallExpression(node))
    return ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'charAt';
  if (!ts.isElementAccessExpression(node)) return false;
  return (checker.getTypeAtLocation(node.expression).flags & ts.TypeFlags.StringLike) !== 0;
}

/** How many characters `slice`, `substring` and `substr` with written-out bounds give at most; null where nobody knows. */
function partLength(ts: Ts, node: TypeScript.Expression): number | null {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  const [from, to] = node.arguments.map((argument) => numberOf(ts, argument));
  const name = node.expression.name.text;
  if (from === undefined || from === null) return null;
  if (name === 'slice' && from < 0 && node.arguments.length === 1) return -from;
  if (to === undefined || to === null || from < 0 || to < 0) return null;
  if (name === 'substr') return to;
  return name === 'slice' || name === 'substring' ? to - from : null;
}

/** A part of a text compared with a text that is longer or shorter than the part can be. */
const otherLength: Rule = (context, node) => {
  const { ts } = context;
  if (!ts.isBinaryExpression(node) || !isEquality(node.operatorToken.getText())) return [];
  const [part, literal] = [unwrapped(ts, node.left), node.right];
  if (!ts.isStringLiteral(literal) || literal.text === '') return [];
  const length = isCharacter(context, part) ? 1 : partLength(ts, part);
  // Beyond the basic plane one character is two units.
  if (length === null || literal.text.length === length || [...literal.text].length === length) return [];
  const message = `"${part.getText()}" holds ${length} character${length === 1 ? '' : 's'}, "${literal.text}" ${literal.text.length}`;
  return [problemAt(node, 'semantics', 'other-length', message)];
};

/** The least that an expression can be; null where nobody knows. */
function leastOf({ ts, checker }: ScriptContext, node: TypeScript.Expression): number | null {
  if (ts.isPropertyAccessExpression(node)) {
    if (node.name.text !== 'length') return null;
    const type = checker.getTypeAtLocation(node.expression);
    return checker.isArrayType(type) || (type.flags & ts.TypeFlags.StringLike) !== 0 ? 0 : null;
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  const name = node.expression.name.text;
  return /^(?:indexOf|lastIndexOf|findIndex|findLastIndex|search)$/.test(name) ? -1 : null;
}

/** A length or an index compared with what it can never be below: `a.length >= 0`, `s.indexOf(x) > -2`. */
const outOfReach: Rule = (context, node) => {
  const { ts } = context;
  if (!ts.isBinaryExpression(node)) return [];
  const value = numberOf(ts, unwrapped(ts, node.right));
  const least = value === null ? null : leastOf(context, unwrapped(ts, node.left));
  if (value === null || least === null) return [];
  const always: Readonly<Record<string, boolean>> = {
    '>': value < least,
    '>=': value <= least,
    '!=': value < least,
    '!==': value < least,
  };
  const never: Readonly<Record<string, boolean>> = {
    '<': value <= least,
    '<=': value < least,
    '==': value < least,
    '===': value < least,
  };
  const operator = node.operatorToken.getText();
  if (always[operator] !== true && never[operator] !== true) return [];
  const word = always[operator] === true ? 'always' : 'never';
  return [problemAt(node, 'semantics', `${word}-true`, `"${node.getText()}" is ${word} true: it is at least ${least}`)];
};

/** The expression that a constant stands for. */
function valueOf({ ts, checker }: ScriptContext, node: TypeScript.Expression): TypeScript.Expression {
  if (!ts.isIdentifier(node)) return node;
  const declaration = checker.getSymbolAtLocation(node)?.valueDeclaration;
  const isConstant =
    declaration !== undefined &&
    ts.isVariableDeclaration(declaration) &&
    (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
  return isConstant ? (declaration.initializer ?? node) : node;
}

/** Bits that cannot come out: `(n | 1) === 0`; the rest of a whole number divided by 1. */
const impossibleBits: Rule = (context, node) => {
  const { ts } = context;
  if (!ts.isBinaryExpression(node)) return [];
  if (node.operatorToken.kind === ts.SyntaxKind.PercentToken && node.right.getText() === '1') {
    const whole = leastOf(context, valueOf(context, node.left)) !== null;
    return whole ? [problemAt(node, 'semantics', 'idle-remainder', 'a whole number divided by 1 leaves 0')] : [];
  }
  const left = unwrapped(ts, node.left);
  if (!isEquality(node.operatorToken.getText()) || !ts.isBinaryExpression(left)) return [];
  const [mask, value] = [numberOf(ts, left.right), numberOf(ts, node.right)];
  if (mask === null || value === null) return [];
  const { BarToken, AmpersandToken } = ts.SyntaxKind;
  const isOr = left.operatorToken.kind === BarToken && (value & mask) !== mask;
  const isAnd = left.operatorToken.kind === AmpersandToken && (value & ~mask) !== 0;
  const message = `"${left.getText()}" is never ${value}`;
  return isOr || isAnd ? [problemAt(node, 'semantics', 'impossible-bits', message)] : [];
};

/** `n + 0`, `n - 0`: nothing comes of it, and another number was meant. */
const idleArithmetic: Rule = ({ ts, checker, contract }, node) => {
  if (contract === null || !ts.isBinaryExpression(node) || !/^[-+]$/.test(node.operatorToken.getText())) return [];
  if (node.right.getText() !== '0') return [];
  // What the task itself declares is meant so.
  if (contract.declarations.includes(node.getText())) return [];
  // Text plus a number is text.
  if ((checker.getTypeAtLocation(node.left).flags & ts.TypeFlags.StringLike) !== 0) return [];
  return [problemAt(node, 'semantics', 'idle-arithmetic', `"${node.getText()}" changes nothing`)];
};

/** The ends of the digits and of both alphabets. */
const ENDS: readonly (readonly [number, number])[] = [
  [48, 57],
  [65, 90],
  [97, 122],
];

/** `c > 48 && c <= 57`: a range of characters that leaves out its own first or last. */
const strictEnd: Rule = ({ ts }, node) => {
  if (!ts.isBinaryExpression(node) || node.operatorToken.getText() !== '&&') return [];
  const bounds = [node.left, node.right].map((part) => unwrapped(ts, part));
  const [low, high] = bounds;
  if (low === undefined || high === undefined || !ts.isBinaryExpression(low) || !ts.isBinaryExpression(high)) return [];
  if (low.left.getText() !== high.left.getText()) return [];
  const codes = [low.right, high.right].map((side) =>
    ts.isStringLiteral(side) && side.text.length === 1 ? side.text.charCodeAt(0) : numberOf(ts, side),
  );
  const operators = [low, high].map(({ operatorToken }) => operatorToken.getText()).join(' ');
  const isRange = ENDS.some(([first, last]) => codes[0] === first && codes[1] === last);
  return isRange && (operators === '> <=' || operators === '>= <')
    ? [problemAt(node, 'semantics', 'strict-end', 'this range of characters leaves out one of its own ends')]
    : [];
};

/** The parts of a chain of one operator. */
function chainOf(ts: Ts, node: TypeScript.Expression, operator: string): TypeScript.Expression[] {
  const inner = unwrapped(ts, node);
  return ts.isBinaryExpression(inner) && inner.operatorToken.getText() === operator
    ? [...chainOf(ts, inner.left, operator), ...chainOf(ts, inner.right, operator)]
    : [inner];
}

/** The parts of a whole chain of `&&` or `||` that begins at this node. */
function wholeChain(ts: Ts, node: TypeScript.Node): { operator: string; parts: TypeScript.Expression[] } | null {
  if (!ts.isBinaryExpression(node)) return null;
  const operator = node.operatorToken.getText();
  if (operator !== '&&' && operator !== '||') return null;
  let { parent } = node;
  while (ts.isParenthesizedExpression(parent)) ({ parent } = parent);
  if (ts.isBinaryExpression(parent) && parent.operatorToken.getText() === operator) return null;
  return { operator, parts: chainOf(ts, node, operator) };
}

/** A chain of conditions that asks the same twice, or asks what another of them has settled: `x === 1 && x !== 2`. */
const settledCondition: Rule = ({ ts }, node) => {
  const chain = wholeChain(ts, node);
  if (chain === null || chain.parts.length < 2) return [];
  const texts = chain.parts.map((part) => part.getText());
  const again = texts.find((text, index) => texts.indexOf(text) !== index && !/[(]|\+\+|--/.test(text));
  if (again !== undefined)
    return [problemAt(node, 'semantics', 'repeated-condition', `"${again}" is asked twice in this chain`)];
  const asks = chain.parts.flatMap((part) => {
    if (!ts.isBinaryExpression(part) || !(ts.isStringLiteral(part.right) || ts.isNumericLiteral(part.right))) return [];
    const operator = part.operatorToken.getText();
    return isEquality(operator) ? [{ of: part.left.getText(), is: !operator.startsWith('!'), part }] : [];
  });
  const settles = chain.operator === '&&';
  const settled = asks.find(
    ({ of, is, part }) =>
      is !== settles &&
      !of.includes('(') &&
      asks.some(
        (other) => other.of === of && other.is === settles && other.part.right.getText() !== part.right.getText(),
      ),
  );
  if (settled === undefined) return [];
  const message = `"${settled.part.getText()}" is settled by another condition of this chain`;
  return [problemAt(settled.part, 'semantics', 'settled-condition', message)];
};

interface Pair {
  readonly of: string;
  readonly keys: readonly [string, string];
}

function pairOf(ts: Ts, part: TypeScript.Expression): Pair | null {
  if (!ts.isBinaryExpression(part) || !/^={2,3}$/.test(part.operatorToken.getText())) return null;
  const sides = [part.left, part.right].map((side) => {
    if (ts.isPropertyAccessExpression(side)) return [side.expression.getText(), side.name.text] as const;
    const index = ts.isElementAccessExpression(side) ? numberOf(ts, side.argumentExpression) : null;
    return index === null || !ts.isElementAccessExpression(side)
      ? null
      : ([side.expression.getText(), String(index)] as const);
  });
  const [left, right] = sides;
  if (!left || !right || left[0] === right[0]) return null;
  return { of: `${left[0]} ${right[0]}`, keys: [left[1], right[1]] };
}

/** `a[0] === b[0] && a[1] === b[0]`: members compared one by one, and one of them with another's partner. */
const unevenPair: Rule = ({ ts }, node) => {
  const chain = wholeChain(ts, node);
  const pairs = chain?.operator === '&&' ? chain.parts.map((part) => pairOf(ts, part)) : [];
  const known = pairs.filter((pair): pair is Pair => pair !== null);
  if (known.length < 2 || new Set(known.map(({ of }) => of)).size !== 1) return [];
  const odd = known.filter(({ keys }) => keys[0] !== keys[1]);
  const [only] = odd;
  if (odd.length !== 1 || only === undefined) return [];
  const message = `the members ${only.keys.join(' and ')} are compared, where the others are compared with their like`;
  return [problemAt(node, 'semantics', 'uneven-pair', message)];
};

/** `if (a[1] < best) best = a[2]`: what was compared is not what is taken. */
const takenUnasked: Rule = ({ ts }, node) => {
  if (!ts.isIfStatement(node) || !ts.isBinaryExpression(node.expression) || node.elseStatement !== undefined) return [];
  if (!/^[<>]=?$/.test(node.expression.operatorToken.getText())) return [];
  const then = ts.isBlock(node.thenStatement) ? node.thenStatement.statements : [node.thenStatement];
  const [only] = then;
  if (then.length !== 1 || only === undefined || !ts.isExpressionStatement(only)) return [];
  const { expression } = only;
  if (!ts.isBinaryExpression(expression) || expression.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return [];
  const { left: target, right: taken } = expression;
  const { left, right } = node.expression;
  const asked = left.getText() === target.getText() ? right : right.getText() === target.getText() ? left : null;
  if (asked === null || !ts.isElementAccessExpression(asked) || !ts.isElementAccessExpression(taken)) return [];
  const [of, other] = [asked.argumentExpression, taken.argumentExpression].map((index) => numberOf(ts, index));
  if (asked.expression.getText() !== taken.expression.getText() || of === null || other === null || of === other)
    return [];
  const message = `"${asked.getText()}" is compared, and "${taken.getText()}" is taken`;
  return [problemAt(taken, 'semantics', 'taken-unasked', message)];
};

/** Callbacks of `reduce` that forget what was gathered, and of `sort` that add where they should subtract. */
const forgetfulCallback: Rule = ({ ts }, node) => {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return [];
  const [callback] = node.arguments;
  const name = node.expression.name.text;
  if (callback === undefined || !(ts.isArrowFunction(callback) || ts.isFunctionExpression(callback))) return [];
  const [first, second] = callback.parameters;
  if (first === undefined || second === undefined || !ts.isIdentifier(first.name)) return [];
  const body = callback.body.getText();
  if (/^reduce(?:Right)?$/.test(name) && !first.name.text.startsWith('_') && !uses(body, first.name.text))
    return [problemAt(callback, 'semantics', 'forgotten-sum', `${name} forgets "${first.name.text}" at each step`)];
  if (!/^(?:sort|toSorted)$/.test(name) || ts.isBlock(callback.body)) return [];
  const sum = unwrapped(ts, callback.body);
  if (!ts.isBinaryExpression(sum) || sum.operatorToken.kind !== ts.SyntaxKind.PlusToken) return [];
  const apart = uses(sum.left.getText(), first.name.text) && uses(sum.right.getText(), second.name.getText());
  return apart
    ? [problemAt(callback, 'semantics', 'adding-comparator', 'a comparator that adds says nothing of the order')]
    : [];
};

function uses(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w$.])${name.replaceAll('$', String.raw`\$`)}(?![\\w$])`).test(text);
}

/** Rules about two things that do not fit each other. */
export const MISMATCH_RULES: readonly Rule[] = [
  otherLength,
  outOfReach,
  impossibleBits,
  idleArithmetic,
  strictEnd,
  settledCondition,
  unevenPair,
  takenUnasked,
  forgetfulCallback,
];
