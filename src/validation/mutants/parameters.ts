import type { SyntaxNode } from '../../adapters/parser/index.ts';
import { conditionOf, type MutableGrammar } from './grammar.ts';
import type { Mark, Parameter } from './mark.ts';

/** A border of a parameter's type that no test passes. */
export interface UntriedInput {
  readonly parameter: Parameter;
  readonly line: number;
  readonly what: 'zero' | 'a negative number' | 'nothing in it' | 'one element';
}

const FUNCTIONS = new Set([
  ...['function_definition', 'function_declaration', 'method_definition', 'arrow_function', 'function_expression'],
  'generator_function_declaration',
]);
const MOST = 8;

/** The parameters of a function that others call; none for functions inside of functions. */
export function parametersOf(node: SyntaxNode, grammar: MutableGrammar): Parameter[] {
  if (!FUNCTIONS.has(node.type) || isInside(node)) return [];
  const list = node.childForFieldName('parameters');
  const names = (list?.namedChildren ?? []).flatMap((parameter) => nameOf(parameter) ?? []);
  const asked = askedNames(node, grammar);
  return names
    .filter((name) => !['self', 'cls', 'this'].includes(name))
    .slice(0, MOST)
    .map((name) => ({ name, isAsked: asked.has(name) }));
}

function isInside(node: SyntaxNode): boolean {
  for (let up = node.parent; up !== null; up = up.parent) if (FUNCTIONS.has(up.type)) return true;
  return false;
}

function nameOf(parameter: SyntaxNode): string | null {
  if (parameter.type === 'identifier') return parameter.text;
  const named = ['name', 'pattern', 'left']
    .map((field) => parameter.childForFieldName(field))
    .find((one) => one !== null);
  const name = named ?? (parameter.type === 'comment' ? null : parameter.firstNamedChild);
  if (name?.type === 'identifier') return name.text;
  return name?.type.endsWith('_pattern') && name.firstNamedChild?.type === 'identifier'
    ? name.firstNamedChild.text
    : null;
}

function askedNames(node: SyntaxNode, grammar: MutableGrammar): Set<string> {
  const { nodes } = node.tree;
  const conditions = nodes
    .slice(node.entry, node.after)
    .flatMap((inner) => conditionOf(inner, grammar) ?? (inner.type === grammar.comparison ? inner : []));
  return new Set(conditions.flatMap((condition) => condition.descendantsOfType('identifier').map(({ text }) => text)));
}

/**
 * What tests left out, by what marks reported of each parameter: `7:0z`, the first parameter of mark 7 was zero; `n` negative, `p` another
 * number, `e` empty, `s` one element, `m` more.
 */
export function untriedInputs(mark: Mark, times: (name: string) => number): UntriedInput[] {
  return (mark.parameters ?? []).flatMap((parameter, index) => {
    const was = (sort: string): boolean => times(`${mark.id}:${index}${sort}`) > 0;
    const missing: UntriedInput['what'][] = [];
    if (was('n') || was('p')) {
      if (!was('z')) missing.push('zero');
      if (!was('n')) missing.push('a negative number');
    }
    if (was('s') || was('m')) {
      if (!was('e')) missing.push('nothing in it');
      if (!was('s')) missing.push('one element');
    }
    return missing.map((what) => ({ parameter, line: mark.line, what }));
  });
}
