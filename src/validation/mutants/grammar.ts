import type { SyntaxNode } from '../../adapters/parser/index.ts';

/** What mutations and marks need to know of a grammar. */
export interface MutableGrammar {
  /** Nodes with a condition in the field `condition`. */
  readonly conditional: ReadonlySet<string>;
  /** The conditional whose body may be a guard. */
  readonly ifStatement: string;
  readonly loops: ReadonlySet<string>;
  /** Statements that leave the function, or the turn of the loop. */
  readonly leaving: ReadonlySet<string>;
  readonly comparison: string;
  readonly logical: string;
  readonly arithmetic: string;
  readonly negation: string;
  readonly integer: string;
  readonly call: string;
  readonly assignment: ReadonlySet<string>;
  /** What is never changed: types, imports, texts. */
  readonly closed: ReadonlySet<string>;
  readonly swaps: Readonly<Record<string, string>>;
  readonly words: { readonly not: string; readonly never: string; readonly nothing: string; readonly empty: string };
}

const ARITHMETIC: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '*': '+',
  '/': '*',
  '%': '*',
  '+=': '-=',
  '-=': '+=',
  '*=': '+=',
};

const PYTHON: MutableGrammar = {
  conditional: new Set(['if_statement', 'elif_clause', 'while_statement']),
  ifStatement: 'if_statement',
  loops: new Set(['while_statement']),
  leaving: new Set(['return_statement', 'raise_statement', 'continue_statement', 'break_statement']),
  comparison: 'comparison_operator',
  logical: 'boolean_operator',
  arithmetic: 'binary_operator',
  negation: 'not_operator',
  integer: 'integer',
  call: 'call',
  assignment: new Set(['augmented_assignment']),
  closed: new Set(['type', 'import_statement', 'import_from_statement', 'decorator', 'case_pattern']),
  swaps: {
    ...ARITHMETIC,
    '//': '*',
    '**': '*',
    and: 'or',
    or: 'and',
    '==': '!=',
    '!=': '==',
    in: 'not in',
    'not in': 'in',
    is: 'is not',
    'is not': 'is',
  },
  words: { not: 'not ', never: 'False', nothing: 'None', empty: 'pass' },
};

const SCRIPT: MutableGrammar = {
  conditional: new Set(['if_statement', 'while_statement', 'do_statement', 'ternary_expression']),
  ifStatement: 'if_statement',
  loops: new Set(['while_statement', 'do_statement', 'for_statement']),
  leaving: new Set(['return_statement', 'throw_statement', 'continue_statement', 'break_statement']),
  comparison: 'binary_expression',
  logical: 'binary_expression',
  arithmetic: 'binary_expression',
  negation: 'unary_expression',
  integer: 'number',
  call: 'call_expression',
  assignment: new Set(['augmented_assignment_expression']),
  closed: new Set([
    ...['type_annotation', 'type_arguments', 'type_parameters', 'literal_type', 'interface_declaration'],
    ...['type_alias_declaration', 'enum_declaration', 'import_statement', 'ambient_declaration', 'decorator'],
  ]),
  swaps: { ...ARITHMETIC, '&&': '||', '||': '&&', '===': '!==', '!==': '===', '==': '!=', '!=': '==' },
  words: { not: '!', never: 'false', nothing: 'undefined', empty: ';' },
};

/** The grammar of a language whose texts can be mutated and run; null for others. */
export function mutableGrammar(language: string): MutableGrammar | null {
  if (language === 'python') return PYTHON;
  return ['typescript', 'tsx', 'javascript'].includes(language) ? SCRIPT : null;
}

export const BOUNDARIES: Readonly<Record<string, string>> = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

/** The operator of a comparison, calculation or logical expression with two sides; null for chains and others. */
export function operatorOf(node: SyntaxNode): SyntaxNode | null {
  const [left, operator, right, ...more] = node.children.filter(({ type }) => type !== 'comment');
  return left !== undefined && operator !== undefined && right !== undefined && more.length === 0 ? operator : null;
}

/** The condition of an `if`, a loop or a choice, without its parentheses; null for what has none, and for a literal. */
export function conditionOf(node: SyntaxNode, grammar: MutableGrammar): SyntaxNode | null {
  let condition = node.childForFieldName('condition');
  if (node.type === 'conditional_expression') condition = node.namedChildren[1] ?? null;
  else if (!grammar.conditional.has(node.type)) return null;
  while (condition?.type === 'parenthesized_expression') condition = condition.namedChildren[0] ?? null;
  return condition === null || ['true', 'false', 'integer', 'number'].includes(condition.type) ? null : condition;
}

/** The nodes of a range, in document order, without what is never changed. */
export function* nodesIn(
  root: SyntaxNode,
  grammar: MutableGrammar,
  range: { readonly start: number; readonly end: number },
): Generator<SyntaxNode> {
  const { nodes } = root.tree;
  for (let at = root.entry; at < root.after;) {
    const node = nodes[at];
    if (node === undefined) return;
    const outside = node.endIndex <= range.start || node.startIndex >= range.end;
    if (outside || grammar.closed.has(node.type) || isProgramGuard(node)) {
      at = node.after;
      continue;
    }
    if (node.startIndex >= range.start && node.endIndex <= range.end) yield node;
    at += 1;
  }
}

/** `if __name__ == '__main__'` is for those who start the file, not for those who test it. */
function isProgramGuard(node: SyntaxNode): boolean {
  return node.type === 'if_statement' && (node.childForFieldName('condition')?.text.includes('__name__') ?? false);
}
