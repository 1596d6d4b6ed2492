import type { SyntaxNode, SyntaxTree } from '../../adapters/parser/index.ts';
import { BOUNDARIES, conditionOf, type MutableGrammar, mutableGrammar, nodesIn, operatorOf } from './grammar.ts';
import type { Mutant, MutationKind } from './mutant.ts';

const SHOWN = 40;

type Say = (kind: MutationKind, at: SyntaxNode, replacement: string, what: string) => void;

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}

/** All mutants of a part of a text, in its order. Empty for languages that cannot be run and texts with errors. */
export function findMutants(
  tree: SyntaxTree,
  language: string,
  range: { readonly start: number; readonly end: number },
): Mutant[] {
  const grammar = mutableGrammar(language);
  if (grammar === null || tree.hasError) return [];
  const found: Mutant[] = [];
  const say: Say = (kind, at, replacement, what) => {
    const { startIndex: start, endIndex: end } = at;
    found.push({ kind, start, end, replacement, line: at.startPosition.row + 1, what });
  };
  for (const node of nodesIn(tree.rootNode, grammar, range)) {
    mutateOperator(node, grammar, say);
    mutateCondition(node, grammar, say);
    mutateLiteral(node, grammar, say);
    mutateStatement(node, grammar, say);
    mutateCall(node, grammar, say);
  }
  return found;
}

function mutateOperator(node: SyntaxNode, grammar: MutableGrammar, say: Say): void {
  const { comparison, logical, arithmetic, assignment } = grammar;
  if (![comparison, logical, arithmetic].includes(node.type) && !assignment.has(node.type)) return;
  const operator = operatorOf(node);
  const sign = operator?.text.replaceAll(/\s+/g, ' ') ?? '';
  const other = BOUNDARIES[sign] ?? grammar.swaps[sign];
  if (operator === null || other === undefined) return;
  say(kindOf(sign), operator, other, `\`${sign}\` is \`${other}\` in \`${short(node.text)}\``);
}

function kindOf(sign: string): MutationKind {
  if (BOUNDARIES[sign] !== undefined) return 'boundary';
  if (['and', 'or', '&&', '||'].includes(sign)) return 'logic';
  return /^(?:[-+*/%]+=?)$/.test(sign) ? 'arithmetic' : 'condition';
}

/** What an `if` does when it holds and when that is nothing but to leave. */
function isGuard(node: SyntaxNode, grammar: MutableGrammar): boolean {
  if (node.type !== grammar.ifStatement || node.childForFieldName('alternative') !== null) return false;
  const body = node.childForFieldName('consequence');
  const statements = ['block', 'statement_block'].includes(body?.type ?? '') ? (body?.namedChildren ?? []) : [body];
  const last = statements.filter((one) => one?.type !== 'comment').at(-1);
  return grammar.leaving.has(last?.type ?? '') && statements.length <= 2;
}

function mutateCondition(node: SyntaxNode, grammar: MutableGrammar, say: Say): void {
  const { negation, words } = grammar;
  if (node.type === negation && /^(?:not\b|!)/.test(node.text)) {
    const argument = node.childForFieldName('argument');
    if (argument !== null) say('condition', node, `(${argument.text})`, `\`${short(node.text)}\` is not negated`);
    return;
  }
  const condition = conditionOf(node, grammar);
  if (condition === null) return;
  if (isGuard(node, grammar)) say('guard', condition, words.never, `\`if ${short(condition.text)}\` never leaves`);
  // A turned comparison is a mutant of its own, and a turned loop seldom ends.
  else if (condition.type !== grammar.comparison && !grammar.loops.has(node.type))
    say('condition', condition, `${words.not}(${condition.text})`, `\`${short(condition.text)}\` is negated`);
}

function mutateLiteral(node: SyntaxNode, { integer }: MutableGrammar, say: Say): void {
  if (node.type === 'true' || node.type === 'false') {
    const python = node.text === 'True' || node.text === 'False';
    const other = node.type === 'true' ? 'false' : 'true';
    const word = python ? `${other[0]?.toUpperCase() ?? ''}${other.slice(1)}` : other;
    say('literal', node, word, `\`${node.text}\` is \`${word}\``);
  }
  if (node.type !== integer || !/^\d{1,12}$/.test(node.text)) return;
  const value = Number(node.text);
  // Up and down by turns, so that not all mutants of a text lean the same way.
  const other = String(value > 0 && node.startIndex % 2 === 0 ? value - 1 : value + 1);
  say('literal', node, other, `${node.text} is ${other} in \`${short(node.parent?.text ?? '')}\``);
}

function mutateStatement(node: SyntaxNode, grammar: MutableGrammar, say: Say): void {
  const { words } = grammar;
  if (node.type === 'return_statement') {
    const value = node.namedChildren.find(({ type }) => type !== 'comment');
    if (value === undefined || ['none', 'null', 'undefined', 'true', 'false'].includes(value.type)) return;
    say('result', value, words.nothing, `\`${short(node.text)}\` returns nothing`);
  }
  if (node.type !== 'expression_statement') return;
  const inner = node.namedChildren[0];
  const droppable = [grammar.call, ...grammar.assignment].includes(inner?.type ?? '') || isPlacing(inner);
  if (droppable && !/^super\b/.test(node.text))
    say('statement', node, words.empty, `\`${short(node.text)}\` is left out`);
}

/** An assignment to an element or a member: without it, nothing is undefined. */
function isPlacing(node: SyntaxNode | undefined): boolean {
  if (!['assignment', 'assignment_expression'].includes(node?.type ?? '')) return false;
  const target = node?.childForFieldName('left')?.type ?? '';
  return ['subscript', 'attribute', 'subscript_expression', 'member_expression'].includes(target);
}

function mutateCall(node: SyntaxNode, grammar: MutableGrammar, say: Say): void {
  if (node.type !== grammar.call) return;
  const list = node.childForFieldName('arguments');
  const given = list?.namedChildren.filter(({ type }) => type !== 'comment') ?? [];
  const last = given.at(-1);
  if (list === null || last === undefined) return;
  if (grammar.call === 'call' && last.type !== 'keyword_argument') return;
  if (grammar.call !== 'call' && given.length < 2) return;
  const before = given.at(-2);
  const kept = before === undefined ? '(' : list.text.slice(0, before.endIndex - list.startIndex);
  say('argument', list, `${kept})`, `\`${short(last.text)}\` is not passed in \`${short(node.text)}\``);
}
