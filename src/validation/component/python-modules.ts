import type { SourceParser, SyntaxNode as Node } from '../../adapters/parser/index.ts';

/** What a function takes, as its callers must know it. */
export interface PythonSignature {
  /** Positional parameters without a default. */
  readonly least: number;
  /** Positional parameters at most; Infinity with `*args`. */
  readonly most: number;
  /** Names that may be given by keyword; null with `**kwargs`. */
  readonly keywords: ReadonlySet<string> | null;
}

export interface PythonImport {
  /** Dotted name without leading dots. */
  readonly module: string;
  /** Leading dots. */
  readonly level: number;
  /** Names of `from … import`; null for `import module`. */
  readonly names: readonly { readonly name: string; readonly local: string }[] | null;
  readonly position: number;
  /** True when it runs as the module is loaded, outside of `try` and `TYPE_CHECKING`. */
  readonly atLoad: boolean;
}

export interface PythonCall {
  readonly name: string;
  readonly position: number;
  readonly positional: number;
  readonly keywords: readonly string[];
  /** `*args` or `**kwargs` at the call: the count is not known. */
  readonly isOpen: boolean;
}

/** One Python file as the files beside it see it. */
export interface PythonModule {
  readonly path: string;
  readonly text: string;
  readonly names: ReadonlySet<string>;
  /** True when names come from elsewhere: `import *`, `__getattr__`, `globals()`. */
  readonly isOpen: boolean;
  readonly functions: ReadonlyMap<string, PythonSignature>;
  readonly imports: readonly PythonImport[];
  readonly calls: readonly PythonCall[];
}

function children(node: Node): Node[] {
  return node.namedChildren.filter((child): child is Node => child !== null);
}

function signatureOf(node: Node): PythonSignature {
  let least = 0;
  let most = 0;
  let keywordOnly = false;
  let isOpen = false;
  const keywords = new Set<string>();
  for (const parameter of children(node.childForFieldName('parameters') ?? node)) {
    const name =
      parameter.type === 'identifier'
        ? parameter.text
        : (parameter.childForFieldName('name')?.text ?? parameter.namedChild(0)?.text ?? '');
    const isList = parameter.text.startsWith('*');
    if (parameter.type === 'keyword_separator' || parameter.text === '*') keywordOnly = true;
    else if (parameter.type === 'positional_separator' || parameter.text === '/') keywords.clear();
    else if (isList && parameter.text.startsWith('**')) isOpen = true;
    else if (isList) {
      most = Infinity;
      keywordOnly = true;
    } else {
      keywords.add(name);
      if (keywordOnly) continue;
      most += 1;
      if (!parameter.type.includes('default')) least += 1;
    }
  }
  return { least, most, keywords: isOpen ? null : keywords };
}

function targetsOf(node: Node): string[] {
  if (node.type === 'identifier') return [node.text];
  return node.type.endsWith('_list') || node.type.endsWith('_pattern') || node.type === 'tuple'
    ? children(node).flatMap(targetsOf)
    : [];
}

function importOf(node: Node, atLoad: boolean): PythonImport[] {
  const position = node.startIndex;
  if (node.type === 'import_statement')
    return children(node).map((part) => ({
      module: (part.childForFieldName('name') ?? part).text,
      level: 0,
      names: null,
      position,
      atLoad,
    }));
  const from = node.childForFieldName('module_name');
  if (from === null) return [];
  const level = /^\.*/.exec(from.text)?.[0].length ?? 0;
  const names = children(node)
    .filter((child) => child.startIndex !== from.startIndex)
    .map((child) => {
      const name = child.childForFieldName('name')?.text ?? child.text;
      return { name, local: child.childForFieldName('alias')?.text ?? name };
    });
  return [{ module: from.text.slice(level), level, names, position, atLoad }];
}

class Reader {
  readonly names = new Set<string>();
  readonly functions = new Map<string, PythonSignature>();
  readonly imports: PythonImport[] = [];
  readonly calls: PythonCall[] = [];
  isOpen = false;

  /** Statements that bind names of the module, through `if`, `try`, `with` and loops. */
  readBlock(node: Node, atLoad: boolean): void {
    for (const statement of children(node)) this.readStatement(statement, atLoad);
  }

  readCalls(node: Node): void {
    if (node.type === 'call') this.readCall(node);
    for (const child of children(node)) this.readCalls(child);
  }

  /** Imports inside functions bind no module name, but name modules all the same. */
  readInnerImports(node: Node): void {
    if (node.type.startsWith('import_')) this.imports.push(...importOf(node, false));
    for (const child of children(node)) this.readInnerImports(child);
  }

  private readStatement(node: Node, atLoad: boolean): void {
    const definition = node.type === 'decorated_definition' ? node.childForFieldName('definition') : node;
    if (definition === null) return;
    switch (definition.type) {
      case 'function_definition':
      case 'class_definition':
        this.readDefinition(definition, node !== definition);
        break;
      case 'import_statement':
      case 'import_from_statement':
        this.readImport(definition, atLoad);
        break;
      case 'expression_statement':
        for (const part of children(definition)) this.readAssignment(part);
        break;
      case 'type_alias_statement':
        this.names.add(definition.namedChild(0)?.text ?? '');
        break;
      default:
        this.readCompound(definition, atLoad);
    }
  }

  private readDefinition(node: Node, isDecorated: boolean): void {
    const name = node.childForFieldName('name')?.text ?? '';
    this.names.add(name);
    if (name === '__getattr__') this.isOpen = true;
    if (node.type === 'function_definition' && !isDecorated && !this.functions.has(name))
      this.functions.set(name, signatureOf(node));
    else this.functions.delete(name);
    const body = node.childForFieldName('body');
    if (body !== null) this.readInnerImports(body);
  }

  private readImport(node: Node, atLoad: boolean): void {
    for (const found of importOf(node, atLoad)) {
      this.imports.push(found);
      if (found.names?.some(({ name }) => name === '*') === true) this.isOpen = true;
      for (const { local } of found.names ?? []) this.names.add(local);
      if (found.names === null) {
        const alias = children(node)
          .find((part) => part.childForFieldName('name')?.text === found.module)
          ?.childForFieldName('alias')?.text;
        this.names.add(alias ?? found.module.split('.')[0] ?? found.module);
      }
    }
  }

  private readAssignment(node: Node): void {
    if (node.type !== 'assignment' && node.type !== 'augmented_assignment') return;
    const left = node.childForFieldName('left');
    if (left !== null)
      for (const name of targetsOf(left)) {
        this.names.add(name);
        this.functions.delete(name);
      }
    const right = node.childForFieldName('right');
    if (right?.type === 'assignment') this.readAssignment(right);
  }

  private readCompound(node: Node, atLoad: boolean): void {
    if (!/^(?:if|try|with|for|while|else|elif|except|finally|match|case)/.test(node.type) && node.type !== 'block')
      return;
    const guarded =
      node.type.startsWith('try') ||
      /TYPE_CHECKING|except/.test(node.childForFieldName('condition')?.text ?? node.type);
    if (node.type === 'for_statement')
      for (const name of targetsOf(node.childForFieldName('left') ?? node)) this.names.add(name);
    for (const target of node.descendantsOfType('as_pattern_target')) if (target !== null) this.names.add(target.text);
    this.readBlock(node, atLoad && !guarded);
  }

  private readCall(node: Node): void {
    const callee = node.childForFieldName('function');
    const list = node.childForFieldName('arguments');
    if (callee?.type !== 'identifier' || list?.type !== 'argument_list') return;
    const given = children(list).filter(({ type }) => type !== 'comment');
    this.calls.push({
      name: callee.text,
      position: node.startIndex,
      positional: given.filter(({ type }) => type !== 'keyword_argument').length,
      keywords: given
        .filter(({ type }) => type === 'keyword_argument')
        .map((part) => part.childForFieldName('name')?.text ?? ''),
      isOpen: given.some(({ type }) => type.endsWith('_splat')),
    });
  }
}

/** Reads a Python file; null when it cannot be parsed. */
export function readPythonModule(parser: SourceParser, path: string, text: string): PythonModule | null {
  const tree = parser.read('python', text);
  if (tree === null) return null;
  if (tree.rootNode.hasError) return null;
  const reader = new Reader();
  reader.readBlock(tree.rootNode, true);
  reader.readCalls(tree.rootNode);
  const { names, functions, imports, calls } = reader;
  return {
    path,
    text,
    names,
    functions,
    imports,
    calls,
    isOpen: reader.isOpen || /\bglobals\(\)|__all__\s*\+=/.test(text),
  };
}

/** The file that an import means, among the project's; null when it is none of theirs. */
export function resolvePython(from: string, module: string, level: number, paths: ReadonlySet<string>): string | null {
  const folder = from.split('/').slice(0, -1);
  const parts = module === '' ? [] : module.split('.');
  const bases =
    level > 0
      ? [folder.slice(0, folder.length - (level - 1))]
      : Array.from({ length: folder.length + 1 }, (_, up) => folder.slice(0, folder.length - up));
  for (const base of bases) {
    const stem = [...base, ...parts].join('/');
    for (const candidate of [`${stem}.py`, stem === '' ? '__init__.py' : `${stem}/__init__.py`])
      if (paths.has(candidate)) return candidate;
  }
  return null;
}
