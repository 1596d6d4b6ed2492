/** What conditions leave of a value: isinstance and instanceof, type guards, discriminated unions. */
import { EXPR, FUNCTION, NARROWING, OP, SCOPE, SHAPE } from '../facts.ts';
import { baseType } from './members.ts';
import { alternatives, substitute, union, type Evaluator, type Type } from './model.ts';
import type { FileUnit } from './unit.ts';

/** A value that is known to be of a class: those of its alternatives that are, or else an instance of the class. */
export function narrowed(e: Evaluator, unit: FileUnit, expr: number, cls: number): Type | undefined {
  const classes = unit.expr(cls, EXPR.op) === OP.tuple ? [...unit.list(unit.expr(cls, EXPR.a))] : [cls];
  const found = classes.map((item) => e.value(unit, item));
  const known = found.flatMap((item) => (item?.kind === 'class' ? [item] : []));
  if (known.length < found.length || known.length === 0) return undefined;
  const fitting = alternatives(e.value(unit, expr)).filter((item) => known.some((one) => inherits(e, item, one, 0)));
  return union(fitting.length > 0 ? fitting : known.map((one) => e.instance(one)));
}

/** True when a value is an instance of a class or of one that inherits from it. */
export function inherits(e: Evaluator, type: Type, cls: Type & { kind: 'class' }, depth: number): boolean {
  if (type.kind !== 'instance' || depth > 12) return false;
  const owner = type.unit.scope(type.scope, SCOPE.owner);
  if (type.unit === cls.unit && owner === cls.def) return true;
  const shape = type.unit.scope(type.scope, SCOPE.detail);
  return [...type.unit.list(type.unit.shape(shape, SHAPE.bases))].some((base) =>
    alternatives(baseType(e, type.unit, base)).some((item) => inherits(e, item, cls, depth + 1)),
  );
}

/** What a type guard asserts of its argument; undefined when the callee is none. */
export function guarded(e: Evaluator, unit: FileUnit, callee: number): Type | undefined {
  const fn = e.value(unit, callee);
  if (fn?.kind !== 'function') return undefined;
  const declared = fn.unit.fn(fn.fn, FUNCTION.result);
  if (fn.unit.expr(declared, EXPR.op) !== OP.predicate) return undefined;
  return substitute(e.type(fn.unit, fn.unit.expr(declared, EXPR.a)), fn.env);
}

/** The alternatives of a value that a condition on one of its properties leaves. */
export function discriminated(e: Evaluator, unit: FileUnit, expr: number): Type | undefined {
  const whole = e.value(unit, unit.expr(expr, EXPR.a));
  const all = alternatives(whole);
  if (all.length < 2) return whole;
  const mode = unit.expr(expr, EXPR.b);
  const [name, ...literals] = [...unit.list(unit.expr(expr, EXPR.c))].map((id) => unit.name(id));
  const left = all.filter((item) => {
    const has = e.find(item, name ?? '').length > 0;
    if (mode === NARROWING.has || mode === NARROWING.lacks) return has === (mode === NARROWING.has);
    if (!has) return mode === NARROWING.isNot;
    const values = alternatives(e.member(item, name ?? '')).map(literalOf);
    if (values.length === 0 || values.includes(undefined)) return true;
    const meets = values.some((value) => literals.includes(value ?? ''));
    return mode === NARROWING.is ? meets : !meets || values.some((value) => !literals.includes(value ?? ''));
  });
  return left.length === 0 ? whole : union(left);
}

/** The one value of a literal type; undefined for other types. */
function literalOf(type: Type): string | undefined {
  return type.kind === 'builtin' || type.kind === 'instance' ? type.literal : undefined;
}
