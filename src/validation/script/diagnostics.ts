import type TypeScript from 'typescript';
import type { StaticKind } from '../language-checks.ts';
import { compiler, packageFolder } from './compiler.ts';

/** Of an index without a type: numbers and truth values have no members by index. */
const INDEXED_PLAIN = /used to index type '(?:Number|Boolean|BigInt)'/;

/** Unresolved names and members, and definitions that clash. */
const NAME_CODES: ReadonlySet<number> = new Set([
  2304, 2552, 2503, 2318, 2580, 2581, 2582, 2583, 2584, 2585, 2591, 2592, 2693, 18004, 2663, 2662,
]);
/** Names that only Node has (`process`, `Buffer`, `require`): unresolved for want of its types, where these are not installed. */
const NODE_NAME_CODES: ReadonlySet<number> = new Set([2580, 2591]);
const DUPLICATE_CODES: ReadonlySet<number> = new Set([
  2300, 2393, 2451, 2323, 2528, 2440, 2395, 2397, 2484, 1117, 2385,
]);

/**
 * Codes that say nothing about whether the program works. 7xxx: annotations that are missing; 6xxx: unused things; 1259, 1479:
 * module interop that depends on the runtime; 2578 and kin: comments for the compiler; 2686, 2875: how JSX is set up; 5xxx: the
 * configuration; 2688: types that are not installed; 2307 and 2792 are judged with the project's manifests.
 */
function saysNothing(code: number): boolean {
  const misleading = [
    1259, 1479, 1471, 1192, 2578, 2686, 2875, 2688, 2307, 2792, 7016, 2306, 2697, 2705, 2584, 2697, 80005,
  ];
  const tellsOfIndex = code === 7015 || code === 7053;
  return !tellsOfIndex && (misleading.includes(code) || (code >= 5000 && code < 8000) || code >= 80_000);
}

/** Codes that hold in JavaScript too, where no annotation was written that could be wrong about what the program does. */
const JAVASCRIPT_CODES: ReadonlySet<number> = new Set([
  ...[...NAME_CODES].filter((code) => code !== 2693),
  ...DUPLICATE_CODES,
  2349,
  2351,
  2362,
  2363,
  2365,
  2367,
  2356,
  2357,
  2378,
  2448,
  2588,
  2872,
  2873,
  1345,
  1156,
  1155,
  1308,
  2695,
  2447,
  2364,
  2610,
  2676,
  17_009,
  2376,
  2377,
  2538,
  2461,
  2305,
  2613,
  2614,
  2724,
]);

/** The deepest node that holds a position. */
export function nodeAt(source: TypeScript.SourceFile, start: number, end: number): TypeScript.Node {
  const ts = compiler();
  let found: TypeScript.Node = source;
  const visit = (node: TypeScript.Node): void => {
    if (node.getStart(source) > start || node.end < end) return;
    found = node;
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return found;
}

/** Objects of the language's library that code does not add members to. */
const CLOSED_LIBRARY: ReadonlySet<string> = new Set(
  'Array ReadonlyArray Map Set WeakMap RegExp Date String Number Math JSON ObjectConstructor ArrayConstructor NumberConstructor StringConstructor PromiseConstructor DateConstructor'.split(
    ' ',
  ),
);

/** True for what JavaScript code cannot have extended on the way: texts, numbers, lists, and closed objects of the library. */
function isFixedType(checker: TypeScript.TypeChecker, type: TypeScript.Type): boolean {
  const { TypeFlags } = compiler();
  if (type.isUnion()) return type.types.every((part) => isFixedType(checker, part));
  if ((type.flags & (TypeFlags.StringLike | TypeFlags.NumberLike | TypeFlags.BigIntLike)) !== 0) return true;
  return checker.isArrayType(type) || checker.isTupleType(type) || CLOSED_LIBRARY.has(type.getSymbol()?.name ?? '');
}

/** True inside a function whose parameters a comment gives types to: what such a comment says is often only nearly so. */
function hasDocumentedTypes(node: TypeScript.Node): boolean {
  const ts = compiler();
  for (let at: TypeScript.Node | undefined = node; at !== undefined; at = at.parent)
    if (
      ts.isFunctionLike(at) &&
      ts.getJSDocTags(at).some((tag) => ts.isJSDocParameterTag(tag) || ts.isJSDocTypeTag(tag))
    )
      return true;
  return false;
}

/** True where members come to `this` in ways that no declaration shows. */
function addsMembers(text: string): boolean {
  return /defineProperty|Object\.assign\(|\.prototype\b|[mM]ixin/.test(text);
}

function isFixedReceiver(
  program: TypeScript.Program,
  source: TypeScript.SourceFile,
  start: number,
  end: number,
): boolean {
  const ts = compiler();
  const node = nodeAt(source, start, end);
  const access = node.parent;
  if (access === undefined || !ts.isPropertyAccessExpression(access) || access.name !== node) return false;
  const checker = program.getTypeChecker();
  const receiver = access.expression;
  if (receiver.kind === ts.SyntaxKind.ThisKeyword) {
    if (addsMembers(source.text)) return false;
    const symbol = checker.getTypeAtLocation(receiver).getSymbol();
    return symbol?.declarations?.some((at) => ts.isClassLike(at) && at.heritageClauses === undefined) ?? false;
  }
  return isFixedType(checker, checker.getTypeAtLocation(receiver));
}

/** True when a value of a plain kind is given where another plain kind is wanted: no inference can have gone astray there. */
function isPlainMismatch(message: string): boolean {
  const [, given, wanted] =
    /(?:Argument of type|Type) '([^']+)' is not assignable to (?:parameter of )?type '([^']+)'/.exec(message) ?? [];
  if (given === undefined || wanted === undefined) return false;
  const plain =
    /^(?:"[^"]*"|-?\d[\d.]*|string|number|boolean|true|false|RegExp|void|(?:string|number|boolean)\[\]|string \| RegExp)$/;
  return plain.test(given) && plain.test(wanted);
}

function isInDocumentation(text: string, start: number): boolean {
  const opened = text.lastIndexOf('/**', start);
  return opened >= 0 && text.indexOf('*/', opened) >= start;
}

export interface ScriptDiagnostic {
  readonly kind: StaticKind;
  readonly start: number;
  readonly end: number;
  readonly code: number;
  readonly message: string;
}

/**
 * What the compiler says of a file and means something: see `saysNothing`. Careful mode is for JavaScript, and for TypeScript of
 * which imports are not known: only what holds whatever the unknown types are.
 */
export function fileDiagnostics(
  program: TypeScript.Program,
  source: TypeScript.SourceFile,
  isCareful: boolean,
): ScriptDiagnostic[] {
  const ts = compiler();
  return program.getSemanticDiagnostics(source).flatMap((diagnostic): ScriptDiagnostic[] => {
    const { code, start = 0, length = 0 } = diagnostic;
    const end = start + length;
    if (saysNothing(code) || (NODE_NAME_CODES.has(code) && packageFolder('@types/node') === null)) return [];
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
    if (code === 7053 && !INDEXED_PLAIN.test(message)) return [];
    if (isCareful && !countsInCarefulMode(program, source, { code, start, end, message })) return [];
    const isName = NAME_CODES.has(code) || DUPLICATE_CODES.has(code);
    return [{ kind: isName ? 'names' : 'types', start, end, code, message }];
  });
}

function countsInCarefulMode(
  program: TypeScript.Program,
  source: TypeScript.SourceFile,
  of: { readonly code: number; readonly start: number; readonly end: number; readonly message: string },
): boolean {
  if (isInDocumentation(source.text, of.start)) return false;
  if (NAME_CODES.has(of.code) || DUPLICATE_CODES.has(of.code)) return true;
  if (hasDocumentedTypes(nodeAt(source, of.start, of.end))) return false;
  // `{}` and `unknown` are what the compiler makes of things it knows nothing of.
  if (JAVASCRIPT_CODES.has(of.code)) return !/type 'Boolean' has no call|'\{\}'|'unknown'/i.test(of.message);
  if (of.code === 2339 || of.code === 2551) return isFixedReceiver(program, source, of.start, of.end);
  if (of.code === 2345) return isPlainMismatch(of.message);
  if (of.code === 2554 || of.code === 2555) return isLibraryCall(program, source, of.start, of.end);
  return false;
}

/** True when a call with the wrong count of arguments is one of a library function that needs them to mean anything. */
function isLibraryCall(
  program: TypeScript.Program,
  source: TypeScript.SourceFile,
  start: number,
  end: number,
): boolean {
  const ts = compiler();
  let node: TypeScript.Node = nodeAt(source, start, end);
  while (node.parent !== undefined && !ts.isCallExpression(node) && !ts.isNewExpression(node)) node = node.parent;
  if (!ts.isCallExpression(node)) return false;
  if (
    /\.(?:fill|push|concat|at|slice|flat|join|keys|log|charAt|charCodeAt|codePointAt)$/.test(
      node.expression.getText(source),
    )
  )
    return false;
  const declaration = program.getTypeChecker().getResolvedSignature(node)?.declaration;
  return (
    declaration?.getSourceFile().isDeclarationFile === true ||
    (declaration !== undefined &&
      node.arguments.length === 0 &&
      !ts.isJSDocSignature(declaration) &&
      declaration.parameters.some((parameter) => parameter.initializer === undefined))
  );
}
