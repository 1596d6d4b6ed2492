import type TypeScript from 'typescript';
import type { Finding, SourceFile } from '../../domain/index.ts';
import { compiler } from '../script/compiler.ts';
import { fileDiagnostics, nodeAt, type ScriptDiagnostic } from '../script/diagnostics.ts';
import { fileNameOf, pathOf, type ScriptProject } from '../script/project.ts';
import { warmProject } from '../script/warm-project.ts';
import { findingAt } from './finding-at.ts';

/** What the compiler says of one component's files where they meet others of the project. */
export interface ScriptMeetings {
  /** Imports of files and names that are not there. */
  readonly interfaces: readonly Finding[];
  /** Calls and uses that do not fit what another file declares. */
  readonly contracts: readonly Finding[];
  /** What each file imports of the project when it is loaded, by path. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
  /** What another text of a file would import when it is loaded. */
  readonly importsIn: (path: string, text: string) => readonly string[];
  /** The whole project as the compiler sees it: for other rules, before anything else is checked in this thread. */
  readonly program: TypeScript.Program;
}

const EXPORT_CODES: ReadonlySet<number> = new Set([2305, 2613, 2614, 2724, 2459]);
const CONTRACT_CODES: ReadonlySet<number> = new Set([
  2322, 2339, 2345, 2349, 2351, 2353, 2551, 2554, 2555, 2559, 2561, 2739, 2740, 2741, 2769,
]);

export function isScriptFile({ language }: { readonly language: string }): boolean {
  return language === 'typescript' || language === 'tsx' || language === 'javascript';
}

/** True when what is called or read at a place is declared by another file of the project. */
function meetsAnotherFile(
  program: TypeScript.Program,
  source: TypeScript.SourceFile,
  { start, end }: ScriptDiagnostic,
): boolean {
  const ts = compiler();
  const checker = program.getTypeChecker();
  const isForeign = (at: TypeScript.Declaration): boolean => {
    // Signatures that the compiler makes itself (of mapped types) stand in no file.
    const declaredIn = at.getSourceFile() as TypeScript.SourceFile | undefined;
    return declaredIn !== undefined && declaredIn !== source && pathOf(declaredIn.fileName) !== null;
  };
  for (let node: TypeScript.Node = nodeAt(source, start, end); node.parent !== undefined; node = node.parent) {
    if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isJsxOpeningLikeElement(node)) {
      const declaration = checker.getResolvedSignature(node)?.declaration;
      return declaration !== undefined && !ts.isJSDocSignature(declaration) && isForeign(declaration);
    }
    if (ts.isPropertyAccessExpression(node) && node.name.getStart(source) === start)
      return checker.getTypeAtLocation(node.expression).getSymbol()?.declarations?.some(isForeign) ?? false;
    if (ts.isStatement(node)) return false;
  }
  return false;
}

function missingModules(
  program: TypeScript.Program,
  source: TypeScript.SourceFile,
  path: string,
  project: ScriptProject,
): Finding[] {
  const ts = compiler();
  return source.statements.flatMap((statement) => {
    const isImport = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
    const specifier = isImport ? statement.moduleSpecifier : undefined;
    if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return [];
    if (/\.(?:css|scss|less|svg|png|jpe?g|gif|json|html|md|wasm|txt|vue|svelte)(?:\?.*)?$/.test(specifier.text))
      return [];
    if (project.resolves(specifier.text, source.fileName)) return [];
    const place = { path, text: source.text, position: specifier.getStart(source) };
    return [findingAt(place, 'missing-module', `no file of the project is "${specifier.text}" from here`)];
  });
}

function importsOf(source: TypeScript.SourceFile, project: ScriptProject): string[] {
  const ts = compiler();
  return source.statements.flatMap((statement) => {
    const typeOnly = ts.isImportDeclaration(statement)
      ? (statement.importClause?.isTypeOnly ?? false)
      : ts.isExportDeclaration(statement) && statement.isTypeOnly;
    const specifier =
      ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) ? statement.moduleSpecifier : undefined;
    if (typeOnly || specifier === undefined || !ts.isStringLiteral(specifier)) return [];
    const path = project.pathResolved(specifier.text, source.fileName);
    return path === null ? [] : [path];
  });
}

/** Checks those files of a project that belong to a component against all of it. */
export function scriptMeetings(
  files: readonly { readonly path: string; readonly text: string }[],
  component: readonly SourceFile[],
): ScriptMeetings {
  const project = warmProject();
  const interfaces: Finding[] = [];
  const contracts: Finding[] = [];
  const imports = new Map<string, string[]>();
  for (const file of component.filter(isScriptFile)) {
    project.update(files, file.path);
    const program = project.program();
    const source = program.getSourceFile(fileNameOf(file.path));
    if (source === undefined) continue;
    interfaces.push(...missingModules(program, source, file.path, project));
    for (const found of fileDiagnostics(
      program,
      source,
      file.language === 'javascript' || project.hasUnknownImports(source),
    )) {
      const finding = (): Finding =>
        findingAt({ path: file.path, text: source.text, position: found.start }, `TS${found.code}`, found.message);
      if (EXPORT_CODES.has(found.code)) interfaces.push(finding());
      else if (CONTRACT_CODES.has(found.code) && meetsAnotherFile(program, source, found)) contracts.push(finding());
    }
  }
  for (const { path } of files) {
    const source = project.program().getSourceFile(fileNameOf(path));
    if (source !== undefined) imports.set(path, importsOf(source, project));
  }
  const importsIn = (path: string, text: string): string[] =>
    importsOf(compiler().createSourceFile(fileNameOf(path), text, compiler().ScriptTarget.Latest), project);
  return { interfaces, contracts, imports, importsIn, program: project.program() };
}
