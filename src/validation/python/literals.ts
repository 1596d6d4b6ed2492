import type { SourceParser, SyntaxNode as Node } from '../../adapters/parser/index.ts';
import type { StaticInput, StaticProblem } from '../language-checks.ts';
import { type Example, statementsOfProse } from './examples.ts';
import type { PythonFunction } from './functions.ts';
import { examplesFor } from './probe.ts';
import { problemAt } from './problem.ts';
import { bare, field, isStringStatement, parts, within } from './tree.ts';

interface Literal {
  readonly node: Node;
  readonly value: string;
}

const MIN_LENGTH = 3;

/** The strings of a tree by what they hold; docstrings and templates are none. */
function stringsIn(root: Node): Literal[] {
  const found: Literal[] = [];
  for (const node of within(root)) {
    if (node.type !== 'string' || isStringStatement(node.parent ?? node)) continue;
    if (parts(node).some(({ type }) => type === 'interpolation')) continue;
    const value = /^[rRuU]?(?:"""|'''|["'])([\s\S]*?)(?:"""|'''|["'])$/.exec(node.text)?.[1];
    if (value !== undefined) found.push({ node, value });
  }
  return found;
}

/** True for texts that differ so little that one is a slip of the other: case, space, a mark or a letter more, less or other. */
function isNear(a: string, b: string): boolean {
  if (a === b) return false;
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[\s_.,;:!?-]/g, '');
  if (plain(a) === plain(b)) return true;
  if (Math.abs(a.length - b.length) > 1 || Math.min(a.length, b.length) < 5) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return Math.max(a.length, b.length) - start - end <= 1;
}

function toldStrings(parser: SourceParser, input: StaticInput): Set<string> {
  const told = new Set<string>();
  const { contract } = input;
  if (contract === null) return told;
  const prose = statementsOfProse(`${contract.description}\n${contract.declarations}`);
  const texts = contract.dependents.filter(({ language }) => language === 'python').map(({ text }) => text);
  for (const text of [...prose, ...texts]) {
    const tree = parser.read('python', text);
    if (tree === null) continue;
    for (const { value } of stringsIn(tree.rootNode)) told.add(value);
  }
  return told;
}

/** A string that is nearly, but not quite, one that the examples and dependents show, while that one is nowhere in the file. */
function nearMisses(parser: SourceParser, input: StaticInput, root: Node): StaticProblem[] {
  const own = stringsIn(root).filter(({ value }) => value.length >= MIN_LENGTH);
  if (own.length === 0) return [];
  const told = toldStrings(parser, input);
  const known = new Set(own.map(({ value }) => value));
  return own.flatMap(({ node, value }) => {
    if (told.has(value) || input.contract?.declarations.includes(value) === true) return [];
    for (const expected of told) {
      if (expected.length < MIN_LENGTH || known.has(expected) || !isNear(value, expected)) continue;
      const message = `${node.text} is nearly "${expected}", which those who use the file expect`;
      return [problemAt(node, 'contracts', 'nearly-expected-text', message, `write "${expected}"`)];
    }
    return [];
  });
}

/** A key that is written with other case or space than everywhere else in the file. */
function oddKeys(parser: SourceParser, input: StaticInput, root: Node): StaticProblem[] {
  const keys = stringsIn(root).filter(({ node }) => isKey(node));
  const counts = new Map<string, number>();
  for (const { value } of keys) counts.set(value, (counts.get(value) ?? 0) + 1);
  const plain = (text: string): string =>
    text
      .trim()
      .toLowerCase()
      .replace(/^_+|_+$|_id$|s$/g, '');
  // Something may well hold a list beside what the list is of; it is another matter to ask for what is nowhere put.
  const isPlural = (node: Node, value: string, usual: string): boolean =>
    node.parent?.type === 'pair' && (value === `${usual}s` || usual === `${value}s`);
  const told = counts.size < 2 ? new Set<string>() : toldStrings(parser, input);
  return keys.flatMap(({ node, value }) => {
    if (counts.get(value) !== 1 || value.length < MIN_LENGTH || told.has(value)) return [];
    const usual = [...counts].find(
      ([other, count]) =>
        other !== value && count > 1 && other.length < value.length + 2 && plain(other) === plain(value),
    )?.[0];
    if (usual === undefined || isPlural(node, value, usual)) return [];
    return [
      problemAt(node, 'semantics', 'odd-key', `the key ${node.text} is "${usual}" elsewhere`, `write "${usual}"`),
    ];
  });
}

function isKey(node: Node): boolean {
  const parent = node.parent;
  if (parent?.type === 'subscript') return field(parent, 'subscript')?.id === node.id;
  return parent?.type === 'pair' && field(parent, 'key')?.id === node.id;
}

const squeeze = (text: string): string => text.replaceAll(/\s+/g, '').replaceAll('"', "'");

/** True for a value that is written out. */
function isWritten(node: Node): boolean {
  for (const { type } of within(node))
    if (['identifier', 'call', 'interpolation', 'attribute'].includes(type)) return false;
  return true;
}

/** The written-out sides of the comparisons of a function, and the written-out keys of its tables. */
function comparedLiterals(fn: PythonFunction): string[] {
  return [...within(fn.body)].flatMap((node) => {
    if (node.type === 'comparison_operator')
      return parts(node)
        .filter(isWritten)
        .map(({ text }) => squeeze(text));
    if (node.type !== 'pair') return [];
    const key = field(node, 'key');
    return key !== null && isWritten(key) ? [squeeze(key.text)] : [];
  });
}

/** Forms in which the arguments of an example may be compared: alone, as a tuple, as a list. */
function formsOf(example: Example): string[] {
  const texts = example.texts.map(squeeze);
  const joined = texts.join(',');
  const [only] = texts;
  return texts.length === 1 && only !== undefined ? [only, `(${only},)`, `[${only}]`] : [`(${joined})`, `[${joined}]`];
}

/** A function that works nothing out: all that it returns is written out, and it asks for the inputs of the examples. */
function keyedOnExamples(fn: PythonFunction, examples: readonly Example[]): StaticProblem[] {
  const values = fn.returns.flatMap((statement) => parts(statement));
  const own = examplesFor(fn, examples).filter(({ texts }) => texts.length > 0);
  if (values.length < 2 || own.length === 0 || fn.parameters.length === 0) return [];
  const answers = new Set(own.flatMap(({ expectedText }) => (expectedText === null ? [] : [squeeze(expectedText)])));
  const given = values.filter((value) => isWritten(value) || isTableLookup(value));
  if (given.length < values.length) return [];
  const compared = new Set(comparedLiterals(fn));
  const hits = own.filter((example) => formsOf(example).some((form) => compared.has(form) && isTelling(form)));
  const answered = values.filter((value) => answers.has(squeeze(bare(value).text)) || answers.has(squeeze(value.text)));
  if (hits.length === 0 || answered.length < values.length / 2) return [];
  const covers = hits.length === own.length || hits.length >= 2;
  if (!covers) return [];
  const name = field(fn.node, 'name') ?? fn.node;
  const message = `"${fn.name}" answers the examples' own inputs one by one and works nothing out`;
  return [problemAt(name, 'semantics', 'keyed-on-examples', message, 'work the result out from the parameters')];
}

/** Numbers such as 0 and 1, and empty values, are asked for in right code too. */
function isTelling(form: string): boolean {
  return !/^[([]?(?:-?\d|'.{0,1}'|True|False|None|\[\]|\{\}|\(\)),?[)\]]?$/.test(form);
}

function isTableLookup(value: Node): boolean {
  return /^\{.*\}(?:\.get\(|\[)/s.test(value.text);
}

/** Texts and answers that only the examples explain. */
export function literalProblems(
  parser: SourceParser,
  input: StaticInput,
  root: Node,
  functions: readonly PythonFunction[],
  examples: readonly Example[],
): StaticProblem[] {
  return [
    ...nearMisses(parser, input, root),
    ...oddKeys(parser, input, root),
    ...functions.flatMap((fn) => keyedOnExamples(fn, examples)),
  ];
}
