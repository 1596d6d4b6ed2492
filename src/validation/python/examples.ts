import type { SourceParser, SyntaxNode as Node } from '../../adapters/parser/index.ts';
import type { TaskContract } from '../contract/task-contract.ts';
import { literalType, type LiteralType } from './literal-type.ts';
import { bare, field, parts, textOf, within } from './tree.ts';

/** A call that somebody makes and, where it is written beside it, what it should give. All of it is read, nothing is run. */
export interface Example {
  /** The called name; of a method the method's. */
  readonly callee: string;
  readonly isMethod: boolean;
  readonly positional: readonly LiteralType[];
  /** True when a `*` or `**` argument hides how many there are. */
  readonly isOpen: boolean;
  readonly keywords: readonly (readonly [name: string, type: LiteralType])[];
  /** Texts of the positional arguments. */
  readonly texts: readonly string[];
  readonly expected: LiteralType | null;
  readonly expectedText: string | null;
  /** True where what is expected may be what the call prints (`>>>` shows both alike). */
  readonly isPrinted: boolean;
  /** True for a call that is meant to raise. */
  readonly raises: boolean;
}

/** Turns prose with `>>> f(1)` and a result line below, and `f(1) => 2` or `f(1) == 2`, into Python statements. */
export function statementsOfProse(prose: string): string[] {
  const lines = prose.split(/\r\n|\r|\n/);
  const statements: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = (lines[i] ?? '').trim();
    if (line.startsWith('>>>')) {
      let code = line.slice(3).trim();
      while ((lines[i + 1] ?? '').trim().startsWith('...')) code += `\n${(lines[++i] ?? '').trim().slice(3)}`;
      const result = (lines[i + 1] ?? '').trim();
      const isRaise = result.startsWith('Traceback');
      const hasResult = result !== '' && !result.startsWith('>>>') && !result.startsWith('"""') && !isRaise;
      if (isRaise) statements.push(`raises(${code})`);
      else statements.push(hasResult && !code.includes('\n') ? `(${code.replace(/#.*$/, '')}) == (${result})` : code);
      continue;
    }
    const arrow =
      /^(?:[-*•]\s*)?(?:for example:?\s*)?`?(\w[\w.]*\(.*\))`?\s*(?:=>|->|➞|==>|==|→|returns|should return)\s*`?(.+?)`?\.?$/i.exec(
        line,
      );
    if (arrow !== null) statements.push(`(${arrow[1] ?? ''}) == (${(arrow[2] ?? '').replace(/\s(?:#|\/\/).*$/, '')})`);
    else if (/^assert\b/.test(line)) statements.push(line);
  }
  return statements;
}

function callOf(node: Node, expected: Node | null, raises: boolean): Example | null {
  const target = field(node, 'function');
  const list = field(node, 'arguments');
  if (target === null || list?.type !== 'argument_list') return null;
  const isMethod = target.type === 'attribute';
  const callee = isMethod ? textOf(field(target, 'attribute')) : target.type === 'identifier' ? target.text : '';
  if (callee === '') return null;
  const all = parts(list);
  const positional = all.filter(({ type }) => !['keyword_argument', 'list_splat', 'dictionary_splat'].includes(type));
  return {
    callee,
    isMethod,
    positional: positional.map(literalType),
    texts: positional.map(textOf),
    isOpen: all.some(({ type }) => type === 'list_splat' || type === 'dictionary_splat'),
    keywords: all
      .filter(({ type }) => type === 'keyword_argument')
      .map((pair) => {
        const value = field(pair, 'value');
        return [textOf(field(pair, 'name')), value === null ? { kind: 'any', items: [] } : literalType(value)] as const;
      }),
    expected: expected === null ? null : literalType(expected),
    expectedText: expected === null ? null : expected.text,
    isPrinted: false,
    raises,
  };
}

const EQUALITIES: ReadonlySet<string> = new Set(['assertEqual', 'assertEquals', 'assertListEqual', 'assertDictEqual']);

/** What each call of a tree is compared with: `f(x) == y`, `assertEqual(f(x), y)`, `assertTrue(f(x))`. */
function expectations(root: Node): { of: Map<number, Node>; raising: Set<number> } {
  const found = new Map<number, Node>();
  const raising = new Set<number>();
  const pair = (left: Node, right: Node): void => {
    const [a, b] = [bare(left), bare(right)];
    if (a.type === 'call') found.set(a.id, b);
    if (b.type === 'call' && a.type !== 'call') found.set(b.id, a);
  };
  for (const node of within(root)) {
    if (
      node.type === 'comparison_operator' &&
      node.namedChildCount === 2 &&
      /==|\bis\b/.test(node.child(1)?.type ?? '')
    ) {
      const [left, right] = parts(node);
      if (left !== undefined && right !== undefined) pair(left, right);
    }
    if (node.type === 'call') {
      const name = textOf(field(node, 'function')).split('.').at(-1) ?? '';
      const [left, right] = parts(field(node, 'arguments'));
      if (EQUALITIES.has(name) && left !== undefined && right !== undefined) pair(left, right);
      if (name === 'raises' || name === 'assertRaises' || name === 'assertRaisesRegex')
        for (const inner of within(node)) raising.add(inner.id);
    }
    if (
      node.type === 'with_statement' &&
      /assertRaises|pytest\.raises|\braises\(/.test(node.text.split('\n', 1)[0] ?? '')
    )
      for (const inner of within(node)) raising.add(inner.id);
  }
  return { of: found, raising };
}

/** The calls of a tree. A comparison with something computed expects nothing. */
export function examplesOf(root: Node): Example[] {
  const { of, raising } = expectations(root);
  const examples: Example[] = [];
  for (const node of within(root)) {
    if (node.type !== 'call') continue;
    const example = callOf(node, of.get(node.id) ?? null, raising.has(node.id));
    if (example !== null) examples.push(example);
  }
  return examples;
}

function parsed(parser: SourceParser, text: string): Example[] {
  const tree = parser.read('python', text);
  if (tree === null) return [];
  // A result that is no Python is what was printed.
  if (tree.rootNode.hasError) return [];
  return examplesOf(tree.rootNode);
}

/** A name that a test passes on to a helper (`check(f)`) means the function there too. */
function withHelperNames(text: string): string {
  const renamed = /^def (\w+)\((\w+)\):/gm;
  let out = text;
  for (const [, helper = '', parameter = ''] of text.matchAll(renamed)) {
    const passed = new RegExp(`^${helper}\\((\\w+)\\)`, 'm').exec(text)?.[1];
    if (passed !== undefined && passed !== parameter)
      out = out.replaceAll(new RegExp(`\\b${parameter}\\(`, 'g'), `${passed}(`);
  }
  return out;
}

/** Every example that the task's words, its stub and its dependents hold. */
export function contractExamples(parser: SourceParser, contract: TaskContract): Example[] {
  const prose = statementsOfProse(`${contract.description}\n${contract.declarations}`);
  const told = prose.flatMap((statement) =>
    parsed(parser, statement).map((example) => ({ ...example, isPrinted: !statement.startsWith('assert') })),
  );
  const used = contract.dependents
    .filter(({ language }) => language === 'python')
    .flatMap(({ text }) => parsed(parser, withHelperNames(text)));
  return [...told, ...used];
}
