import type { SourceParser, SyntaxNode } from '../../../adapters/parser/index.ts';
import { resolvePython } from '../python-modules.ts';

/** A name's definition: a class, function or assignment; `node` is null where the name stands for the whole module. */
export interface PythonDefinition {
  readonly file: PythonSource;
  readonly node: SyntaxNode | null;
}

interface Imported {
  readonly module: string;
  readonly level: number;
  /** The name there; null where the module itself is bound. */
  readonly name: string | null;
}

/** One Python file with the names of its module. */
export interface PythonSource {
  readonly path: string;
  readonly text: string;
  readonly root: SyntaxNode;
  readonly definitions: ReadonlyMap<string, SyntaxNode>;
  readonly imports: ReadonlyMap<string, Imported>;
}

interface TextFile {
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

/** The string that a literal without placeholders stands for; null for anything else. */
export function pythonString(node: SyntaxNode | null): string | null {
  if (node?.type !== 'string') return null;
  return /^[rbu]?(?:"""|'''|"|')([^]*?)(?:"""|'''|"|')$/i.exec(node.text)?.[1] ?? null;
}

/** What a call or a class is given: by place, and by keyword. */
export interface PythonArguments {
  readonly positional: readonly SyntaxNode[];
  readonly keywords: ReadonlyMap<string, SyntaxNode>;
  /** `*args` or `**kwargs`: there is more than is seen. */
  readonly isOpen: boolean;
}

export function argumentsOf(list: SyntaxNode | null): PythonArguments {
  const positional: SyntaxNode[] = [];
  const keywords = new Map<string, SyntaxNode>();
  let isOpen = false;
  for (const part of list?.namedChildren ?? []) {
    const [name, value] = [part.childForFieldName('name'), part.childForFieldName('value')];
    if (part.type === 'comment') continue;
    if (part.type === 'keyword_argument' && name !== null && value !== null) keywords.set(name.text, value);
    else if (part.type.endsWith('_splat')) isOpen = true;
    else positional.push(part);
  }
  return { positional, keywords, isOpen };
}

/** The last part of a dotted name: `Column` of `sa.Column`. */
export function lastName(node: SyntaxNode | null): string {
  return /(\w+)\s*$/.exec(node?.text ?? '')?.[1] ?? '';
}

/** Statements of a block, through `if`, `else`, `try` and `with`, in order. */
export function* statementsOf(block: SyntaxNode): Generator<SyntaxNode> {
  for (const statement of block.namedChildren) {
    if (
      /^(?:if_statement|try_statement|with_statement|el\w+_clause|except_clause|finally_clause|block)$/.test(
        statement.type,
      )
    )
      yield* statementsOf(statement);
    else yield statement;
  }
}

/** What stands in a statement: the class or function behind decorators, the assignment of an expression statement. */
export function contentOf(statement: SyntaxNode): SyntaxNode | null {
  if (statement.type === 'decorated_definition') return statement.childForFieldName('definition');
  if (statement.type === 'expression_statement') return statement.namedChild(0);
  return statement;
}

function importsOf(root: SyntaxNode): Map<string, Imported> {
  const found = new Map<string, Imported>();
  for (const statement of statementsOf(root)) {
    if (statement.type === 'import_statement')
      for (const part of statement.namedChildren) {
        const name = (part.childForFieldName('name') ?? part).text;
        const alias = part.childForFieldName('alias')?.text;
        if (alias !== undefined || !name.includes('.'))
          found.set(alias ?? name, { module: name, level: 0, name: null });
      }
    const from = statement.type === 'import_from_statement' ? statement.childForFieldName('module_name') : null;
    if (from === null) continue;
    const level = /^\.*/.exec(from.text)?.[0].length ?? 0;
    for (const part of statement.namedChildren) {
      if (part.startIndex === from.startIndex) continue;
      const name = (part.childForFieldName('name') ?? part).text;
      const local = part.childForFieldName('alias')?.text ?? name;
      found.set(local, { module: from.text.slice(level), level, name });
    }
  }
  return found;
}

function definitionsOf(root: SyntaxNode): Map<string, SyntaxNode> {
  const found = new Map<string, SyntaxNode>();
  const add = (name: string | undefined, node: SyntaxNode): void => {
    // The first definition counts: under TYPE_CHECKING stands what is meant, behind it what is run.
    if (name !== undefined && !found.has(name)) found.set(name, node);
  };
  for (const statement of statementsOf(root)) {
    const node = contentOf(statement);
    if (node?.type === 'class_definition' || node?.type === 'function_definition')
      add(node.childForFieldName('name')?.text, node);
    else if (node?.type === 'assignment') add(node.childForFieldName('left')?.text, node);
    else if (node?.type === 'type_alias_statement') add(node.namedChild(0)?.text, node);
  }
  return found;
}

/** The Python files of a project and where their names come from. */
export class PythonProgram {
  readonly files: ReadonlyMap<string, PythonSource>;
  private readonly paths: ReadonlySet<string>;

  constructor(parser: SourceParser, files: readonly TextFile[]) {
    const read = files.flatMap(({ path, language, text }): [string, PythonSource][] => {
      const tree = language === 'python' ? parser.read('python', text) : null;
      if (tree === null || tree.rootNode.hasError) return [];
      const root = tree.rootNode;
      return [[path, { path, text, root, definitions: definitionsOf(root), imports: importsOf(root) }]];
    });
    this.files = new Map(read);
    this.paths = new Set(this.files.keys());
  }

  /** Where a name of a file is defined, through imports; null when that is not in the project. */
  definition(file: PythonSource, name: string, depth = 0): PythonDefinition | null {
    const [first = name, ...rest] = name.split('.');
    const found = this.simple(file, first, depth);
    if (rest.length === 0 || found === null) return found;
    return found.node === null && depth < 8 ? this.definition(found.file, rest.join('.'), depth + 1) : null;
  }

  private simple(file: PythonSource, name: string, depth: number): PythonDefinition | null {
    const own = file.definitions.get(name);
    if (own !== undefined) return { file, node: own };
    const imported = file.imports.get(name);
    if (imported === undefined || depth > 8) return null;
    if (imported.name === null) return this.module(file, imported.module, imported.level);
    const inner = imported.module === '' ? imported.name : `${imported.module}.${imported.name}`;
    const outer = this.module(file, imported.module, imported.level);
    const named = outer === null ? null : this.simple(outer.file, imported.name, depth + 1);
    return named ?? this.module(file, inner, imported.level);
  }

  private module(from: PythonSource, name: string, level: number): PythonDefinition | null {
    const path = resolvePython(from.path, name, level, this.paths);
    const file = path === null ? undefined : this.files.get(path);
    return file === undefined ? null : { file, node: null };
  }
}
