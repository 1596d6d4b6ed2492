/** What the TypeScript compiler says every name of a project refers to: the reference that the resolver is scored against. */
import { join, relative } from 'node:path';
import ts from 'typescript';

/** A use and one of the declarations that it means; positions are UTF-16 indexes. */
export interface Reference {
  readonly fromFile: string;
  readonly fromPos: number;
  readonly toFile: string;
  readonly toPos: number;
  /** local, module, member, type, import or key: what is used, for scores by class. */
  readonly kind: string;
  readonly name: string;
}

export interface Truth {
  readonly references: readonly Reference[];
  /** Pairs that are right to have but not asked for: contextual keys, assignments to the variable that is used. */
  readonly allowed: readonly Reference[];
  /** Names to which the reference has no answer: an edge that comes from one of them is neither right nor wrong. */
  readonly unanswered?: readonly { readonly fromFile: string; readonly fromPos: number; readonly name: string }[];
}

/** References between the files of `root` (paths relative to it), by the checker. */
export function typescriptTruth(root: string, paths: readonly string[]): Truth {
  const names = paths.map((path) => join(root, path));
  const configPath = ts.findConfigFile(root, (path) => ts.sys.fileExists(path));
  const config =
    configPath === undefined
      ? {}
      : (ts.readConfigFile(configPath, (path) => ts.sys.readFile(path)).config as { compilerOptions?: object });
  const parsed = ts.convertCompilerOptionsFromJson(
    config.compilerOptions ?? {},
    configPath === undefined ? root : join(configPath, '..'),
  );
  const program = ts.createProgram(names, {
    ...parsed.options,
    allowJs: true,
    checkJs: false,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    jsx: ts.JsxEmit.ReactJSX,
    strict: true,
  });
  const checker = program.getTypeChecker();
  const inside = new Map(names.map((name) => [name.replaceAll('\\', '/'), relative(root, name).replaceAll('\\', '/')]));
  const references: Reference[] = [];
  const allowed: Reference[] = [];

  const record = (into: Reference[], node: ts.Node, symbol: ts.Symbol | undefined, kind?: string): void => {
    for (const declaration of declarationsOf(checker, symbol)) {
      const file = inside.get(declaration.getSourceFile().fileName);
      const from = inside.get(node.getSourceFile().fileName);
      if (file === undefined || from === undefined || isModule(declaration)) continue;
      const name = ts.getNameOfDeclaration(declaration) ?? declaration;
      if (name === node) continue;
      into.push({
        fromFile: from,
        fromPos: node.getStart(),
        toFile: file,
        toPos: name.getStart(),
        kind: kind ?? kindOf(node, declaration),
        name: node.getText(),
      });
    }
  };

  const visit = (node: ts.Node): void => {
    if (isName(node)) {
      if (isOwnDeclaration(node)) {
        for (const contextual of contextualProperties(checker, node)) record(allowed, node, contextual, 'key');
        if (ts.isShorthandPropertyAssignment(node.parent))
          record(references, node, checker.getShorthandAssignmentValueSymbol(node.parent));
      } else record(references, node, checker.getSymbolAtLocation(node));
    }
    ts.forEachChild(node, visit);
  };
  for (const name of names) {
    const source = program.getSourceFile(name);
    if (source === undefined) continue;
    visit(source);
    assignments(checker, source, inside, allowed);
  }
  return { references, allowed };
}

function isName(node: ts.Node): boolean {
  return (
    ts.isIdentifier(node) ||
    ts.isPrivateIdentifier(node) ||
    (ts.isStringLiteral(node) && ts.isElementAccessExpression(node.parent))
  );
}

function declarationsOf(checker: ts.TypeChecker, symbol: ts.Symbol | undefined): readonly ts.Declaration[] {
  if (symbol === undefined) return [];
  const target = (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
  return target.declarations ?? [];
}

/** A file, or `declare module 'name'`: a name that means one means no atom of it. */
function isModule(declaration: ts.Declaration): boolean {
  return ts.isSourceFile(declaration) || (ts.isModuleDeclaration(declaration) && ts.isStringLiteral(declaration.name));
}

/** True for a name that declares rather than refers. */
function isOwnDeclaration(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isExportSpecifier(parent)) return false;
  if (ts.isBindingElement(parent) && parent.propertyName === node) return false;
  return (
    (parent as ts.NamedDeclaration).name === node &&
    !ts.isPropertyAccessExpression(parent) &&
    !ts.isMetaProperty(parent)
  );
}

/** The properties of the expected type that a key of an object literal, or a name of a pattern, stands for. */
function contextualProperties(checker: ts.TypeChecker, node: ts.Node): ts.Symbol[] {
  const { parent } = node;
  const expected = expectedType(checker, parent);
  if (expected === undefined) return [];
  const parts = expected.isUnion() ? expected.types : [expected];
  return parts.flatMap((part) => part.getProperty(node.getText().replace(/^["']|["']$/g, '')) ?? []);
}

function expectedType(checker: ts.TypeChecker, parent: ts.Node): ts.Type | undefined {
  if (
    (ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent) || ts.isMethodDeclaration(parent)) &&
    ts.isObjectLiteralExpression(parent.parent)
  ) {
    return checker.getContextualType(parent.parent);
  }
  if (ts.isJsxAttribute(parent)) return checker.getContextualType(parent.parent);
  if (ts.isBindingElement(parent) && parent.propertyName === undefined && ts.isObjectBindingPattern(parent.parent)) {
    return checker.getTypeAtLocation(parent.parent);
  }
  return undefined;
}

function kindOf(node: ts.Node, declaration: ts.Declaration): string {
  if (ts.isImportSpecifier(node.parent) || ts.isImportClause(node.parent) || ts.isExportSpecifier(node.parent))
    return 'import';
  if (
    ts.isInterfaceDeclaration(declaration) ||
    ts.isTypeAliasDeclaration(declaration) ||
    ts.isTypeParameterDeclaration(declaration)
  )
    return 'type';
  const { parent } = declaration;
  if (
    ts.isClassLike(parent) ||
    ts.isInterfaceDeclaration(parent) ||
    ts.isTypeLiteralNode(parent) ||
    ts.isObjectLiteralExpression(parent) ||
    ts.isEnumDeclaration(parent)
  )
    return ts.isTypeParameterDeclaration(declaration) ? 'type' : 'member';
  if (
    ts.isParameter(declaration) &&
    ts.isParameterPropertyDeclaration(declaration, parent) &&
    ts.isPropertyAccessExpression(node.parent)
  )
    return 'member';
  for (let up: ts.Node = declaration.parent; !ts.isSourceFile(up); up = up.parent)
    if (ts.isFunctionLike(up)) return 'local';
  return 'module';
}

/** For each use of a variable, the places in the same function that assign to it: an edge to them is a flow of data. */
function assignments(
  checker: ts.TypeChecker,
  source: ts.SourceFile,
  inside: ReadonlyMap<string, string>,
  allowed: Reference[],
): void {
  const file = inside.get(source.fileName);
  if (file === undefined) return;
  const writes = new Map<ts.Symbol, ts.Node[]>();
  const reads = new Map<ts.Symbol, ts.Node[]>();
  const add = (map: Map<ts.Symbol, ts.Node[]>, symbol: ts.Symbol, node: ts.Node): void => {
    const known = map.get(symbol);
    if (known === undefined) map.set(symbol, [node]);
    else known.push(node);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Variable) !== 0) {
        add(reads, symbol, node);
        const { parent } = node;
        const written =
          (ts.isBinaryExpression(parent) &&
            parent.left === node &&
            parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
            parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment) ||
          ((ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) && parent.operand === node) ||
          ts.isForOfStatement(parent) ||
          ts.isArrayLiteralExpression(parent) ||
          ts.isShorthandPropertyAssignment(parent);
        if (written) add(writes, symbol, node);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const [symbol, targets] of writes) {
    for (const use of reads.get(symbol) ?? []) {
      for (const target of targets) {
        if (target === use) continue;
        allowed.push({
          fromFile: file,
          fromPos: use.getStart(),
          toFile: file,
          toPos: target.getStart(),
          kind: 'flow',
          name: use.getText(),
        });
      }
    }
  }
}
