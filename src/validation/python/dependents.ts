import type { SourceParser, SyntaxNode as Node } from '../../adapters/parser/index.ts';
import type { ContractFile } from '../contract/task-contract.ts';
import { field, parts, textOf, within } from './tree.ts';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The names under which a file may be imported: `a/b/c.py` is `c`, `b.c` and `a.b.c`. */
export function moduleNames(path: string): Set<string> {
  const steps = path
    .replace(/\.pyi?$/, '')
    .replace(/\/__init__$/, '')
    .split('/')
    .filter((step) => step !== '.' && step !== '');
  return new Set(steps.map((_, i) => steps.slice(i).join('.')));
}

/** What a dependent imports of the checked file: names, and whether it takes all of them or the module itself. */
export interface ImportedNames {
  readonly names: readonly { readonly name: string; readonly alias: string }[];
  readonly modules: readonly string[];
}

function isOf(node: Node | null, modules: ReadonlySet<string>): boolean {
  return node !== null && modules.has(node.text.replace(/^\.+/, ''));
}

function importedOf(statement: Node, modules: ReadonlySet<string>): ImportedNames {
  if (statement.type === 'import_statement') {
    const aliases = parts(statement).flatMap((child) => {
      const name = child.type === 'aliased_import' ? field(child, 'name') : child;
      if (!isOf(name, modules)) return [];
      return [child.type === 'aliased_import' ? textOf(field(child, 'alias')) : child.text];
    });
    return { names: [], modules: aliases };
  }
  const from = field(statement, 'module_name');
  if (!isOf(from, modules)) return { names: [], modules: [] };
  const names = parts(statement)
    .filter((child) => child.id !== from?.id && child.type !== 'wildcard_import')
    .map((child) => {
      const name = child.type === 'aliased_import' ? textOf(field(child, 'name')) : child.text;
      return { name, alias: child.type === 'aliased_import' ? textOf(field(child, 'alias')) : name };
    });
  return { names, modules: [] };
}

/** What the dependents need from the file at `path`. */
export function importedNames(parser: SourceParser, path: string, dependents: readonly ContractFile[]): ImportedNames {
  const modules = moduleNames(path);
  const names: { name: string; alias: string }[] = [];
  const aliases: string[] = [];
  for (const { language, text } of dependents) {
    if (language !== 'python') continue;
    const tree = parser.read('python', text);
    if (tree === null) continue;
    for (const node of within(tree.rootNode)) {
      if (node.type !== 'import_from_statement' && node.type !== 'import_statement') continue;
      const found = importedOf(node, modules);
      names.push(...found.names);
      aliases.push(...found.modules);
    }
    if (aliases.length > 0) names.push(...moduleMembers(tree.rootNode, aliases));
  }
  return { names, modules: aliases };
}

/** `solution.f` of a module that is imported as a whole. */
function moduleMembers(root: Node, aliases: readonly string[]): { name: string; alias: string }[] {
  const found: { name: string; alias: string }[] = [];
  for (const node of within(root)) {
    if (node.type !== 'attribute' || !aliases.includes(textOf(field(node, 'object')))) continue;
    const name = textOf(field(node, 'attribute'));
    if (!name.startsWith('__')) found.push({ name, alias: name });
  }
  return found;
}

function importEdit(node: Node, modules: ReadonlySet<string>): Edit | null {
  const found = importedOf(node, modules);
  const isStar = isOf(field(node, 'module_name'), modules);
  if (!isStar && found.modules.length === 0) return null;
  const renamed = found.names
    .filter(({ name, alias }) => name !== alias)
    .map(({ name, alias }) => `${alias} = ${name}`);
  return { start: node.startIndex, end: node.endIndex, text: renamed.length === 0 ? 'pass' : renamed.join('; ') };
}

/** `assertEqual(a, b)` says that both may be equal: as a comparison, the type checker knows when they cannot. */
function equalityEdits(node: Node): Edit[] {
  const [left, right] = parts(field(node, 'arguments'));
  const name = textOf(field(node, 'function'));
  if (!/\.assert(?:Equals?|ListEqual|DictEqual)$/.test(name) || left === undefined || right === undefined) return [];
  return [{ start: node.startIndex, end: node.endIndex, text: `(${left.text}) == (${right.text})` }];
}

/** `assert a == b`: the checker leaves comparisons in assertions alone. */
function assertEdits(node: Node): Edit[] {
  const [condition] = parts(node);
  if (condition?.type !== 'comparison_operator') return [];
  return [{ start: node.startIndex, end: node.endIndex, text: `(${condition.text})` }];
}

/** A helper that is called with an imported function has it as its parameter. */
function helperEdits(root: Node): Edit[] {
  const calls = new Map<string, string>();
  for (const statement of parts(root)) {
    const call = statement.type === 'expression_statement' ? statement.namedChild(0) : null;
    const [argument, more] = parts(call === null ? null : field(call, 'arguments'));
    if (call?.type === 'call' && argument?.type === 'identifier' && more === undefined)
      calls.set(textOf(field(call, 'function')), argument.text);
  }
  return parts(root).flatMap((statement) => {
    const passed = statement.type === 'function_definition' ? calls.get(textOf(field(statement, 'name'))) : undefined;
    const [parameter] = parts(field(statement, 'parameters'));
    const first = parts(field(statement, 'body'))[0];
    if (passed === undefined || parameter?.type !== 'identifier' || first === undefined || parameter.text === passed)
      return passed !== undefined && parameter?.text === passed
        ? [{ start: parameter.startIndex, end: parameter.endIndex, text: `_${passed}` }]
        : [];
    const indent = ' '.repeat(first.startPosition.column);
    return [{ start: first.startIndex, end: first.startIndex, text: `${parameter.text} = ${passed}\n${indent}` }];
  });
}

function edited(text: string, edits: readonly Edit[]): string {
  const kept: Edit[] = [];
  for (const edit of [...edits].sort((a, b) => a.start - b.start || b.end - a.end))
    if (kept.every(({ end }) => edit.start >= end)) kept.push(edit);
  return kept.reduceRight((out, { start, end, text: next }) => out.slice(0, start) + next + out.slice(end), text);
}

function asUse(parser: SourceParser, modules: ReadonlySet<string>, text: string): string | null {
  const tree = parser.read('python', text);
  if (tree === null || tree.rootNode.hasError) {
    return null;
  }
  const edits = [...within(tree.rootNode)].flatMap((node) => {
    if (node.type === 'import_from_statement' || node.type === 'import_statement')
      return importEdit(node, modules) ?? [];
    if (node.type === 'call') return equalityEdits(node);
    return node.type === 'assert_statement' ? assertEdits(node) : [];
  });
  const aliases = [...within(tree.rootNode)]
    .filter(({ type }) => type === 'import_statement')
    .flatMap((node) => importedOf(node, modules).modules);
  const members = [...within(tree.rootNode)].flatMap((node) => {
    const object = node.type === 'attribute' ? field(node, 'object') : null;
    if (object === null || !aliases.includes(object.text)) return [];
    return [{ start: node.startIndex, end: node.endIndex, text: textOf(field(node, 'attribute')) }];
  });
  const out = edited(text, [...edits, ...members, ...helperEdits(tree.rootNode)]);
  return out;
}

const indented = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => (line.trim() === '' ? '' : `    ${line}`))
    .join('\n');

/** The dependents and examples as functions behind the file: they use its names as if they had imported them. Never run. */
export function dependentProbe(
  parser: SourceParser,
  path: string,
  dependents: readonly ContractFile[],
  statements: readonly string[],
): string {
  const modules = moduleNames(path);
  const bodies = dependents
    .filter(({ language }) => language === 'python')
    .flatMap(({ text }) => asUse(parser, modules, text) ?? []);
  const told = statements.flatMap((statement) => asUse(parser, modules, statement) ?? []).filter((text) => text !== '');
  return [...bodies, ...(told.length === 0 ? [] : [told.join('\n')])]
    .map((body, i) => `def __mge_use_${i}():\n${indented(body)}\n    pass\n`)
    .join('\n');
}
