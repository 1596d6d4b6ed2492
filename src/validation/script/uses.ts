import type TypeScript from 'typescript';
import type { ContractFile } from '../contract/task-contract.ts';
import { compiler } from './compiler.ts';
import { type Bindings, type Shape, shapeOf } from './literal-types.ts';

/** One call of something that the checked file exports, as a dependent writes it. */
export interface Use {
  /** `name`, `Class` (a construction), `Class.method`. */
  readonly target: string;
  readonly file: string;
  readonly arguments: readonly Shape[];
  /** The literal arguments as they stand in the source. */
  readonly texts: readonly string[];
  readonly hasSpread: boolean;
  /** What the dependent compares the result with; null where it does not, or not with a literal. */
  readonly expected: Shape | null;
  readonly expectedText: string | null;
  /** True where the call is expected to throw: its arguments may be wrong on purpose. */
  readonly throws: boolean;
  readonly awaited: boolean;
}

/** What one dependent imports from the checked file. */
export interface ImportedName {
  readonly file: string;
  /** `default`, `*`, or the exported name. */
  readonly name: string;
}

export interface Uses {
  readonly calls: readonly Use[];
  readonly imports: readonly ImportedName[];
}

/** True when a specifier, written in a file, may mean the checked path. */
export function specifierMeans(specifier: string, from: string, path: string): boolean {
  if (!specifier.startsWith('.')) return false;
  const folder = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') folder.pop();
    else if (part !== '.') folder.push(part);
  }
  const bare = (name: string): string => name.replace(/\.(?:[cm]?[jt]sx?)$/, '');
  const found = bare(folder.join('/'));
  return found === bare(path) || `${found}/index` === bare(path);
}

interface Reader {
  readonly file: ContractFile;
  readonly source: TypeScript.SourceFile;
  /** Local name to exported name. */
  readonly names: ReadonlyMap<string, string>;
  readonly bindings: Bindings;
}

function bindingsOf(source: TypeScript.SourceFile): Bindings {
  const ts = compiler();
  const values = new Map<string, TypeScript.Expression | null>();
  const visit = (node: TypeScript.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer !== undefined)
      values.set(node.name.text, values.has(node.name.text) ? null : node.initializer);
    if (
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      ts.isIdentifier(node.left)
    )
      values.set(node.left.text, null);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return new Map([...values].filter((entry): entry is [string, TypeScript.Expression] => entry[1] !== null));
}

function clauseNames(clause: TypeScript.ImportClause | undefined): [local: string, exported: string][] {
  const ts = compiler();
  if (clause === undefined) return [];
  const names: [string, string][] = clause.name === undefined ? [] : [[clause.name.text, 'default']];
  const bindings = clause.namedBindings;
  if (bindings === undefined) return names;
  if (ts.isNamespaceImport(bindings)) return [...names, [bindings.name.text, '*']];
  return [
    ...names,
    ...bindings.elements.map((element): [string, string] => [
      element.name.text,
      (element.propertyName ?? element.name).text,
    ]),
  ];
}

function requiredNames(node: TypeScript.VariableDeclaration, file: string, path: string): [string, string][] {
  const ts = compiler();
  const call = node.initializer;
  if (call === undefined || !ts.isCallExpression(call) || call.expression.getText() !== 'require') return [];
  const [argument] = call.arguments;
  if (argument === undefined || !ts.isStringLiteral(argument) || !specifierMeans(argument.text, file, path)) return [];
  if (ts.isIdentifier(node.name)) return [[node.name.text, '*']];
  if (!ts.isObjectBindingPattern(node.name)) return [];
  return node.name.elements.flatMap((element): [string, string][] =>
    ts.isIdentifier(element.name) ? [[element.name.text, (element.propertyName ?? element.name).getText()]] : [],
  );
}

function importedNames(source: TypeScript.SourceFile, file: string, path: string): Map<string, string> {
  const ts = compiler();
  const names = new Map<string, string>();
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      if (!specifierMeans(statement.moduleSpecifier.text, file, path)) continue;
      for (const [local, exported] of clauseNames(statement.importClause)) names.set(local, exported);
    } else if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations)
        for (const [local, exported] of requiredNames(declaration, file, path)) names.set(local, exported);
    }
  }
  return names;
}

/** The class that an expression is an instance of: `new Class(…)`, or a name bound once to one. */
function instanceOf(reader: Reader, node: TypeScript.Expression): string | null {
  const ts = compiler();
  if (ts.isParenthesizedExpression(node)) return instanceOf(reader, node.expression);
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression))
    return reader.names.get(node.expression.text) ?? null;
  if (!ts.isIdentifier(node)) return null;
  const value = reader.bindings.get(node.text);
  return value === undefined || !ts.isNewExpression(value) ? null : instanceOf(reader, value);
}

function targetOf(reader: Reader, node: TypeScript.CallExpression | TypeScript.NewExpression): string | null {
  const ts = compiler();
  const callee = node.expression;
  if (ts.isIdentifier(callee)) {
    const name = reader.names.get(callee.text);
    return name === undefined || name === '*' ? null : name;
  }
  if (!ts.isPropertyAccessExpression(callee)) return null;
  if (ts.isIdentifier(callee.expression)) {
    const owner = reader.names.get(callee.expression.text);
    if (owner === '*') return callee.name.text;
    if (owner !== undefined) return `${owner}.${callee.name.text}`;
  }
  const owner = instanceOf(reader, callee.expression);
  return owner === null ? null : `${owner}.${callee.name.text}`;
}

const MATCHERS: ReadonlySet<string> = new Set(['toBe', 'toEqual', 'toStrictEqual', 'equal', 'eql']);
const ASSERTIONS: ReadonlySet<string> = new Set(['equal', 'strictEqual', 'deepEqual', 'deepStrictEqual']);

/** `expect(call).toEqual(literal)` and its kin: what stands against the call. */
function matcherOf(call: TypeScript.Node): { node: TypeScript.Expression } | 'throws' | null {
  const ts = compiler();
  const expectation = call.parent;
  if (!ts.isCallExpression(expectation) || expectation.expression.getText() !== 'expect') return null;
  const access = expectation.parent;
  if (!ts.isPropertyAccessExpression(access) || !MATCHERS.has(access.name.text)) return null;
  const [expected] = ts.isCallExpression(access.parent) ? access.parent.arguments : [];
  return expected === undefined ? null : { node: expected };
}

function comparedWith(call: TypeScript.Expression): TypeScript.Expression | null {
  const ts = compiler();
  const { parent } = call;
  if (ts.isParenthesizedExpression(parent)) return comparedWith(parent);
  if (ts.isCallExpression(parent) && parent.expression.getText() === 'JSON.stringify') {
    const other = comparedWith(parent);
    return other !== null && ts.isCallExpression(other) && other.expression.getText() === 'JSON.stringify'
      ? (other.arguments[0] ?? null)
      : null;
  }
  if (ts.isBinaryExpression(parent) && /^={2,3}$/.test(parent.operatorToken.getText()))
    return parent.left === call ? parent.right : parent.left;
  if (ts.isCallExpression(parent) && parent.arguments[0] === call) {
    const name = /(?:^|\.)(\w+)$/.exec(parent.expression.getText())?.[1];
    if (name !== undefined && ASSERTIONS.has(name)) return parent.arguments[1] ?? null;
  }
  return null;
}

/** The expected value of a call, directly or through a name that holds its result. */
function expectedOf(reader: Reader, call: TypeScript.Expression): TypeScript.Expression | null {
  const ts = compiler();
  const outer = ts.isAwaitExpression(call.parent) ? call.parent : call;
  const matcher = matcherOf(outer);
  if (matcher !== null && matcher !== 'throws') return matcher.node;
  const compared = comparedWith(outer);
  if (compared !== null) return compared;
  const declaration = outer.parent;
  if (!ts.isVariableDeclaration(declaration) || !ts.isIdentifier(declaration.name)) return null;
  const name = declaration.name.text;
  if (!reader.bindings.has(name)) return null;
  let found: TypeScript.Expression | null = null;
  const visit = (node: TypeScript.Node): void => {
    if (found !== null) return;
    if (ts.isIdentifier(node) && node.text === name && node !== declaration.name) {
      const direct = matcherOf(node);
      found = direct !== null && direct !== 'throws' ? direct.node : comparedWith(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(reader.source);
  return found;
}

function isExpectedToThrow(node: TypeScript.Node): boolean {
  const ts = compiler();
  for (let at: TypeScript.Node | undefined = node; at !== undefined; at = at.parent) {
    if (ts.isCallExpression(at) && /toThrow|\brejects\b|assert\.(?:throws|rejects)/.test(at.expression.getText()))
      return true;
    if (ts.isStatement(at) && at.parent !== undefined && ts.isSourceFile(at.parent)) return false;
    if (ts.isTryStatement(at)) return true;
  }
  return false;
}

function readUse(reader: Reader, node: TypeScript.CallExpression | TypeScript.NewExpression): Use[] {
  const ts = compiler();
  const target = targetOf(reader, node);
  if (target === null) return [];
  const given = [...(node.arguments ?? [])];
  const expected = ts.isCallExpression(node) ? expectedOf(reader, node) : null;
  return [
    {
      target,
      file: reader.file.path,
      arguments: given.map((argument) => shapeOf(argument, reader.bindings)),
      texts: given.map((argument) => argument.getText()),
      hasSpread: given.some((argument) => ts.isSpreadElement(argument)),
      expected: expected === null ? null : shapeOf(expected, reader.bindings),
      expectedText: expected?.getText() ?? null,
      throws: isExpectedToThrow(node),
      awaited:
        ts.isAwaitExpression(node.parent) || /\.resolves\b/.test(node.parent.parent?.getText().slice(0, 400) ?? ''),
    },
  ];
}

function readFile(file: ContractFile, path: string): Uses {
  const ts = compiler();
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const names = importedNames(source, file.path, path);
  if (names.size === 0) return { calls: [], imports: [] };
  const reader: Reader = { file, source, names, bindings: bindingsOf(source) };
  const calls: Use[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) calls.push(...readUse(reader, node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { calls, imports: [...new Set(names.values())].map((name) => ({ file: file.path, name })) };
}

/** What the dependents import from a file and how they call it. They are read, not run. */
export function readUses(dependents: readonly ContractFile[], path: string): Uses {
  const read = dependents.filter(({ language }) => /script|tsx/.test(language)).map((file) => readFile(file, path));
  return { calls: read.flatMap(({ calls }) => calls), imports: read.flatMap(({ imports }) => imports) };
}
