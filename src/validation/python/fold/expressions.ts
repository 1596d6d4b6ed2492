import type { SyntaxNode as Node } from '../../../adapters/parser/index.ts';
import { field, parts, textOf } from '../tree.ts';
import { builtin, memberOf, MODULES } from './builtins.ts';
import { methodOf } from './methods.ts';
import { binary, compared, itemAt, slice } from './operators.ts';
import { Scope } from './scope.ts';
import {
  dictOf,
  integer,
  float,
  isKind,
  iterate,
  iterator,
  list,
  setOf,
  show,
  truth,
  tuple,
  unknown,
  type Value,
} from './values.ts';

/** What expressions need of statements: functions are called, targets assigned. */
export interface Folding {
  step(): void;
  callFunction(
    node: Node,
    scope: Scope,
    defaults: ReadonlyMap<string, Value>,
    args: Value[],
    named: ReadonlyMap<string, Value>,
  ): Value;
  assign(target: Node, value: Value, scope: Scope): void;
  global(name: string): Value | undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '0': '\0',
};

function stringValue(node: Node, folding: Folding, scope: Scope): Value {
  const start = node.child(0)?.text ?? '';
  if (/b/i.test(start)) return unknown('bytes');
  const isRaw = /r/i.test(start);
  const end = node.lastChild?.startIndex ?? node.endIndex;
  const begin = node.startIndex + start.length;
  let out = '';
  let from = begin;
  const literal = (to: number): string =>
    unescaped(node.text.slice(from - node.startIndex, to - node.startIndex), isRaw, /f/i.test(start));
  for (const child of parts(node)) {
    if (child.type !== 'interpolation') continue;
    out += literal(child.startIndex);
    out += interpolated(child, folding, scope);
    from = child.endIndex;
  }
  return out + literal(end);
}

function unescaped(text: string, isRaw: boolean, isFormat: boolean): string {
  const plain = isFormat ? text.replaceAll('{{', '{').replaceAll('}}', '}') : text;
  if (isRaw || !plain.includes('\\')) return plain;
  return plain.replaceAll(/\\(\n|.)/g, (_, mark: string) =>
    mark === '\n' ? '' : (ESCAPES[mark] ?? unknown('escape')),
  );
}

function interpolated(node: Node, folding: Folding, scope: Scope): string {
  const expression = field(node, 'expression') ?? parts(node)[0];
  if (
    expression === undefined ||
    parts(node).some(({ type }) => type === 'type_conversion') ||
    /=\s*\}$/.test(node.text)
  )
    return unknown('format');
  const value = evaluate(expression, folding, scope);
  const format = parts(node).find(({ type }) => type === 'format_specifier');
  return format === undefined ? show(value) : formatted(value, format.text.slice(1));
}

function formatted(value: Value, format: string): string {
  const places = /^\.(\d+)f$/.exec(format)?.[1];
  if (places !== undefined) return (float(value) ?? unknown('format')).toFixed(Number(places));
  const width = /^0(\d+)d?$/.exec(format)?.[1];
  const whole = integer(value);
  if (width !== undefined && whole !== null && whole >= 0n) return String(whole).padStart(Number(width), '0');
  if (format === 'd' && whole !== null) return String(whole);
  if (format === 'b' && whole !== null) return whole.toString(2);
  return unknown('format');
}

function numberValue(text: string): Value {
  const digits = text.replaceAll('_', '');
  if (/^0[xob]/i.test(digits)) return BigInt(digits);
  if (/j$/i.test(digits)) return unknown('complex');
  return /[.e]/i.test(digits) ? Number(digits) : BigInt(digits);
}

function nameValue(name: string, folding: Folding, scope: Scope): Value {
  const value = scope.get(name) ?? folding.global(name) ?? builtin(name);
  if (value === null) return scope.get(name) === null ? null : unknown(`name ${name}`);
  return value;
}

function items(node: Node, folding: Folding, scope: Scope): Value[] {
  return parts(node).flatMap((child) =>
    child.type === 'list_splat'
      ? iterate(evaluate(child.namedChild(0) ?? unknown(child), folding, scope))
      : [evaluate(child, folding, scope)],
  );
}

function dictionary(node: Node, folding: Folding, scope: Scope): Value {
  return dictOf(
    parts(node).map((pair) => {
      const [key, value] = [field(pair, 'key'), field(pair, 'value')];
      if (pair.type !== 'pair' || key === null || value === null) return unknown(pair);
      return [evaluate(key, folding, scope), evaluate(value, folding, scope)] as const;
    }),
  );
}

function comparison(node: Node, folding: Folding, scope: Scope): Value {
  const operands = parts(node);
  const operators = node.children.flatMap((child) =>
    child === null || child.isNamed ? [] : [child.type.replaceAll(/\s+/g, ' ')],
  );
  const merged = operators.join(' ').replaceAll('not in', 'not-in').replaceAll('is not', 'is-not').split(' ');
  let left = evaluate(operands[0] ?? unknown(node), folding, scope);
  for (const [i, operator] of merged.entries()) {
    const right = evaluate(operands[i + 1] ?? unknown(node), folding, scope);
    if (!compared(operator.replace('-', ' '), left, right)) return false;
    left = right;
  }
  return true;
}

function subscript(node: Node, folding: Folding, scope: Scope): Value {
  const container = evaluate(field(node, 'value') ?? unknown(node), folding, scope);
  const index = field(node, 'subscript') ?? unknown(node);
  if (node.childrenForFieldName('subscript').length !== 1) return unknown('several subscripts');
  if (index.type !== 'slice') return itemAt(container, evaluate(index, folding, scope));
  const bounds: Value[] = [null, null, null];
  let at = 0;
  for (const child of index.children) {
    if (child?.type === ':') at++;
    else if (child !== null) bounds[at] = evaluate(child, folding, scope);
  }
  return slice(container, bounds[0] ?? null, bounds[1] ?? null, bounds[2] ?? null);
}

function attribute(node: Node, folding: Folding, scope: Scope): Value {
  const self = evaluate(field(node, 'object') ?? unknown(node), folding, scope);
  const name = textOf(field(node, 'attribute'));
  if (isKind(self, 'module')) return memberOf(self.name, name);
  return methodOf(self, name) ?? unknown(`attribute ${name}`);
}

function call(node: Node, folding: Folding, scope: Scope): Value {
  const callee = evaluate(field(node, 'function') ?? unknown(node), folding, scope);
  const list = field(node, 'arguments') ?? unknown(node);
  const args: Value[] = [];
  const named = new Map<string, Value>();
  if (list.type === 'generator_expression') args.push(comprehension(list, folding, scope));
  else
    for (const argument of parts(list)) {
      if (argument.type === 'keyword_argument')
        named.set(
          textOf(field(argument, 'name')),
          evaluate(field(argument, 'value') ?? unknown(argument), folding, scope),
        );
      else if (argument.type === 'list_splat')
        args.push(...iterate(evaluate(argument.namedChild(0) ?? unknown(argument), folding, scope)));
      else if (argument.type === 'dictionary_splat') return unknown(argument);
      else args.push(evaluate(argument, folding, scope));
    }
  return isKind(callee, 'function') ? callee.call(args, named) : unknown('call');
}

/** Every row that the clauses of a comprehension give. */
function rows(
  clauses: readonly Node[],
  folding: Folding,
  scope: Scope,
  unordered: boolean,
  give: (scope: Scope) => void,
): void {
  const [clause, ...rest] = clauses;
  if (clause === undefined) return give(scope);
  folding.step();
  if (clause.type === 'if_clause') {
    if (truth(evaluate(parts(clause)[0] ?? unknown(clause), folding, scope)))
      rows(rest, folding, scope, unordered, give);
    return;
  }
  if (clause.type !== 'for_in_clause' || clause.child(0)?.type === 'async') return unknown(clause);
  const target = field(clause, 'left') ?? unknown(clause);
  const inner = new Scope(scope);
  for (const item of [...iterate(evaluate(field(clause, 'right') ?? unknown(clause), folding, scope), !unordered)]) {
    folding.step();
    folding.assign(target, item, inner);
    rows(rest, folding, inner, unordered, give);
  }
}

/** True where nobody sees the order in which a comprehension gives its items. */
function isUnordered(node: Node): boolean {
  if (node.type === 'set_comprehension') return true;
  const caller = node.parent?.type === 'argument_list' ? node.parent.parent : node.parent;
  return caller?.type === 'call' && /^(?:sorted|sum|any|all|max|min|set|len)$/.test(textOf(field(caller, 'function')));
}

function comprehension(node: Node, folding: Folding, scope: Scope): Value {
  const body = field(node, 'body') ?? unknown(node);
  const clauses = parts(node).filter(({ type }) => type === 'for_in_clause' || type === 'if_clause');
  const given: Value[] = [];
  const pairs: (readonly [Value, Value])[] = [];
  rows(clauses, folding, scope, isUnordered(node), (inner) => {
    if (body.type !== 'pair') given.push(evaluate(body, folding, inner));
    else
      pairs.push([
        evaluate(field(body, 'key') ?? unknown(body), folding, inner),
        evaluate(field(body, 'value') ?? unknown(body), folding, inner),
      ]);
  });
  if (node.type === 'dictionary_comprehension') return dictOf(pairs);
  if (node.type === 'set_comprehension') return setOf(given);
  return node.type === 'list_comprehension' ? list(given) : iterator(given);
}

function unary(node: Node, folding: Folding, scope: Scope): Value {
  const value = evaluate(field(node, 'argument') ?? unknown(node), folding, scope);
  const operator = textOf(field(node, 'operator'));
  if (operator === '-') return typeof value === 'number' ? -value : binary('-', 0n, value);
  if (operator === '~') return -(integer(value) ?? unknown(node)) - 1n;
  return float(value) === null ? unknown(node) : value;
}

function lambda(node: Node, folding: Folding, scope: Scope): Value {
  if (parts(field(node, 'parameters')).some(({ type }) => type !== 'identifier')) return unknown('lambda parameters');
  return {
    type: 'function',
    name: '<lambda>',
    call: (args, named) => folding.callFunction(node, scope, new Map(), args, named),
  };
}

const EVALUATORS: Readonly<Record<string, (node: Node, folding: Folding, scope: Scope) => Value>> = {
  integer: (node) => numberValue(node.text),
  float: (node) => numberValue(node.text),
  true: () => true,
  false: () => false,
  none: () => null,
  string: stringValue,
  concatenated_string: (node, folding, scope) =>
    parts(node)
      .map((part) => show(stringValue(part, folding, scope)))
      .join(''),
  identifier: (node, folding, scope) => nameValue(node.text, folding, scope),
  parenthesized_expression: (node, folding, scope) => evaluate(parts(node)[0] ?? unknown(node), folding, scope),
  list: (node, folding, scope) => list(items(node, folding, scope)),
  tuple: (node, folding, scope) => tuple(items(node, folding, scope)),
  expression_list: (node, folding, scope) => tuple(items(node, folding, scope)),
  set: (node, folding, scope) => setOf(items(node, folding, scope)),
  dictionary,
  comparison_operator: comparison,
  subscript,
  attribute,
  call,
  list_comprehension: comprehension,
  set_comprehension: comprehension,
  dictionary_comprehension: comprehension,
  generator_expression: comprehension,
  lambda,
  unary_operator: unary,
  not_operator: (node, folding, scope) => !truth(evaluate(field(node, 'argument') ?? unknown(node), folding, scope)),
  boolean_operator: (node, folding, scope) => {
    const left = evaluate(field(node, 'left') ?? unknown(node), folding, scope);
    const isAnd = textOf(field(node, 'operator')) === 'and';
    return truth(left) === isAnd ? evaluate(field(node, 'right') ?? unknown(node), folding, scope) : left;
  },
  binary_operator: (node, folding, scope) =>
    binary(
      textOf(field(node, 'operator')),
      evaluate(field(node, 'left') ?? unknown(node), folding, scope),
      evaluate(field(node, 'right') ?? unknown(node), folding, scope),
    ),
  conditional_expression: (node, folding, scope) => {
    const [yes, condition, no] = parts(node);
    if (yes === undefined || condition === undefined || no === undefined) return unknown(node);
    return evaluate(truth(evaluate(condition, folding, scope)) ? yes : no, folding, scope);
  },
  named_expression: (node, folding, scope) => {
    const value = evaluate(field(node, 'value') ?? unknown(node), folding, scope);
    scope.set(textOf(field(node, 'name')), value);
    return value;
  },
};

/** The value of an expression. @throws {NotFolded} what it holds is not known. @throws {Raised} Python would raise. */
export function evaluate(node: Node, folding: Folding, scope: Scope): Value {
  folding.step();
  const evaluator = EVALUATORS[node.type];
  return evaluator === undefined ? unknown(node) : evaluator(node, folding, scope);
}

/** A module that folds, or nothing. */
export function moduleValue(name: string): Value {
  return Object.hasOwn(MODULES, name) ? { type: 'module', name } : unknown(`module ${name}`);
}
