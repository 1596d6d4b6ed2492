/**
 * Edges that the TypeScript checker draws: for what needs type inference that the own resolver does not do. It costs a whole program
 * of the compiler, so it is asked for, never the default.
 */
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { DependencyEdge, DependencyType } from '../../domain/index.ts';

export interface CheckedFile {
  readonly path: string;
  readonly text: string;
  readonly atomAt: (position: number) => number;
}

const SCRIPT = /\.(?:[cm]?ts|tsx|[cm]?js|jsx)$/;
/** Where the files stand while they are checked: nothing of the machine's own files is in reach. */
const ROOT = '/project';

const STRENGTH: Readonly<Record<Exclude<DependencyType, 'temporal'>, number>> = {
  import: 1,
  function_call: 1,
  type: 0.9,
  data_flow: 0.8,
};

type ReferenceType = keyof typeof STRENGTH;

/**
 * One edge per pair of atoms and type that a reference leads along. Files of other languages are passed over; packages are not read,
 * so values of their types are `any` here too.
 */
export function checkedScriptEdges(files: readonly CheckedFile[]): DependencyEdge[] {
  const sources = new Map(files.filter((file) => SCRIPT.test(file.path)).map((file) => [`${ROOT}/${file.path}`, file]));
  if (sources.size === 0) return [];
  const program = createProgram(sources, files);
  const checker = program.getTypeChecker();
  const edges = new Map<string, DependencyEdge>();
  for (const [path, file] of sources) {
    const source = program.getSourceFile(path);
    if (source === undefined) continue;
    const visit = (node: ts.Node): void => {
      if ((ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) && !isOwnName(node))
        for (const declaration of declarationsOf(checker, node)) addEdge(edges, sources, file, node, declaration);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return [...edges.values()];
}

function createProgram(sources: ReadonlyMap<string, CheckedFile>, files: readonly CheckedFile[]): ts.Program {
  const options = { ...optionsOf(files), ...FIXED };
  const host = ts.createCompilerHost(options);
  const library = dirname(ts.getDefaultLibFilePath(options));
  const isLibrary = (path: string): boolean => dirname(path) === library;
  const known = new Map(files.map((file) => [`${ROOT}/${file.path}`, file.text]));
  const folders = new Set([...known.keys()].flatMap(foldersOf));
  const readLibrary = (path: string): string | undefined => (isLibrary(path) ? ts.sys.readFile(path) : undefined);
  host.fileExists = (path) => known.has(path) || (isLibrary(path) && ts.sys.fileExists(path));
  host.readFile = (path) => known.get(path) ?? readLibrary(path);
  host.directoryExists = (path) => folders.has(path);
  host.getDirectories = () => [];
  host.realpath = (path) => path;
  host.getCurrentDirectory = () => ROOT;
  host.getSourceFile = (path, version) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, version, true);
  };
  return ts.createProgram([...sources.keys()], options, host);
}

const FIXED: ts.CompilerOptions = {
  allowJs: true,
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  types: [],
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  jsx: ts.JsxEmit.Preserve,
};

/** `paths` and `baseUrl` of the outermost configuration file; the rest of it decides nothing about references. */
function optionsOf(files: readonly CheckedFile[]): ts.CompilerOptions {
  const [config] = files
    .filter((file) => /(^|\/)tsconfig\.json$/.test(file.path))
    .sort((a, b) => a.path.length - b.path.length);
  if (config === undefined) return {};
  const read = ts.parseConfigFileTextToJson(config.path, config.text).config as
    { compilerOptions?: { paths?: ts.MapLike<string[]>; baseUrl?: string } } | undefined;
  const { paths, baseUrl } = read?.compilerOptions ?? {};
  const folder = join(ROOT, dirname(config.path), baseUrl ?? '.');
  return { ...(paths === undefined ? {} : { paths }), ...((paths ?? baseUrl) ? { baseUrl: folder } : {}) };
}

function foldersOf(path: string): string[] {
  const found: string[] = [];
  for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) found.push(folder);
  return found;
}

/** A name that declares rather than refers. */
function isOwnName(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isExportSpecifier(parent)) return false;
  if (ts.isPropertyAccessExpression(parent) || ts.isMetaProperty(parent)) return false;
  return (parent as ts.NamedDeclaration).name === node;
}

function declarationsOf(checker: ts.TypeChecker, node: ts.Node): readonly ts.Declaration[] {
  const symbol = checker.getSymbolAtLocation(node);
  if (symbol === undefined) return [];
  const target = (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
  return target.declarations ?? [];
}

function addEdge(
  edges: Map<string, DependencyEdge>,
  sources: ReadonlyMap<string, CheckedFile>,
  file: CheckedFile,
  node: ts.Node,
  declaration: ts.Declaration,
): void {
  const source = declaration.getSourceFile();
  const target = sources.get(source.fileName);
  if (target === undefined || ts.isSourceFile(declaration)) return;
  const name = ts.getNameOfDeclaration(declaration) ?? declaration;
  const [from, to] = [file.atomAt(node.getStart()), target.atomAt(name.getStart())];
  if (from < 0 || to < 0 || from === to) return;
  const type = typeOf(node, declaration);
  const key = `${String(from)} ${String(to)} ${type}`;
  if (edges.has(key)) return;
  const line = source.getLineAndCharacterOfPosition(name.getStart()).line + 1;
  const reason = `refers to \`${node.getText()}\` defined at ${target.path}:${String(line)}, says the TypeScript checker`;
  edges.set(key, { from, to, type, strength: STRENGTH[type], reason });
}

function typeOf(node: ts.Node, declaration: ts.Declaration): ReferenceType {
  const { parent } = node;
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isExportSpecifier(parent)) return 'import';
  const called = ts.isPropertyAccessExpression(parent) && parent.name === node ? parent : node;
  const calls = ts.isCallExpression(called.parent) || ts.isNewExpression(called.parent);
  if (calls && called.parent.expression === called) return 'function_call';
  if (
    ts.isInterfaceDeclaration(declaration) ||
    ts.isTypeAliasDeclaration(declaration) ||
    ts.isTypeParameterDeclaration(declaration) ||
    ts.isClassLike(declaration) ||
    ts.isEnumDeclaration(declaration)
  )
    return 'type';
  return ts.isFunctionLike(declaration) ? 'function_call' : 'data_flow';
}
