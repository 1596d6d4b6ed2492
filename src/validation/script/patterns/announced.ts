import type TypeScript from 'typescript';
import type { StaticProblem } from '../../language-checks.ts';
import { announcesCheck, soundsLikeCheck } from '../../announced-check.ts';
import type { ScriptContext } from '../context.ts';
import type { Rule } from './rule.ts';

type Ts = ScriptContext['ts'];

/** True where a statement asks anything, by itself or by what it calls. What a loop's head compares is no check. */
function decides(ts: Ts, statement: TypeScript.Node): boolean {
  const { SyntaxKind } = ts;
  const comparing = [
    SyntaxKind.AmpersandAmpersandToken,
    SyntaxKind.BarBarToken,
    SyntaxKind.QuestionQuestionToken,
    SyntaxKind.InKeyword,
    SyntaxKind.InstanceOfKeyword,
    SyntaxKind.AmpersandAmpersandEqualsToken,
    SyntaxKind.BarBarEqualsToken,
    SyntaxKind.QuestionQuestionEqualsToken,
  ];
  let found = false;
  const visit = (node: TypeScript.Node): void => {
    if (found) return;
    if (ts.isForStatement(node) || ts.isForOfStatement(node) || ts.isForInStatement(node)) {
      visit(node.statement);
      return;
    }
    const asks =
      ts.isIfStatement(node) ||
      ts.isConditionalExpression(node) ||
      ts.isSwitchStatement(node) ||
      ts.isWhileStatement(node) ||
      ts.isDoStatement(node) ||
      ts.isTryStatement(node) ||
      ts.isThrowStatement(node) ||
      ts.isRegularExpressionLiteral(node) ||
      node.kind === SyntaxKind.QuestionDotToken ||
      (ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken) ||
      (ts.isBinaryExpression(node) &&
        (/^(?:[<>]=?|[!=]==?)$/.test(node.operatorToken.getText()) || comparing.includes(node.operatorToken.kind))) ||
      ((ts.isCallExpression(node) || ts.isNewExpression(node)) && soundsLikeCheck(node.expression.getText()));
    if (asks) found = true;
    else ts.forEachChild(node, visit);
  };
  visit(statement);
  return found;
}

/** Comments of which nothing but space stands between one and the next line's are one. */
function groupsOf(text: string, ranges: readonly TypeScript.CommentRange[]): TypeScript.TextRange[] {
  const groups: { pos: number; end: number }[] = [];
  for (const { pos, end } of ranges) {
    const last = groups.at(-1);
    if (last !== undefined && (text.slice(last.end, pos).match(/\n/g) ?? []).length < 2) last.end = end;
    else groups.push({ pos, end });
  }
  return groups;
}

/** What a branch begins with explains the branch: its condition is the check. */
function explainsBranch(ts: Ts, block: TypeScript.Node, index: number): boolean {
  if (index > 0) return false;
  return (
    ts.isCaseOrDefaultClause(block) ||
    (ts.isBlock(block) && (ts.isIfStatement(block.parent) || ts.isCatchClause(block.parent)))
  );
}

function isDeclaration(ts: Ts, node: TypeScript.Node): boolean {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isExportAssignment(node)
  );
}

/** The statement that a comment stands before; where it only works a value out, with those that follow without a gap. */
function stepsFrom(
  ts: Ts,
  text: string,
  statements: readonly TypeScript.Statement[],
  index: number,
): readonly TypeScript.Statement[] {
  let end = index;
  for (let at = statements[end]; at !== undefined && ts.isVariableStatement(at); at = statements[end]) {
    const next = statements[end + 1];
    if (next === undefined || /\n\s*\n|\/\//.test(text.slice(at.end, next.getStart()))) break;
    end += 1;
  }
  return statements.slice(index, end + 1);
}

/** A comment that announces a check, and nothing after it that checks anything. */
export const announcedCheck: Rule = ({ ts, source, contract }, node) => {
  if (!ts.isBlock(node) && !ts.isCaseOrDefaultClause(node)) return [];
  const text = source.text;
  const { statements } = node;
  const places: [at: number, follower: TypeScript.Statement | undefined][] = statements.map((one) => [one.pos, one]);
  places.push([statements.at(-1)?.end ?? statements.pos, undefined]);
  return places.flatMap(([at, follower], index): StaticProblem[] => {
    if (explainsBranch(ts, node, index) || (follower !== undefined && isDeclaration(ts, follower))) return [];
    const announced = groupsOf(text, ts.getLeadingCommentRanges(text, at) ?? []).find(
      ({ pos, end }) => !text.startsWith('/**', pos) && announcesCheck(text.slice(pos, end)),
    );
    if (announced === undefined || stepsFrom(ts, text, statements, index).some((step) => decides(ts, step))) return [];
    const words = text.slice(announced.pos, announced.end).replaceAll(/\s+/g, ' ').slice(0, 80);
    return [
      {
        kind: 'semantics',
        start: announced.pos,
        end: announced.end,
        rule: 'announced-check',
        // In code at large it may be a note to the reader.
        severity: contract === null ? 'warning' : 'error',
        message: `"${words}" announces a check, and nothing after it checks anything`,
        suggestion: 'write the check, or say what is done instead',
      },
    ];
  });
};
