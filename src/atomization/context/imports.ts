/** Reads import statements: which names they bring in, from where. */
import type { SyntaxTable } from '../../adapters/parser/index.ts';
import type { ContextRules } from './context-rules.ts';

export interface ImportedNames {
  readonly module: string;
  /** Names as they are used in the file; `*` for everything. */
  readonly names: readonly string[];
  readonly position: number;
  /** Where the statement ends. */
  readonly end: number;
}

/** Small helpers over the children of one node. */
class Reader {
  private readonly text: string;
  private readonly table: SyntaxTable;

  constructor(text: string, table: SyntaxTable) {
    this.text = text;
    this.table = table;
  }

  type(node: number): string {
    return this.table.types[this.table.kind[node] as number] ?? '';
  }

  slice(node: number): string {
    return this.text.slice(this.table.start[node], this.table.end[node]);
  }

  *children(node: number): Generator<number> {
    const { after } = this.table;
    for (let child = node + 1; child < (after[node] as number); child = after[child] as number) yield child;
  }

  field(node: number, name: string): number {
    for (const child of this.children(node))
      if (this.table.fields[this.table.field[child] as number] === name) return child;
    return -1;
  }

  /** Descendants of the given types, those inside one another left out. */
  *find(node: number, types: ReadonlySet<string>): Generator<number> {
    const { after } = this.table;
    for (let i = node + 1; i < (after[node] as number);) {
      if (types.has(this.type(i))) {
        yield i;
        i = after[i] as number;
      } else i++;
    }
  }

  start(node: number): number {
    return this.table.start[node] as number;
  }

  end(node: number): number {
    return this.table.end[node] as number;
  }
}

const unquoted = (text: string): string => text.replace(/^["'`<]|["'`>]$/g, '');

function pythonImports(reader: Reader, node: number): ImportedNames[] {
  const position = reader.start(node);
  const end = reader.end(node);
  const from = reader.field(node, 'module_name');
  const isFuture = reader.type(node) === 'future_import_statement';
  const bound: { module: string; local: string }[] = [];
  let all = false;
  for (const child of reader.children(node)) {
    if (child === from) continue;
    const type = reader.type(child);
    if (type === 'wildcard_import') all = true;
    if (type === 'dotted_name') bound.push({ module: reader.slice(child), local: reader.slice(child) });
    if (type !== 'aliased_import') continue;
    const alias = reader.field(child, 'alias');
    bound.push({ module: reader.slice(reader.field(child, 'name')), local: alias < 0 ? '' : reader.slice(alias) });
  }
  if (from >= 0 || isFuture) {
    const names = all ? ['*'] : bound.map(({ local }) => local);
    return [{ module: isFuture ? '__future__' : reader.slice(from), names, position, end }];
  }
  return bound.map(({ module, local }) => ({ module, names: [local.split('.')[0] as string], position, end }));
}

const SCRIPT_NAMES = new Set(['identifier', 'import_specifier', 'export_specifier', 'string']);

function scriptImports(reader: Reader, node: number): ImportedNames[] {
  const names: string[] = [];
  let module = '';
  for (const child of reader.find(node, SCRIPT_NAMES)) {
    const type = reader.type(child);
    if (type === 'string') module = unquoted(reader.slice(child));
    else if (type === 'identifier') names.push(reader.slice(child));
    else {
      const alias = reader.field(child, 'alias');
      names.push(reader.slice(alias >= 0 ? alias : reader.field(child, 'name')));
    }
  }
  return [{ module, names, position: reader.start(node), end: reader.end(node) }];
}

const STRINGS = new Set([
  'string',
  'string_literal',
  'interpreted_string_literal',
  'raw_string_literal',
  'string_content',
  'system_lib_string',
]);
const SPECS = new Set(['import_spec', 'namespace_use_clause', 'use_as_clause', 'scoped_use_list', 'use_list']);

/** Languages whose imports name a path of identifiers: the last one, or its alias, is the name in the file. */
function pathImports(reader: Reader, node: number): ImportedNames[] {
  const position = reader.start(node);
  const end = reader.end(node);
  const specs = [...reader.find(node, SPECS)];
  const results = (specs.length > 0 ? specs : [node]).map((spec) => {
    const [literal] = reader.find(spec, STRINGS);
    const written = reader
      .slice(spec)
      .replace(
        /^(import|use|using|pub|static|global|extern|crate|require_relative|require|include_once|include)\b[\s(]*/,
        '',
      )
      .replace(/[;)\s]+$/, '');
    const module = literal === undefined ? written : unquoted(reader.slice(literal));
    const alias = /\bas\s+(\w+)$|^(\w+)\s*=|^(\w+)\s+"/.exec(written);
    const names = module.endsWith('}')
      ? [...module.slice(module.indexOf('{')).matchAll(/(\w+)\s*(?=[,}])/g)].map((match) => match[1] as string)
      : [alias?.[1] ?? alias?.[2] ?? alias?.[3] ?? module.split(/[./\\:]+/).at(-1) ?? module];
    return { module, names, position, end };
  });
  return results;
}

/** The imports of one import statement. */
export function readImports(text: string, table: SyntaxTable, node: number, rules: ContextRules): ImportedNames[] {
  const reader = new Reader(text, table);
  if (rules.imports === 'python') return pythonImports(reader, node);
  if (rules.imports === 'ecmascript') return scriptImports(reader, node);
  return pathImports(reader, node);
}
