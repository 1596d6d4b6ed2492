import type TypeScript from 'typescript';
import { compiler } from './compiler.ts';
import { ANY, join, type Shape, typeText } from './literal-types.ts';
import type { Use } from './uses.ts';

/** A text with types written into it that the uses show, and the way back to the positions of the original. */
export interface Augmented {
  readonly text: string;
  /** The position in the original of a position in `text`. */
  toOriginal(index: number): number;
  /** The position in `text` of a position in the original. */
  fromOriginal(index: number): number;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

function apply(text: string, insertions: readonly Insertion[]): Augmented {
  const sorted = [...insertions].sort((a, b) => a.at - b.at);
  let out = '';
  let from = 0;
  for (const { at, text: inserted } of sorted) {
    out += text.slice(from, at) + inserted;
    from = at;
  }
  return {
    text: out + text.slice(from),
    toOriginal(index) {
      let added = 0;
      for (const insertion of sorted) {
        const place = insertion.at + added;
        if (index <= place) break;
        if (index < place + insertion.text.length) return insertion.at;
        added += insertion.text.length;
      }
      return index - added;
    },
    fromOriginal(index) {
      return sorted.reduce((at, insertion) => (insertion.at <= index ? at + insertion.text.length : at), index);
    },
  };
}

type Callable = TypeScript.FunctionLikeDeclaration;

/** The top-level functions and methods of a file by the names that uses know them by. */
export function callables(source: TypeScript.SourceFile): Map<string, Callable> {
  const ts = compiler();
  const found = new Map<string, Callable>();
  const addClass = (name: string, node: TypeScript.ClassLikeDeclaration): void => {
    for (const member of node.members) {
      if (ts.isConstructorDeclaration(member) && member.body !== undefined) found.set(name, member);
      if (ts.isMethodDeclaration(member) && member.body !== undefined)
        found.set(`${name}.${member.name.getText(source)}`, member);
    }
  };
  const addValue = (name: string, value: TypeScript.Expression | undefined): void => {
    if (value === undefined) return;
    if (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) found.set(name, value);
    if (ts.isClassExpression(value)) addClass(name, value);
  };
  for (const statement of source.statements) {
    const isDefault =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
    if (ts.isFunctionDeclaration(statement) && statement.body !== undefined) {
      if (statement.name !== undefined) found.set(statement.name.text, statement);
      if (isDefault === true) found.set('default', statement);
    } else if (ts.isClassDeclaration(statement)) {
      if (statement.name !== undefined) addClass(statement.name.text, statement);
      if (isDefault === true) addClass('default', statement);
    } else if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations)
        if (ts.isIdentifier(name)) addValue(name.text, initializer);
    } else if (ts.isExportAssignment(statement)) addValue('default', statement.expression);
  }
  return found;
}

/** The shape of each argument that all uses of a target agree on. */
function argumentShapes(uses: readonly Use[]): Shape[] {
  const plain = uses.filter(({ throws, hasSpread }) => !throws && !hasSpread);
  const count = Math.max(0, ...plain.map((use) => use.arguments.length));
  return Array.from({ length: count }, (_, index) => {
    const shapes = plain.map((use) => use.arguments[index] ?? ANY);
    return shapes.length === 0 ? ANY : shapes.reduce(join);
  });
}

function isDocumented(node: Callable): boolean {
  const ts = compiler();
  return ts.getJSDocParameterTags === undefined
    ? false
    : node.parameters.some((parameter) => ts.getJSDocType(parameter) !== undefined);
}

function insertionsFor(
  node: Callable,
  shapes: readonly Shape[],
  source: TypeScript.SourceFile,
  isScript: boolean,
): Insertion[] {
  const ts = compiler();
  if (isScript && isDocumented(node)) return [];
  return node.parameters.flatMap((parameter, index) => {
    const type = typeText(shapes[index] ?? ANY);
    const isPlain =
      ts.isIdentifier(parameter.name) && parameter.type === undefined && parameter.dotDotDotToken === undefined;
    if (!isPlain || type === 'any' || parameter.initializer !== undefined || parameter.questionToken !== undefined)
      return [];
    if (isScript) {
      // `x => …` without parentheses takes no comment before its parameter.
      const isBare =
        ts.isArrowFunction(node) &&
        source.text[parameter.getStart(source) - 1] !== '(' &&
        !/[(,]\s*$/.test(source.text.slice(0, parameter.getStart(source)));
      return isBare ? [] : [{ at: parameter.getStart(source), text: `/** @type {${type}} */ ` }];
    }
    return source.text[parameter.getEnd()] === '=' ? [] : [{ at: parameter.getEnd(), text: `: ${type}` }];
  });
}

/** Writes into a text the parameter types that its callers show by the literals they pass, where it declares none itself. */
export function augment(source: TypeScript.SourceFile, uses: readonly Use[], isScript: boolean): Augmented {
  const insertions = [...callables(source)].flatMap(([name, node]) => {
    const own = uses.filter(({ target }) => target === name);
    return own.length === 0 ? [] : insertionsFor(node, argumentShapes(own), source, isScript);
  });
  return apply(source.text, insertions);
}
