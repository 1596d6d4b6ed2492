import type TypeScript from 'typescript';
import type { StaticProblem } from '../language-checks.ts';
import { callables } from './augment.ts';
import { compiler } from './compiler.ts';
import { problemAt } from './problem.ts';
import { resultProblems } from './result-problems.ts';
import type { ScriptContext } from './context.ts';
import type { Use } from './uses.ts';

type Exports = ReadonlyMap<string, TypeScript.Symbol>;

function problemOfFile(rule: string, message: string, suggestion: string | null): StaticProblem {
  return { kind: 'contracts', start: -1, end: -1, rule, severity: 'error', message, suggestion };
}

function exportsOf({ checker, source }: ScriptContext): Exports {
  const module = checker.getSymbolAtLocation(source);
  const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
  return new Map(symbols.map((symbol) => [symbol.name, symbol]));
}

/** True when what the file exports cannot be told from its text: `export *` of something unknown, computed `module.exports`. */
function exportsAreOpen({ source, ts }: ScriptContext, exports: Exports): boolean {
  if (exports.has('export=')) return true;
  return (
    source.statements.some((statement) => ts.isExportDeclaration(statement) && statement.exportClause === undefined) ||
    /\b(?:module\.exports|exports\[)/.test(source.text)
  );
}

function missingExports(context: ScriptContext, exports: Exports): StaticProblem[] {
  if (exportsAreOpen(context, exports)) return [];
  const wanted = new Map(context.uses.imports.map(({ name, file }) => [name, file]));
  return [...wanted].flatMap(([name, file]) => {
    if (name === '*' || exports.has(name)) return [];
    const form = name === 'default' ? 'a default export' : `"${name}"`;
    return [
      problemOfFile(
        'missing-export',
        `${file} imports ${form} from this file, which does not export it`,
        `export ${form}`,
      ),
    ];
  });
}

/** The names that a text of stubs declares, with the parameters each takes at most (null where there is a rest parameter). */
function declaredCallables(text: string, path: string): Map<string, number | null> {
  const ts = compiler();
  const source = ts.createSourceFile(
    `declared-${path.split('/').at(-1) ?? 'file.ts'}`,
    text,
    ts.ScriptTarget.Latest,
    true,
  );
  // Helpers of a file that is to be rewritten may go: only what it gives to others is declared.
  const given = (node: TypeScript.Node): boolean => {
    let at = node;
    while (at.parent !== undefined && !ts.isSourceFile(at.parent)) at = at.parent;
    return (
      ts.canHaveModifiers(at) &&
      (ts.getModifiers(at)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false)
    );
  };
  const isModule = /^export\b/m.test(text);
  return new Map(
    [...callables(source)]
      .filter(([, node]) => !isModule || given(node))
      .map(([name, node]) => {
        const isOpen = node.parameters.some((parameter) => parameter.dotDotDotToken !== undefined);
        return [name, isOpen ? null : node.parameters.length];
      }),
  );
}

function topLevelNames({ ts, source }: ScriptContext): Set<string> {
  const names = new Set<string>();
  const add = (name: TypeScript.BindingName | undefined): void => {
    if (name === undefined) return;
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) add(element.name);
  };
  for (const statement of source.statements) {
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) add(statement.name);
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) add(name);
    if (ts.isImportDeclaration(statement)) {
      add(statement.importClause?.name);
      const bindings = statement.importClause?.namedBindings;
      if (bindings !== undefined && ts.isNamedImports(bindings)) for (const { name } of bindings.elements) add(name);
    }
    if (ts.isEnumDeclaration(statement) || ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
      add(statement.name);
    if (
      ts.isExportDeclaration(statement) &&
      statement.exportClause !== undefined &&
      ts.isNamedExports(statement.exportClause)
    )
      for (const { name } of statement.exportClause.elements) names.add(name.text);
  }
  return names;
}

function memberExists(context: ScriptContext, exports: Exports, owner: string, member: string): boolean {
  const { checker, ts } = context;
  const exported = exports.get(owner);
  if (exported === undefined) return true;
  const symbol = (exported.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(exported) : exported;
  const declaration = symbol.valueDeclaration;
  if (declaration === undefined) return true;
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const instance = type.getConstructSignatures()[0]?.getReturnType();
  const owners = instance === undefined ? [type] : [type, instance];
  return owners.some(
    (of) =>
      (of.flags & ts.TypeFlags.Any) !== 0 ||
      of.getProperty(member) !== undefined ||
      of.getStringIndexType() !== undefined,
  );
}

function missingDeclared(context: ScriptContext, exports: Exports): StaticProblem[] {
  const { contract, source } = context;
  if (contract === null) return [];
  const present = topLevelNames(context);
  const own = callables(source);
  const problems: StaticProblem[] = [];
  const missing = (name: string, why: string): void => {
    problems.push(
      problemOfFile('missing-definition', `"${name}" ${why}, and the file does not define it`, `define ${name}`),
    );
  };
  if (contract.entry !== null && !present.has(contract.entry) && !exports.has(contract.entry))
    missing(contract.entry, 'is what the task asks for');
  for (const [name, parameters] of declaredCallables(contract.declarations, source.fileName)) {
    const [owner = '', member] = name.split('.');
    if (name === 'default' || owner === 'default') continue;
    if (member === undefined && !present.has(name) && !exports.has(name)) missing(name, 'is declared by the task');
    if (
      member !== undefined &&
      present.has(owner) &&
      !constructsOther(own.get(owner)) &&
      !memberExists(context, exports, owner, member)
    )
      missing(name, 'is declared by the task');
    const node = own.get(name);
    // A stub without parameters says nothing about them.
    if (node === undefined || parameters === null || parameters === 0) continue;
    const needed = node.parameters.filter((parameter) => isNeeded(parameter)).length;
    if (needed > parameters && context.uses.calls.every((use) => use.target !== name || use.arguments.length < needed))
      problems.push(
        problemAt(
          node.parameters[0] ?? node,
          'contracts',
          'wrong-arity',
          `"${name}" is declared with ${parameters} parameter(s) and needs ${needed} here`,
        ),
      );
  }
  return problems;
}

/** True for a constructor that returns something else than the instance. */
function constructsOther(node: TypeScript.FunctionLikeDeclaration | undefined): boolean {
  return node?.body !== undefined && /\breturn\s+\S/.test(node.body.getText());
}

function isNeeded(parameter: TypeScript.ParameterDeclaration): boolean {
  const isOptional =
    parameter.initializer !== undefined ||
    parameter.questionToken !== undefined ||
    parameter.dotDotDotToken !== undefined;
  return !isOptional && !(compiler().isIdentifier(parameter.name) && parameter.name.text === 'this');
}

function missingMembers(context: ScriptContext, exports: Exports): StaticProblem[] {
  const wanted = new Map(
    context.uses.calls.filter(({ target }) => target.includes('.')).map((use) => [use.target, use]),
  );
  return [...wanted.values()].flatMap(({ target, file }) => {
    const [owner = '', member = ''] = target.split('.');
    if (memberExists(context, exports, owner, member)) return [];
    return [
      problemOfFile(
        'missing-member',
        `${file} uses "${target}", which does not exist here`,
        `define ${member} in ${owner}`,
      ),
    ];
  });
}

function usesArguments(node: TypeScript.FunctionLikeDeclaration): boolean {
  return node.body !== undefined && /\barguments\b/.test(node.body.getText());
}

function arityProblem(name: string, node: TypeScript.FunctionLikeDeclaration, uses: readonly Use[]): StaticProblem[] {
  const plain = uses.filter((use) => !use.hasSpread && !use.throws);
  if (plain.length === 0 || usesArguments(node)) return [];
  const isOpen = node.parameters.some((parameter) => parameter.dotDotDotToken !== undefined);
  const needed = node.parameters.filter(isNeeded).length;
  const [least, most] = [
    Math.min(...plain.map((use) => use.arguments.length)),
    Math.max(...plain.map((use) => use.arguments.length)),
  ];
  const file = plain[0]?.file ?? '';
  const place = node.parameters[0] ?? node.name ?? node;
  if (!isOpen && most > node.parameters.length)
    return [
      problemAt(
        place,
        'contracts',
        'wrong-arity',
        `${file} calls "${name}" with ${most} arguments; it takes ${node.parameters.length}`,
      ),
    ];
  // In JavaScript a caller may leave arguments out on purpose: only where every caller does is the parameter one too many.
  if (most < needed && least === most)
    return [
      problemAt(
        place,
        'contracts',
        'wrong-arity',
        `${file} calls "${name}" with ${most} argument(s); it needs ${needed}`,
      ),
    ];
  return [];
}

function arityProblems(context: ScriptContext): StaticProblem[] {
  return [...callables(context.source)].flatMap(([name, node]) =>
    arityProblem(
      name,
      node,
      context.uses.calls.filter(({ target }) => target === name),
    ),
  );
}

/** What the task declares and the dependents rely on, against what the file exports, takes and returns. */
export function contractProblems(context: ScriptContext): StaticProblem[] {
  const exports = exportsOf(context);
  return [
    ...missingExports(context, exports),
    ...missingDeclared(context, exports),
    ...missingMembers(context, exports),
    ...arityProblems(context),
    ...resultProblems(context),
  ];
}
