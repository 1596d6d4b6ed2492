/** What a condition says about values when it holds, or when it does not. */
import { NARROWING, OP } from '../types.ts';
import type { Narrowing, ScriptWalk } from './walk.ts';

/** Nodes whose source can be narrowed. */
const SUBJECTS = new Set(['identifier', 'member_expression', 'subscript_expression', 'this']);

/** What follows from a condition that was walked being true (`holds`) or false. */
export function narrowingsOf(w: ScriptWalk, node: number, holds: boolean): Narrowing[] {
  if (node < 0) return [];
  switch (w.type(node)) {
    case 'parenthesized_expression':
      return narrowingsOf(w, w.firstNamed(node), holds);
    case 'unary_expression':
      return w.text(w.field(node, 'operator')) === '!' ? narrowingsOf(w, w.field(node, 'argument'), !holds) : [];
    case 'binary_expression':
      return binary(w, node, holds);
    case 'call_expression':
      return holds ? guard(w, node) : [];
    default:
      return [];
  }
}

function binary(w: ScriptWalk, node: number, holds: boolean): Narrowing[] {
  const { b } = w;
  const left = w.field(node, 'left');
  const right = w.field(node, 'right');
  const operator = w.text(w.field(node, 'operator'));
  switch (operator) {
    case '&&':
      return holds ? [...narrowingsOf(w, left, true), ...narrowingsOf(w, right, true)] : [];
    case '||':
      return holds ? [] : [...narrowingsOf(w, left, false), ...narrowingsOf(w, right, false)];
    case 'instanceof': {
      const operand = w.operands.get(node);
      if (!holds || operand === undefined) return [];
      return about(w, left, (value) => b.expr(OP.narrowed, value, operand));
    }
    case 'in':
      if (w.type(left) !== 'string') return [];
      return discriminated(w, right, holds ? NARROWING.has : NARROWING.lacks, w.text(left).slice(1, -1), []);
    case '===':
    case '==':
      return property(w, left, right, holds ? NARROWING.is : NARROWING.isNot);
    case '!==':
    case '!=':
      return property(w, left, right, holds ? NARROWING.isNot : NARROWING.is);
    default:
      return [];
  }
}

function about(w: ScriptWalk, node: number, apply: (value: number) => number): Narrowing[] {
  if (w.type(node) === 'parenthesized_expression') return about(w, w.firstNamed(node), apply);
  return SUBJECTS.has(w.type(node)) ? [{ source: w.text(node), apply }] : [];
}

function discriminated(
  w: ScriptWalk,
  node: number,
  mode: number,
  name: string,
  literals: readonly string[],
): Narrowing[] {
  const { b } = w;
  const list = b.list([name, ...literals].map((text) => b.intern(text)));
  return about(w, node, (value) => b.expr(OP.discriminated, value, mode, list));
}

/** `object.kind === "literal"` says what `object` is. */
function property(w: ScriptWalk, left: number, right: number, mode: number): Narrowing[] {
  const literal = literalText(w, right);
  if (w.type(left) !== 'member_expression' || literal === undefined) return [];
  return discriminated(w, w.field(left, 'object'), mode, w.text(w.field(left, 'property')), [literal]);
}

/** The content of a string literal, or the source of an enum member; undefined for anything else. */
function literalText(w: ScriptWalk, node: number): string | undefined {
  const type = w.type(node);
  if (type === 'string') return w.text(node).slice(1, -1);
  if (type === 'true' || type === 'false' || type === 'number') return w.text(node);
  return type === 'member_expression' ? w.text(w.field(node, 'property')) : undefined;
}

/** In a case of `switch (object.kind)`: one of these labels holds. */
export function caseNarrowings(w: ScriptWalk, subject: number, labels: readonly number[]): Narrowing[] {
  const inner = w.type(subject) === 'parenthesized_expression' ? w.firstNamed(subject) : subject;
  if (inner < 0 || w.type(inner) !== 'member_expression' || labels.length === 0) return [];
  const literals = labels.map((label) => literalText(w, label));
  if (literals.some((literal) => literal === undefined)) return [];
  const name = w.text(w.field(inner, 'property'));
  return discriminated(w, w.field(inner, 'object'), NARROWING.is, name, literals as string[]);
}

/** `isThing(value)`: what the guard asserts, if it is one. */
function guard(w: ScriptWalk, node: number): Narrowing[] {
  const callee = w.operands.get(node);
  const args = w.field(node, 'arguments');
  const first = args < 0 || w.type(args) !== 'arguments' ? -1 : w.firstNamed(args);
  if (callee === undefined || first < 0) return [];
  return about(w, first, (value) => w.b.expr(OP.guarded, value, callee));
}
