import type TypeScript from 'typescript';
import type { StaticProblem } from '../../language-checks.ts';
import { problemAt } from '../problem.ts';
import type { ScriptContext } from '../context.ts';
import { chainOf, functionOf, isWritten, type Usage, type Usages } from './usage.ts';

/** Methods that leave what they are called on as it is. */
const PURE_METHODS: ReadonlySet<string> = new Set(
  (
    'map filter reduce reduceRight slice concat join indexOf lastIndexOf includes some every find findIndex findLast flat flatMap at ' +
    'toString keys values entries has get charAt charCodeAt codePointAt split trim replace replaceAll substring substr toUpperCase ' +
    'toLowerCase startsWith endsWith padStart padEnd repeat match matchAll test toFixed toSorted toReversed with localeCompare'
  ).split(' '),
);

function isEmptyContainer(ts: ScriptContext['ts'], node: TypeScript.Expression): boolean {
  if (ts.isArrayLiteralExpression(node)) return node.elements.length === 0;
  if (ts.isObjectLiteralExpression(node)) return node.properties.length === 0;
  return (
    ts.isNewExpression(node) &&
    /^(?:Map|Set|Array)$/.test(node.expression.getText()) &&
    (node.arguments?.length ?? 0) === 0
  );
}

function isStartValue(ts: ScriptContext['ts'], node: TypeScript.Expression): boolean {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text === '';
  if (ts.isNumericLiteral(node)) return node.text === '0';
  return node.kind === ts.SyntaxKind.FalseKeyword || node.kind === ts.SyntaxKind.NullKeyword;
}

/** True when a read may change what the variable holds, beyond the calls that are known to leave it alone. */
function mayChange(ts: ScriptContext['ts'], node: TypeScript.Identifier): boolean {
  const chain = chainOf(ts, node);
  if (isWritten(ts, chain)) return true;
  const { parent } = chain;
  if (ts.isCallExpression(parent) && parent.expression === chain)
    return !(ts.isPropertyAccessExpression(chain) && PURE_METHODS.has(chain.name.text));
  const holders =
    ts.isCallExpression(parent) ||
    ts.isNewExpression(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isShorthandPropertyAssignment(parent) ||
    ts.isVariableDeclaration(parent) ||
    (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) ||
    ts.isArrayLiteralExpression(parent) ||
    ts.isConditionalExpression(parent);
  return chain === node ? holders : false;
}

/** `const none = []; return none`: nothing was meant to come between. */
function isEmptyOnPurpose(
  ts: ScriptContext['ts'],
  declaration: TypeScript.VariableDeclaration,
  read: TypeScript.Node,
): boolean {
  const statement = declaration.parent.parent;
  const block = statement.parent;
  if (!ts.isReturnStatement(read.parent) || !(ts.isBlock(block) || ts.isCaseOrDefaultClause(block))) return false;
  return block.statements.indexOf(read.parent) === block.statements.indexOf(statement) + 1;
}

/** An accumulator that starts empty, is read, and never gets anything: the statement that filled it is missing. */
function neverFilled({ ts }: ScriptContext, usage: Usage): StaticProblem[] {
  const { declaration, writes, reads } = usage;
  if (!ts.isVariableDeclaration(declaration) || declaration.initializer === undefined || reads.length === 0) return [];
  if (writes.length > 0 || !ts.isVariableDeclarationList(declaration.parent)) return [];
  const isConstant = (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
  const start = declaration.initializer;
  const container = isEmptyContainer(ts, start);
  if (!container && (isConstant || !isStartValue(ts, start))) return [];
  if (ts.isSourceFile(functionOf(ts, declaration))) return [];
  if (container && reads.some((read) => mayChange(ts, read) || isEmptyOnPurpose(ts, declaration, read))) return [];
  const name = declaration.name.getText();
  return [
    problemAt(
      declaration.name,
      'semantics',
      'never-updated',
      `"${name}" starts as ${start.getText()} and never gets another value, but is read`,
      `add the statement that updates ${name}`,
    ),
  ];
}

function neverAssigned({ ts }: ScriptContext, usage: Usage): StaticProblem[] {
  const { declaration, writes, reads } = usage;
  if (
    !ts.isVariableDeclaration(declaration) ||
    declaration.initializer !== undefined ||
    writes.length > 0 ||
    reads.length === 0
  )
    return [];
  if (!ts.isVariableDeclarationList(declaration.parent) || !ts.isVariableStatement(declaration.parent.parent))
    return [];
  if (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Ambient) return [];
  return [
    problemAt(
      declaration.name,
      'semantics',
      'never-assigned',
      `"${declaration.name.getText()}" is read and never gets a value`,
    ),
  ];
}

/** Values that are worked out and dropped: assigned again and again, or the last thing that a function does. */
function neverRead({ ts }: ScriptContext, usage: Usage): StaticProblem[] {
  const { declaration, writes, reads, symbol } = usage;
  if (!ts.isVariableDeclaration(declaration) || reads.length > 0 || symbol.name.startsWith('_')) return [];
  if (ts.isSourceFile(functionOf(ts, declaration)) || !ts.isVariableDeclarationList(declaration.parent)) return [];
  const statement = declaration.parent.parent;
  if (!ts.isVariableStatement(statement)) return [];
  const { name } = declaration;
  if (writes.length > 0)
    return [
      problemAt(
        name,
        'semantics',
        'assigned-never-read',
        `"${symbol.name}" is assigned and never read`,
        'use the value or remove it',
      ),
    ];
  const value = declaration.initializer;
  const isLiteral =
    value === undefined || ts.isLiteralExpression(value) || isEmptyContainer(ts, value) || isStartValue(ts, value);
  if (isLiteral && !(value !== undefined && ts.isStringLiteral(value))) return [];
  const block = statement.parent;
  const isFunction = value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value));
  const isLast = (ts.isBlock(block) || ts.isCaseOrDefaultClause(block)) && block.statements.at(-1) === statement;
  if (!isLast && (isFunction || value === undefined || !/\(/.test(value.getText()))) return [];
  const rule = isLast ? 'result-not-returned' : 'value-never-used';
  return [
    problemAt(
      name,
      'semantics',
      rule,
      `"${symbol.name}" is worked out and never used`,
      isLast ? 'return it' : 'use the value or remove it',
    ),
  ];
}

/** True when some caller that is known gives the parameter: a function that others call back takes what they give. */
function isGivenIt(
  { ts, uses }: ScriptContext,
  parameter: TypeScript.ParameterDeclaration,
  owner: TypeScript.SignatureDeclaration,
): boolean {
  const name = owner.name?.getText() ?? (ts.isVariableDeclaration(owner.parent) ? owner.parent.name.getText() : '');
  const of = ts.isClassLike(owner.parent)
    ? `${owner.parent.name?.text ?? ''}${ts.isConstructorDeclaration(owner) ? '' : `.${name}`}`
    : name;
  const index = owner.parameters.indexOf(parameter);
  if (uses.calls.some((use) => use.target === of && use.arguments.length > index)) return true;
  let given = false;
  const visit = (node: TypeScript.Node): void => {
    if (given) return;
    if (
      ts.isCallExpression(node) &&
      node.arguments.length > index &&
      new RegExp(`^(?:this\\.)?${name}$`).test(node.expression.getText())
    )
      given = true;
    ts.forEachChild(node, visit);
  };
  if (/^\w+$/.test(name)) visit(parameter.getSourceFile());
  return given;
}

/** Parameters that the function ignores although they stand before one that it uses, or are all it gets. */
function ignoredParameter(context: ScriptContext, usage: Usage): StaticProblem[] {
  const { ts } = context;
  const { declaration, reads, symbol } = usage;
  if (
    !ts.isParameter(declaration) ||
    reads.length > 0 ||
    symbol.name.startsWith('_') ||
    !ts.isIdentifier(declaration.name)
  )
    return [];
  const owner = declaration.parent;
  if (!('body' in owner) || owner.body === undefined || ts.isSetAccessor(owner)) return [];
  if (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.ParameterPropertyModifier) return [];
  const isNamed =
    ts.isFunctionDeclaration(owner) ||
    ((ts.isArrowFunction(owner) || ts.isFunctionExpression(owner)) && ts.isVariableDeclaration(owner.parent));
  const isMember = ts.isMethodDeclaration(owner) || ts.isConstructorDeclaration(owner);
  if (!isNamed && !isMember) return [];
  if (/\barguments\b/.test(owner.body.getText())) return [];
  if (context.isJavaScript && !isGivenIt(context, declaration, owner)) return [];
  if (isMember && ts.isClassLike(owner.parent) && owner.parent.heritageClauses !== undefined) return [];
  return [
    problemAt(
      declaration,
      'semantics',
      'unused-parameter',
      `the parameter "${symbol.name}" changes nothing: it is never read`,
      `use ${symbol.name} or take it out`,
    ),
  ];
}

/** What is wrong with how the variables of a file are used. */
export function variableProblems(context: ScriptContext, usages: Usages): StaticProblem[] {
  return [...usages.values()].flatMap((usage) => [
    ...neverFilled(context, usage),
    ...neverAssigned(context, usage),
    ...neverRead(context, usage),
    ...ignoredParameter(context, usage),
  ]);
}
