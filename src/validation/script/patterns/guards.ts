import type TypeScript from 'typescript';
import { problemAt } from '../problem.ts';
import type { ScriptContext } from '../context.ts';
import { numberOf, type Rule } from './rule.ts';
import { functionOf } from './usage.ts';

type Ts = ScriptContext['ts'];

function squeezed(node: TypeScript.Node): string {
  return node.getText().replaceAll(/\s+/g, '');
}

function bare(ts: Ts, node: TypeScript.Expression): TypeScript.Expression {
  return ts.isParenthesizedExpression(node) ? bare(ts, node.expression) : node;
}

function exists(ts: Ts, root: TypeScript.Node, test: (node: TypeScript.Node) => boolean): boolean {
  let found = false;
  const visit = (node: TypeScript.Node): void => {
    if (found) return;
    if (test(node)) found = true;
    else ts.forEachChild(node, visit);
  };
  visit(root);
  return found;
}

/** Statements of a body, whether it has braces or not. */
function bodyOf(ts: Ts, node: TypeScript.Statement): readonly TypeScript.Statement[] {
  return ts.isBlock(node) ? node.statements : [node];
}

/** The one statement of an `if` without `else` that leaves its surroundings; null for anything else. */
function exitOf(ts: Ts, node: TypeScript.Node): TypeScript.Statement | null {
  if (!ts.isIfStatement(node) || node.elseStatement !== undefined) return null;
  const [only, more] = bodyOf(ts, node.thenStatement);
  if (only === undefined || more !== undefined) return null;
  const leaves =
    ts.isReturnStatement(only) ||
    ts.isThrowStatement(only) ||
    ts.isContinueStatement(only) ||
    ts.isBreakStatement(only);
  return leaves ? only : null;
}

/** `x === 1` for a flag `x`: the flag and the value. */
function flagTest(ts: Ts, node: TypeScript.Expression): string | null {
  const inner = bare(ts, node);
  if (ts.isIdentifier(inner)) return `${inner.text}=true`;
  if (!ts.isBinaryExpression(inner) || !/^={2,3}$/.test(inner.operatorToken.getText())) return null;
  return ts.isIdentifier(inner.left) ? `${inner.left.text}=${squeezed(inner.right)}` : null;
}

/** Flags that a loop sets just before it breaks off, as `name=value`. */
function flagsOf(ts: Ts, loop: TypeScript.Statement): Set<string> {
  const flags = new Set<string>();
  const visit = (node: TypeScript.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isBreakStatement(node) && (ts.isBlock(node.parent) || ts.isCaseOrDefaultClause(node.parent)))
      for (const statement of node.parent.statements)
        if (
          ts.isExpressionStatement(statement) &&
          ts.isBinaryExpression(statement.expression) &&
          statement.expression.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
          ts.isIdentifier(statement.expression.left)
        )
          flags.add(squeezed(statement.expression));
    ts.forEachChild(node, visit);
  };
  if (ts.isIterationStatement(loop, false)) visit(loop);
  return flags;
}

/** Of several loops in a row that set the same flag, one after which nobody asks for it, as is done after the others. */
const uncheckedFlag: Rule = ({ ts }, node) => {
  if (!ts.isBlock(node) || node.statements.length < 5) return [];
  const asked = new Map<string, number>();
  const unasked = new Map<string, TypeScript.Statement>();
  node.statements.forEach((one, index) => {
    const next = node.statements[index + 1];
    const test =
      next === undefined || exitOf(ts, next) === null
        ? null
        : flagTest(ts, (next as TypeScript.IfStatement).expression);
    for (const flag of flagsOf(ts, one))
      if (test === flag) asked.set(flag, (asked.get(flag) ?? 0) + 1);
      else if (next !== undefined && !squeezed(next).startsWith(`${flag.split('=')[0] ?? ''}=`)) unasked.set(flag, one);
  });
  return [...unasked].flatMap(([flag, loop]) =>
    (asked.get(flag) ?? 0) < 2
      ? []
      : [
          problemAt(
            loop,
            'semantics',
            'unchecked-flag',
            `"${flag.replace('=', ' = ')}" is asked for after the other loops that set it, and not after this one`,
          ),
        ],
  );
};

/** Words that say what becomes of something that is not there. */
const TELLS_OF_ABSENCE =
  /\bnot (?:found|present|correct|valid|exist|in (?:the|it)|available|known|contain)|\binvalid\b|\bunknown\b|\bmissing\b|\babsent\b|(?:does|do|is|are)(?:n't| not) (?:exist|contain|occur|present|found|a valid|valid|correct|in)|\bno such\b/i;

function wordsAbout({ ts, contract }: ScriptContext, node: TypeScript.Node): string {
  const owner = functionOf(ts, node);
  const own = owner.getSourceFile().text.slice(owner.getFullStart(), owner.getStart());
  return `${contract?.description ?? ''}\n${contract?.declarations ?? ''}\n${own}`;
}

/** What one mention of the variable does: gets what was found, takes it as found, or may ask whether it was. */
type SearchUse = 'found' | 'taken' | 'moved' | 'asked';

function searchUse(ts: Ts, at: TypeScript.Identifier): SearchUse {
  const { parent } = at;
  if (ts.isElementAccessExpression(parent) && parent.argumentExpression === at) return 'taken';
  if (!ts.isBinaryExpression(parent)) return ts.isVariableDeclaration(parent) ? 'moved' : 'asked';
  const operator = parent.operatorToken.getText();
  const other = parent.left === at ? parent.right : parent.left;
  if (operator === '=' && parent.left === at)
    return ts.isIdentifier(other) && isCounter(ts, other) && isInIf(ts, at) ? 'found' : 'moved';
  if (operator === '+' || operator === '-') return 'taken';
  return operator === '=' || (/^[<>]/.test(operator) && ts.isIdentifier(other)) ? 'moved' : 'asked';
}

/** The variables of a function that begin as -1, get the counter of a loop, and are never asked whether they did. */
const uncheckedSentinel: Rule = (context, node) => {
  const { ts } = context;
  if (!ts.isVariableDeclaration(node) || node.initializer === undefined || !ts.isIdentifier(node.name)) return [];
  const list = node.parent;
  if (
    numberOf(ts, node.initializer) !== -1 ||
    !ts.isVariableDeclarationList(list) ||
    !ts.isVariableStatement(list.parent)
  )
    return [];
  const name = node.name.text;
  const owner = functionOf(ts, node);
  if (!TELLS_OF_ABSENCE.test(wordsAbout(context, node))) return [];
  const uses = new Set<SearchUse>();
  const visit = (at: TypeScript.Node): void => {
    if (ts.isIdentifier(at) && at.text === name && at !== node.name) uses.add(searchUse(ts, at));
    ts.forEachChild(at, visit);
  };
  visit(owner);
  if (!uses.has('found') || !uses.has('taken') || uses.has('asked')) return [];
  const message = `"${name}" stays -1 where the search finds nothing, and nobody asks for that before it is used`;
  return [problemAt(node.name, 'semantics', 'unchecked-search', message, `say what happens where ${name} is -1`)];
};

function isCounter(ts: Ts, node: TypeScript.Identifier): boolean {
  let at: TypeScript.Node = node;
  while (at.parent !== undefined && !ts.isFunctionLike(at)) {
    if (ts.isForStatement(at) && at.initializer?.getText().includes(node.text) === true) return true;
    at = at.parent;
  }
  return false;
}

function isInIf(ts: Ts, node: TypeScript.Node): boolean {
  let at = node;
  while (at.parent !== undefined && !ts.isFunctionLike(at)) {
    if (ts.isIfStatement(at)) return true;
    at = at.parent;
  }
  return false;
}

/** The map and the key of `map.get(key)`; null for anything else. */
function getCall(
  ts: Ts,
  node: TypeScript.Expression,
): { readonly holder: TypeScript.Expression; readonly key: TypeScript.Expression } | null {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  const [key, more] = node.arguments;
  if (node.expression.name.text !== 'get' || key === undefined || more !== undefined) return null;
  return { holder: node.expression.expression, key };
}

/** A step `node = node.children[key]` inside a loop; null for anything else. */
function stepOf(
  ts: Ts,
  node: TypeScript.Node,
): { readonly name: string; readonly member: string; readonly key: string } | null {
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return null;
  if (!ts.isIdentifier(node.left)) return null;
  const right = ts.isNonNullExpression(node.right) ? node.right.expression : node.right;
  const got = getCall(ts, right);
  const holder = got?.holder ?? (ts.isElementAccessExpression(right) ? right.expression : null);
  const key = got?.key ?? (ts.isElementAccessExpression(right) ? right.argumentExpression : undefined);
  if (holder === null || key === undefined || ts.isLiteralExpression(key)) return null;
  if (!ts.isPropertyAccessExpression(holder) || holder.expression.getText() !== node.left.text) return null;
  return { name: node.left.text, member: holder.getText(), key: key.getText() };
}

/** A walk along what may not be there: each step is taken without asking whether it leads anywhere. */
const uncheckedStep: Rule = ({ ts }, node) => {
  if (!ts.isExpressionStatement(node)) return [];
  const step = stepOf(ts, node.expression);
  if (step === null) return [];
  let loop: TypeScript.Node = node.parent;
  while (loop !== undefined && !ts.isIterationStatement(loop, false) && !ts.isFunctionLike(loop)) loop = loop.parent;
  if (loop === undefined || !ts.isIterationStatement(loop, false)) return [];
  const owner = functionOf(ts, node);
  const before = owner.getText().slice(0, loop.getStart() - owner.getStart());
  // Who asks before the walk, and what the walk itself makes on its way, is left alone.
  if (/\b(?:if|throw|while|switch)\b|\?|&&|\|\|/.test(before.slice(before.indexOf('{')))) return [];
  const asks = exists(ts, loop.statement, (at) => {
    if (ts.isExpressionStatement(at) && at === node) return false;
    if (ts.isIfStatement(at) || ts.isConditionalExpression(at) || ts.isTryStatement(at)) return true;
    if (ts.isBinaryExpression(at) && /^(?:&&|\|\||\?\?|\|\|=|\?\?=|in)$/.test(at.operatorToken.getText())) return true;
    if (
      ts.isBinaryExpression(at) &&
      at.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      at.left.getText().startsWith(step.member)
    )
      return true;
    return (
      ts.isCallExpression(at) && (at.expression.getText() === `${step.member}.set` || at.questionDotToken !== undefined)
    );
  });
  if (asks || (!ts.isForOfStatement(loop) && !ts.isForStatement(loop))) return [];
  const message = `${step.member} may hold nothing for ${step.key}, and the next step is taken without asking`;
  return [
    problemAt(
      node,
      'semantics',
      'unchecked-step',
      message,
      `say what happens where ${step.key} is not in ${step.member}`,
    ),
  ];
};

/** Rules about questions that the code around them, or the task, shows to be needed. */
export const GUARD_RULES: readonly Rule[] = [uncheckedFlag, uncheckedSentinel, uncheckedStep];
