import type TypeScript from 'typescript';
import { compiler } from '../../script/compiler.ts';
import { pathOf } from '../../script/project.ts';
import { plainName } from './sql-statements.ts';
import { type Column, familyOf, type ForeignKey, type Place, type Table } from './table.ts';

const TABLE_CALL = /^(?:pg|sqlite|mysql)Table$/;

interface Context {
  readonly checker: TypeScript.TypeChecker;
  /** Keys in camel case are stored in snake case. */
  readonly snakeCase: boolean;
}

/** Tables that the Drizzle models of a file declare. */
export function drizzleTables(program: TypeScript.Program, source: TypeScript.SourceFile, snakeCase: boolean): Table[] {
  const ts = compiler();
  const context = { checker: program.getTypeChecker(), snakeCase };
  const found: Table[] = [];
  const visit = (node: TypeScript.Node): void => {
    const table = ts.isCallExpression(node) ? tableOf(node, context) : null;
    if (table !== null) found.push(table);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameOfCallee(call: TypeScript.CallExpression): string {
  const ts = compiler();
  const { expression } = call;
  return ts.isIdentifier(expression) ? expression.text : '';
}

function placeOf(node: TypeScript.Node): Place {
  const source = node.getSourceFile();
  return { path: pathOf(source.fileName) ?? '', text: source.text, position: node.getStart(source) };
}

function tableOf(call: TypeScript.CallExpression, context: Context): Table | null {
  const ts = compiler();
  const [name, columns] = call.arguments;
  if (!TABLE_CALL.test(nameOfCallee(call)) || name === undefined || !ts.isStringLiteralLike(name)) return null;
  const read = {
    columns: new Map<string, Column>(),
    isOpen: columns === undefined || !ts.isObjectLiteralExpression(columns),
  };
  if (columns !== undefined && ts.isObjectLiteralExpression(columns)) readColumns(columns, context, read, 0);
  return { name: plainName(name.text), place: placeOf(call), ...read };
}

function readColumns(
  literal: TypeScript.ObjectLiteralExpression,
  context: Context,
  into: { readonly columns: Map<string, Column>; isOpen: boolean },
  depth: number,
): void {
  const ts = compiler();
  for (const part of literal.properties) {
    if (ts.isSpreadAssignment(part)) {
      const spread = depth > 4 ? null : literalOf(part.expression, context.checker);
      if (spread === null) into.isOpen = true;
      else readColumns(spread, context, into, depth + 1);
      continue;
    }
    const column =
      ts.isPropertyAssignment(part) && !ts.isComputedPropertyName(part.name)
        ? columnOf(part.name.text, part.initializer, context)
        : null;
    if (column === null) into.isOpen = true;
    else into.columns.set(column.name, { ...column, place: placeOf(part) });
  }
}

/** The object that a spread means: a constant's, or the one that a function without a choice returns. */
function literalOf(
  node: TypeScript.Expression,
  checker: TypeScript.TypeChecker,
): TypeScript.ObjectLiteralExpression | null {
  const ts = compiler();
  if (ts.isObjectLiteralExpression(node)) return node;
  const declaration = declarationOf(ts.isCallExpression(node) ? node.expression : node, checker);
  if (declaration === undefined) return null;
  const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : declaration;
  if (value === undefined) return null;
  if (ts.isObjectLiteralExpression(value)) return value;
  if (!ts.isFunctionLike(value) || !('body' in value) || value.body === undefined) return null;
  const body = value.body;
  if (ts.isBlock(body)) {
    const [only, other] = body.statements;
    return only !== undefined && other === undefined && ts.isReturnStatement(only) && only.expression !== undefined
      ? literalOf(only.expression, checker)
      : null;
  }
  return literalOf(ts.isParenthesizedExpression(body) ? body.expression : body, checker);
}

/** What a name was declared as, through imports. */
function declarationOf(
  node: TypeScript.Expression,
  checker: TypeScript.TypeChecker,
): TypeScript.Declaration | undefined {
  const ts = compiler();
  let symbol = checker.getSymbolAtLocation(node);
  if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0) symbol = checker.getAliasedSymbol(symbol);
  return symbol?.declarations?.[0];
}

/** `integer('post_id').notNull().references(() => posts.id)`: the calls behind each other, the first of them inmost. */
function chainOf(node: TypeScript.Expression): TypeScript.CallExpression[] {
  const ts = compiler();
  if (!ts.isCallExpression(node)) return [];
  const inner = ts.isPropertyAccessExpression(node.expression) ? chainOf(node.expression.expression) : [];
  return [...inner, node];
}

function columnOf(key: string, value: TypeScript.Expression, { checker, snakeCase }: Context): Column | null {
  const ts = compiler();
  const chain = chainOf(value);
  const [root] = chain;
  if (root === undefined) return null;
  const methods = new Map(
    chain
      .slice(1)
      .flatMap((call) =>
        ts.isPropertyAccessExpression(call.expression) ? [[call.expression.name.text, call] as const] : [],
      ),
  );
  const [first] = root.arguments;
  const own = first !== undefined && ts.isStringLiteralLike(first) ? first.text : null;
  const type = nameOfCallee(root);
  const isKey = methods.has('primaryKey');
  const keyed = snakeCase ? key.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase() : key;
  return {
    name: plainName(own ?? keyed),
    place: placeOf(value),
    family: familyOf(type),
    shown: type,
    nullable: !(isKey || methods.has('notNull') || /serial/i.test(type)),
    hasDefault: isKey || [...methods.keys()].some((name) => /default|generated/i.test(name)) || /serial/i.test(type),
    references: referenceOf(methods.get('references'), checker),
  };
}

/** `() => posts.id`: the table that the name stands for, and its column where that is the key's own name. */
function referenceOf(call: TypeScript.CallExpression | undefined, checker: TypeScript.TypeChecker): ForeignKey | null {
  const ts = compiler();
  const [given] = call?.arguments ?? [];
  if (given === undefined || !ts.isArrowFunction(given) || !ts.isPropertyAccessExpression(given.body)) return null;
  const declaration = declarationOf(given.body.expression, checker);
  const table =
    declaration !== undefined && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
  const name = table !== undefined && ts.isCallExpression(table) ? table.arguments[0] : undefined;
  return name !== undefined && ts.isStringLiteralLike(name) ? { table: plainName(name.text), column: null } : null;
}
