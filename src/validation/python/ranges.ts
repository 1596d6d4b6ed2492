import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';
import type { StaticProblem } from '../language-checks.ts';
import { problemAt } from './problem.ts';
import { around, bare, field, parts, textOf, within } from './tree.ts';

const squeeze = (node: Node | null): string => textOf(node).replaceAll(/\s+/g, '');

/** The arguments of `range(...)`; null for anything else. */
function rangeArguments(node: Node | null): Node[] | null {
  if (node?.type !== 'call' || textOf(field(node, 'function')) !== 'range') return null;
  return parts(field(node, 'arguments'));
}

const isSmall = (node: Node): boolean => /^-?[01]$/.test(squeeze(node));
const isLarge = (node: Node): boolean =>
  /^len\(|^\w+\+\d+$|^len\(.*\)[+-]\d+$/.test(squeeze(node)) || node.type === 'identifier';

/** The upper bound of a search for divisors. */
const isRoot = (node: Node): boolean => /^int\(.*(?:\*\*0?\.5|sqrt\(.*)\)(?:\+1)?$/.test(squeeze(node));

/** `range(len(x), 0)` counts up from the end: it is empty. */
function emptyRange(node: Node, ranges: Node[]): StaticProblem[] {
  const [from, to, step] = ranges;
  if (from === undefined || to === undefined) return [];
  const numbers = [from, to].map((bound) => Number(squeeze(bound)));
  const stepText = squeeze(step ?? null);
  const stepSign = step === undefined ? 1 : /^\d+$/.test(stepText) ? 1 : /^-\d+$/.test(stepText) ? -1 : 0;
  const [a = NaN, b = NaN] = numbers;
  const isConstantEmpty = stepSign === 1 ? a > b : stepSign === -1 && a < b;
  const isFromLength =
    stepSign >= 0 && isSmall(to) && /^len\(/.test(squeeze(from)) && (stepSign === 1 || /^len\(/.test(squeeze(from)));
  const isFromLarge =
    stepSign === 1 && ((isSmall(to) && isLarge(from)) || (/^[012]$/.test(squeeze(to)) && isRoot(from)));
  const isDownwardFromSmall = stepSign === -1 && isSmall(from) && /^len\(/.test(squeeze(to));
  if (!isConstantEmpty && !isFromLength && !isFromLarge && !isDownwardFromSmall) return [];
  return [
    problemAt(
      node,
      'semantics',
      'empty-range',
      `"${node.text}" is empty: it starts where it should end`,
      'swap its bounds',
    ),
  ];
}

/** True where an index is compared or caught before it is used. */
function isGuarded(use: Node, loop: Node, index: string): boolean {
  for (let up = use.parent; up !== null && up.id !== loop.id; up = up.parent) {
    if (up.type === 'try_statement') return true;
    if (
      /^(?:if_statement|elif_clause|while_statement|conditional_expression|boolean_operator|if_clause)$/.test(up.type)
    ) {
      const condition =
        up.type === 'boolean_operator' || up.type === 'conditional_expression' ? up : field(up, 'condition');
      if (condition !== null && new RegExp(`\\b${index}\\b`).test(condition.text)) return true;
    }
  }
  const text = loop.text;
  return new RegExp(`\\bif\\b[^\\n]*\\b${index}\\b[^\\n]*:\\s*(?:break|continue|return)`).test(text);
}

/** How far past the last valid index `x[i + k]` reaches, for `i` up to `len(x) - 1 + over`. */
function reach(subscript: Node, index: string): number | null {
  const position = field(subscript, 'subscript');
  const text = squeeze(position);
  if (text === index) return 0;
  const match = new RegExp(`^${index}([+-]\\d+)$`).exec(text);
  return match === null ? null : Number(match[1]);
}

function boundOf(limit: string): { sequence: string; over: number } | null {
  const match = /^len\((\w+)\)([+-]\d+)?$/.exec(limit);
  return match === null ? null : { sequence: match[1] ?? '', over: Number(match[2] ?? 0) };
}

function subscriptsOf(loop: Node, sequence: string): Node[] {
  return [...within(loop)].filter(
    (node) => node.type === 'subscript' && textOf(field(node, 'value')) === sequence && !isTarget(node),
  );
}

function isTarget(node: Node): boolean {
  return node.parent?.type === 'delete_statement';
}

function changesLength(loop: Node, sequence: string): boolean {
  return new RegExp(`\\b${sequence}\\.(?:append|insert|extend|pop|remove)\\(|\\b${sequence}\\s*(?:\\+?=)[^=]`).test(
    loop.text,
  );
}

/** `for i in range(len(x) + 1): x[i]` and `for i in range(len(x)): x[i + 1]`. */
function pastEndInFor(loop: Node): StaticProblem[] {
  const ranges = rangeArguments(field(loop, 'right'));
  const index = field(loop, 'left');
  const limit = ranges?.length === 1 ? ranges[0] : ranges?.length === 2 ? ranges[1] : undefined;
  if (limit === undefined || index?.type !== 'identifier') return [];
  const bound = boundOf(squeeze(limit));
  if (bound === null || changesLength(loop, bound.sequence)) return [];
  if (/\bbreak\b|\breturn\b/.test(loop.text) && bound.over === 0) return [];
  return subscriptsOf(loop, bound.sequence).flatMap((node) => {
    const offset = reach(node, index.text);
    if (offset === null || bound.over + offset < 1 || isGuarded(node, loop, index.text)) return [];
    return [pastEnd(node)];
  });
}

function pastEnd(node: Node): StaticProblem {
  return problemAt(
    node,
    'semantics',
    'index-past-end',
    `"${node.text}" reaches past the last index`,
    'stop one earlier',
  );
}

/** `while i <= len(x): x[i]`. */
function pastEndInWhile(loop: Node): StaticProblem[] {
  const condition = squeeze(field(loop, 'condition'));
  const match =
    /(?:^|\()(\w+)<=len\((\w+)\)(?![\w+-])/.exec(condition) ??
    /(?:^|and|\()(\w+)<=len\((\w+)\)(?![\w+-])/.exec(condition);
  const [, index = '', sequence = ''] = match ?? [];
  if (index === '' || changesLength(loop, sequence)) return [];
  return subscriptsOf(loop, sequence).flatMap((node) =>
    reach(node, index) === 0 && !isGuarded(node, loop, index) ? [pastEnd(node)] : [],
  );
}

/** `x[len(x)]`. */
function lengthAsIndex(node: Node): StaticProblem[] {
  const value = textOf(field(node, 'value'));
  if (squeeze(field(node, 'subscript')) !== `len(${value.replaceAll(/\s+/g, '')})`) return [];
  return [pastEnd(node)];
}

const COMPUTED: ReadonlySet<string> = new Set(['identifier', 'call', 'attribute', 'interpolation', 'await']);

/** A condition that is written out: the other branch is never taken. */
function constantCondition(node: Node): StaticProblem[] {
  const condition = field(node, 'condition');
  if (condition === null) return [];
  const inner = bare(condition);
  if (inner.type === 'comparison_operator' && ![...within(inner)].some(({ type }) => COMPUTED.has(type)))
    return [problemAt(inner, 'semantics', 'constant-condition', `"${inner.text}" never changes`)];
  return [];
}

/** `if a: … else: …` with the same in both, and `elif` with a condition that came before. */
function repeatedBranches(node: Node): StaticProblem[] {
  const clauses = parts(node).filter(({ type }) => type === 'elif_clause');
  const seen = new Set([squeeze(field(node, 'condition'))]);
  return clauses.flatMap((clause) => {
    const condition = field(clause, 'condition');
    const text = squeeze(condition);
    if (condition === null || /\(/.test(text) || !seen.has(text)) {
      seen.add(text);
      return [];
    }
    return [
      problemAt(
        condition,
        'semantics',
        'repeated-condition',
        `"${condition.text}" was asked before: this branch is never taken`,
      ),
    ];
  });
}

const FUNCTIONS: ReadonlySet<string> = new Set(['function_definition', 'module']);

/** `map(values, f)` where the file defines `f` as a function. */
function swappedCallable(node: Node): StaticProblem[] {
  if (!/^(?:map|filter)$/.test(textOf(field(node, 'function')))) return [];
  const [first, second] = parts(field(node, 'arguments'));
  if (second?.type === 'lambda' && first !== undefined && first.type !== 'lambda') return [swapped(node)];
  if (second?.type !== 'identifier') return [];
  const scope = around(node, FUNCTIONS);
  const isFunction = scope !== null && new RegExp(`\\bdef ${second.text}\\(`).test(scope.text);
  return isFunction && first?.type !== 'identifier' ? [swapped(node)] : [];
}

function swapped(node: Node): StaticProblem {
  return problemAt(
    node,
    'semantics',
    'swapped-arguments',
    `"${textOf(field(node, 'function'))}" takes the function first`,
    'swap its arguments',
  );
}

const TYPES = /^(?:int|float|str|bool|list|tuple|dict|set|bytes|frozenset|complex|type)$/;

/** `isinstance(int, x)`. */
function swappedInstance(node: Node): StaticProblem[] {
  if (!/^(?:isinstance|issubclass)$/.test(textOf(field(node, 'function')))) return [];
  const [first, second] = parts(field(node, 'arguments'));
  if (first === undefined || second?.type !== 'identifier') return [];
  if (!TYPES.test(first.text) || TYPES.test(second.text) || !/^[a-z]/.test(second.text)) return [];
  return [
    problemAt(
      node,
      'semantics',
      'swapped-arguments',
      `"${node.text}" asks whether a type is a value`,
      'swap its arguments',
    ),
  ];
}

/** `re.search(text, pattern)`. */
function swappedPattern(node: Node): StaticProblem[] {
  if (!/^re\.(?:match|search|fullmatch|findall|finditer|split)$/.test(textOf(field(node, 'function')))) return [];
  const [first, second] = parts(field(node, 'arguments'));
  if (first === undefined || second === undefined) return [];
  const isPattern = (argument: Node): boolean =>
    /pattern|regex|^r["']/i.test(argument.text) ||
    (argument.type === 'string' && /[\\^$*+?[\](){}|]/.test(argument.text));
  if (isPattern(first) || !isPattern(second)) return [];
  return [
    problemAt(node, 'semantics', 'swapped-arguments', `"${node.text}" takes the pattern first`, 'swap its arguments'),
  ];
}

/** `self.count += 1` of an attribute that nothing else in the file sets. */
function unsetAttributes(root: Node): StaticProblem[] {
  const text = root.text;
  return [...within(root)].flatMap((node) => {
    if (node.type !== 'augmented_assignment') return [];
    const target = field(node, 'left');
    const name = /^self\.(\w+)$/.exec(target?.text ?? '')?.[1];
    const owner = around(node, CLASSES);
    if (target === null || name === undefined || owner === null || field(owner, 'superclasses') !== null) return [];
    if (
      new RegExp(
        `\\b${name}\\b\\s*(?::[^=\\n]+)?=(?!=)|["']${name}["']|def ${name}\\b|\\.${name}\\s*,|for [^\\n]*\\b${name}\\b`,
      ).test(text)
    )
      return [];
    return [
      problemAt(target, 'names', 'unset-attribute', `"self.${name}" is changed here but set nowhere`, 'set it first'),
    ];
  });
}

const CLASSES: ReadonlySet<string> = new Set(['class_definition']);

/** Bounds, indexes and conditions that cannot be meant as they stand. */
export function rangeProblems(root: Node): StaticProblem[] {
  const found = [...within(root)].flatMap((node) => {
    switch (node.type) {
      case 'for_statement':
        return pastEndInFor(node);
      case 'while_statement':
        return pastEndInWhile(node);
      case 'subscript':
        return lengthAsIndex(node);
      case 'if_statement':
        return [...constantCondition(node), ...repeatedBranches(node)];
      case 'call': {
        const ranges = rangeArguments(node);
        return ranges === null
          ? [...swappedCallable(node), ...swappedInstance(node), ...swappedPattern(node)]
          : emptyRange(node, ranges);
      }
      default:
        return [];
    }
  });
  return [...found, ...unsetAttributes(root)];
}
