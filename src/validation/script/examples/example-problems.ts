import type TypeScript from 'typescript';
import type { TaskContract } from '../../contract/task-contract.ts';
import type { StaticProblem } from '../../language-checks.ts';
import { compiler } from '../compiler.ts';
import { problemAt } from '../problem.ts';
import { Bench, type Modules } from './bench.ts';
import { type Example, readExamples } from './read-examples.ts';
import { same } from './same.ts';
import { asThrown, Give, Scope, Thrown } from './signals.ts';
import { StepBudget } from './step-budget.ts';

/**
 * Steps that one row of an example may take, and all examples of a file together: counted, so that no verdict hangs on the load of a
 * machine. 4,000 to 8,000 of them are a millisecond.
 */
const STEPS_EACH = 60_000;
const STEPS_ALL = 500_000;
/** What a row costs before its first step: scopes, imports, functions of the modules. */
const STEPS_OF_ROW = 500;
const EXAMPLES = 60;
const ROWS = 12;

/** Declares in `scope` what an expression of a test refers to: names that are given a value once, worked out on the way. */
function declareNames(bench: Bench, scope: Scope, node: TypeScript.Node, depth = 0): void {
  const ts = compiler();
  if (depth > 12) throw new Give('too many names');
  const inner = new Set<string>();
  const visit = (at: TypeScript.Node): void => {
    if (ts.isFunctionLike(at))
      for (const parameter of at.parameters) if (ts.isIdentifier(parameter.name)) inner.add(parameter.name.text);
    if (ts.isIdentifier(at) && !isPropertyName(ts, at) && !inner.has(at.text) && scope.find(at.text) === null) {
      const declaration = declarationOf(at);
      if (declaration !== null) {
        if (declaration === 'unknown') throw new Give(`the name ${at.text}`);
        declareNames(bench, scope, declaration, depth + 1);
        scope.declare(
          at.text,
          ts.isFunctionDeclaration(declaration)
            ? functionValue(bench, scope, declaration)
            : bench.reckoner.value(declaration, scope),
        );
      }
    }
    ts.forEachChild(at, visit);
  };
  visit(node);
}

function functionValue(bench: Bench, scope: Scope, node: TypeScript.FunctionDeclaration): unknown {
  const inner = new Scope(scope);
  bench.reckoner.block([node], inner);
  return inner.find(node.name?.text ?? '')?.value;
}

function isPropertyName(ts: ReturnType<typeof compiler>, node: TypeScript.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  return ts.isPropertyAssignment(parent) && parent.name === node;
}

/** The one value of a name of the test file; null for names from outside, `unknown` for what changes or is made elsewhere. */
function declarationOf(
  node: TypeScript.Identifier,
): TypeScript.Expression | TypeScript.FunctionDeclaration | 'unknown' | null {
  const ts = compiler();
  for (let at: TypeScript.Node | undefined = node.parent; at !== undefined; at = at.parent) {
    if (ts.isFunctionLike(at) && at.parameters.some((parameter) => parameter.name.getText().includes(node.text)))
      return 'unknown';
    if (!ts.isBlock(at) && !ts.isSourceFile(at)) continue;
    for (const statement of at.statements) {
      if (ts.isFunctionDeclaration(statement) && statement.name?.text === node.text) return statement;
      if (!ts.isVariableStatement(statement)) continue;
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (!ts.isIdentifier(name)) {
          if (name.getText().includes(node.text)) return 'unknown';
          continue;
        }
        if (name.text !== node.text) continue;
        return initializer === undefined || changes(at, node.text) ? 'unknown' : initializer;
      }
    }
  }
  return null;
}

/** True when a statement of the block may change what a name stands for, or does something with it on the way. */
function changes(block: TypeScript.Node, name: string): boolean {
  const ts = compiler();
  let found = false;
  const calls = new Set<string>();
  const visit = (node: TypeScript.Node): void => {
    if (found) return;
    if (ts.isIdentifier(node) && node.text === name) {
      let at: TypeScript.Node = node;
      while (
        ts.isPropertyAccessExpression(at.parent) ||
        ts.isElementAccessExpression(at.parent) ||
        (ts.isCallExpression(at.parent) && at.parent.expression === at)
      )
        at = at.parent;
      const { parent } = at;
      const isStatement = ts.isExpressionStatement(parent);
      const isWritten =
        ts.isBinaryExpression(parent) && parent.left === at && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
      const isStepped =
        (ts.isPrefixUnaryExpression(parent) &&
          parent.operator !== ts.SyntaxKind.ExclamationToken &&
          parent.operator !== ts.SyntaxKind.MinusToken) ||
        ts.isPostfixUnaryExpression(parent);
      const methods =
        at !== node &&
        ts.isCallExpression(at) &&
        /\.(?:push|pop|shift|unshift|sort|reverse|splice|write|read|add|delete|set|next)\(/.test(at.getText());
      if (isStatement || isWritten || isStepped || methods || isHandedOn(ts, node)) found = true;
      if (at !== node && ts.isCallExpression(at)) {
        // The same call twice is asked for what it does on the way.
        if (calls.has(at.getText())) found = true;
        calls.add(at.getText());
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(block);
  return found;
}

/** True when a name is an argument of a call that stands by itself and is no assertion. */
function isHandedOn(ts: ReturnType<typeof compiler>, node: TypeScript.Node): boolean {
  let at = node;
  while (!ts.isStatement(at) && at.parent !== undefined && !ts.isFunctionLike(at)) at = at.parent;
  return ts.isExpressionStatement(at) && !/^(?:expect|assert|console|t\.)/.test(at.getText());
}

/** Scopes of the rows of the tables around an example; one empty scope where there is none. */
function rows(bench: Bench, base: Scope, example: Example): Scope[] {
  let scopes = [new Scope(base)];
  for (const { table, parameters } of example.tables) {
    scopes = scopes.flatMap((scope) => {
      declareNames(bench, scope, table);
      const list = bench.reckoner.value(table, scope);
      if (!Array.isArray(list)) throw new Give('a table that is no list');
      return list.slice(0, ROWS).map((row: unknown) => {
        const inner = new Scope(scope);
        const cells: unknown[] = Array.isArray(row) ? row : [row];
        parameters.forEach((parameter, index) => {
          if (parameter.dotDotDotToken !== undefined) inner.declare(parameter.name.getText(), cells.slice(index));
          else if (!compiler().isIdentifier(parameter.name)) bindPattern(inner, parameter.name, cells[index]);
          else inner.declare(parameter.name.text, cells[index]);
        });
        return inner;
      });
    });
  }
  return scopes;
}

function bindPattern(scope: Scope, pattern: TypeScript.BindingPattern, value: unknown): void {
  const ts = compiler();
  if (!ts.isObjectBindingPattern(pattern) || typeof value !== 'object' || value === null) throw new Give('a pattern');
  for (const element of pattern.elements) {
    if (!ts.isIdentifier(element.name)) throw new Give('a pattern');
    scope.declare(
      element.name.text,
      (value as Record<string, unknown>)[(element.propertyName ?? element.name).getText()],
    );
  }
}

/** Why an example does not hold; null when it does. */
function judge(bench: Bench, scope: Scope, example: Example): string | null {
  const { claim, actual, expected } = example;
  declareNames(bench, scope, actual);
  if (expected !== null) declareNames(bench, scope, expected);
  const text = actual.getText().replaceAll(/\s+/g, ' ').slice(0, 120);
  let value: unknown;
  try {
    value = bench.reckoner.value(actual, scope);
  } catch (error) {
    const thrown = asThrown(error);
    if (thrown === null) throw error;
    if (claim !== 'throws') return `${text} throws ${words(thrown.value)}`;
    return thrownFits(bench, scope, thrown, expected)
      ? null
      : `${text} throws ${words(thrown.value)}, where ${expected?.getText() ?? ''} is expected`;
  }
  if (claim === 'throws') return `${text} is expected to throw, and gives ${show(value)}`;
  if (claim === 'holds') return value ? null : `${text} does not hold`;
  if (claim === 'fails') return value ? `${text} is expected to be false` : null;
  const wanted = bench.reckoner.value(expected as TypeScript.Expression, scope);
  if (claim === 'close')
    return typeof value === 'number' && Math.abs(value - Number(wanted)) < 0.006
      ? null
      : `${text} gives ${show(value)}, not about ${show(wanted)}`;
  return same(value, wanted) ? null : `${text} gives ${show(value)}, not ${show(wanted)}`;
}

function words(value: unknown): string {
  return value instanceof Error ? `"${value.message}"` : show(value);
}

function show(value: unknown): string {
  try {
    const text =
      typeof value === 'string'
        ? JSON.stringify(value)
        : typeof value === 'object' && value !== null
          ? JSON.stringify(value)
          : String(value);
    return text.length > 100 ? `${text.slice(0, 100)}…` : text;
  } catch {
    return 'a value';
  }
}

function thrownFits(bench: Bench, scope: Scope, { value }: Thrown, expected: TypeScript.Expression | null): boolean {
  if (expected === null) return true;
  const wanted = bench.reckoner.value(expected, scope);
  const message = value instanceof Error ? value.message : String(value);
  if (typeof wanted === 'string') return message.includes(wanted);
  if (wanted instanceof RegExp) return wanted.test(message);
  if (wanted instanceof Error) return message === wanted.message;
  if (typeof wanted === 'function') return value instanceof Error || typeof value === 'object';
  return true;
}

function firstContradiction(modules: Modules, example: Example, all: StepBudget): string | null {
  const count = example.tables.length === 0 ? 1 : ROWS;
  for (let row = 0; row < count; row++) {
    all.take(STEPS_OF_ROW);
    // Each row begins anew: what one changed must not reach the next.
    const bench = new Bench(modules, new StepBudget(STEPS_EACH, all));
    const base = new Scope(null);
    bench.importInto(base, example.actual.getSourceFile(), example.file);
    const scope = rows(bench, base, example)[row];
    if (scope === undefined) return null;
    const problem = judge(bench, scope, example);
    if (problem !== null) return problem;
  }
  return null;
}

/** The function or class that an example calls. */
function placeOf(source: TypeScript.SourceFile, { actual }: Example): TypeScript.Node | null {
  const ts = compiler();
  const words = new Set(actual.getText().match(/[A-Za-z_$][\w$]*/g) ?? []);
  for (const statement of source.statements) {
    if (
      (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) &&
      words.has(statement.name?.text ?? '')
    )
      return statement.name ?? statement;
    if (!ts.isVariableStatement(statement)) continue;
    const found = statement.declarationList.declarations.find(
      ({ name }) => ts.isIdentifier(name) && words.has(name.text),
    );
    if (found !== undefined) return found.name;
  }
  return null;
}

const RULE = 'contradicts-example';

/** Examples of the task that the file's own code contradicts, worked out over its syntax tree. */
export function exampleProblems(
  path: string,
  source: TypeScript.SourceFile,
  contract: TaskContract | null,
): StaticProblem[] {
  if (contract === null) return [];
  const modules: Modules = { path, source, contract, read: new Map() };
  const all = new StepBudget(STEPS_ALL);
  for (const example of readExamples(contract).slice(0, EXAMPLES)) {
    if (all.isSpent) return [];
    const problem = tried(() => firstContradiction(modules, example, all));
    if (problem === null) continue;
    const place = placeOf(source, example);
    const message = `${example.file}: ${problem}`;
    if (place === null)
      return [{ kind: 'contracts', start: -1, end: -1, rule: RULE, severity: 'error', message, suggestion: null }];
    return [problemAt(place, 'contracts', RULE, message)];
  }
  return [];
}

/** What the reckoner cannot work out says nothing. */
function tried(run: () => string | null): string | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof Give || error instanceof Thrown || error instanceof RangeError || error instanceof TypeError)
      return null;
    throw error;
  }
}
