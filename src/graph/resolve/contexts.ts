/** What the place where a literal stands expects of it. */
import { CONTEXT, CONTEXT_KIND, DEF, EXPR, FUNCTION, FUNCTION_FLAG, OP, SCOPE, SHAPE } from '../facts.ts';
import { callbackParameter } from './builtins.ts';
import { callEnv } from './calls.ts';
import { constructorOf, nthParameter, signatureOf } from './signatures.ts';
import { alternatives, substitute, type Evaluator, type Type } from './model.ts';
import type { FileUnit } from './unit.ts';

/** What the place where a function literal stands passes for its parameter. */
export function expectedFunction(e: Evaluator, unit: FileUnit, fn: number, index: number): Type | undefined {
  const expr = functionLiteral(e, unit, fn);
  if (expr < 0) return expectedMethod(e, unit, fn, index);
  const context = unit.expr(expr, EXPR.b);
  if (context < 0) return undefined;
  if (unit.context(context, CONTEXT.kind) === CONTEXT_KIND.argument) {
    const call = unit.context(context, CONTEXT.a);
    const known = callbackParameter(e, unit, call, unit.context(context, CONTEXT.b), index);
    if (known !== undefined) return known;
  }
  for (const item of alternatives(expected(e, unit, context))) {
    const signature = signatureOf(e, item);
    if (signature !== undefined) return nthParameter(e, signature, index);
  }
  return undefined;
}

/** What the place where a call stands expects of its result. */
export function expectedOfCall(e: Evaluator, unit: FileUnit, call: number): Type | undefined {
  const context = literalsOf(e, unit).get(CALLS + call);
  return context === undefined ? undefined : e.expected(unit, context);
}

/** The same for a method of an object literal. */
export function expectedMethod(e: Evaluator, unit: FileUnit, fn: number, index: number): Type | undefined {
  const def = unit.fn(fn, FUNCTION.def);
  const object = def < 0 ? -1 : objectLiteral(e, unit, unit.def(def, DEF.scope));
  const context = object < 0 ? -1 : unit.expr(object, EXPR.b);
  if (context < 0) return undefined;
  for (const item of alternatives(e.member(expected(e, unit, context), unit.defName(def)))) {
    const signature = signatureOf(e, item);
    if (signature !== undefined) return nthParameter(e, signature, index);
  }
  return undefined;
}

/** The expression of a function literal; -1 for a declared function. */
export function functionLiteral(e: Evaluator, unit: FileUnit, fn: number): number {
  return literalsOf(e, unit).get(fn) ?? -1;
}

/** The expression of an object literal by the scope of its members; -1 for other scopes. */
export function objectLiteral(e: Evaluator, unit: FileUnit, scope: number): number {
  return literalsOf(e, unit).get(-1 - scope) ?? -1;
}

/** Above all rows: where the keys of calls begin. */
const CALLS = 2 ** 32;

/** Expressions of function literals by function, of object literals by -1 - scope; contexts of calls by CALLS + expression. */
const literals = new WeakMap<FileUnit, Map<number, number>>();

export function literalsOf(e: Evaluator, unit: FileUnit): ReadonlyMap<number, number> {
  let known = literals.get(unit);
  if (known === undefined) {
    known = new Map();
    const count = unit.facts.exprs.length / EXPR.width;
    for (let expr = 0; expr < count; expr += 1) {
      if (unit.expr(expr, EXPR.op) === OP.function) known.set(unit.expr(expr, EXPR.a), expr);
      else if (unit.expr(expr, EXPR.op) === OP.object) known.set(-1 - unit.expr(expr, EXPR.a), expr);
    }
    const contexts = unit.facts.contexts.length / CONTEXT.width;
    for (let row = 0; row < contexts; row += 1) {
      if (unit.context(row, CONTEXT.kind) === CONTEXT_KIND.ofCall) {
        known.set(CALLS + unit.context(row, CONTEXT.a), unit.context(row, CONTEXT.b));
      }
    }
    literals.set(unit, known);
  }
  return known;
}

/** What a literal is expected to be. */
export function expected(e: Evaluator, unit: FileUnit, context: number): Type | undefined {
  const a = unit.context(context, CONTEXT.a);
  const b = unit.context(context, CONTEXT.b);
  switch (unit.context(context, CONTEXT.kind)) {
    case CONTEXT_KIND.type:
      return e.type(unit, a);
    case CONTEXT_KIND.argument:
      return expectedArgument(e, unit, a, b);
    case CONTEXT_KIND.property: {
      const outer = unit.expr(a, EXPR.b);
      return outer < 0 ? undefined : e.member(expected(e, unit, outer), unit.name(b));
    }
    case CONTEXT_KIND.element: {
      const outer = unit.expr(a, EXPR.b);
      return outer < 0 ? undefined : e.element(expected(e, unit, outer), false);
    }
    case CONTEXT_KIND.returned:
      return expectedResult(e, unit, a);
    case CONTEXT_KIND.attribute:
      return e.member(props(e, e.value(unit, a)), unit.name(b));
    case CONTEXT_KIND.assigned:
      return e.value(unit, a);
    default:
      return undefined;
  }
}

export function expectedArgument(e: Evaluator, unit: FileUnit, call: number, index: number): Type | undefined {
  const callee = e.value(unit, unit.expr(call, EXPR.a));
  const isNew = unit.expr(call, EXPR.op) === OP.new;
  for (const item of alternatives(callee)) {
    const fn = isNew ? constructorOf(e, item) : signatureOf(e, item);
    if (fn !== undefined) return substitute(nthParameter(e, fn, index), callEnv(e, fn, unit, call, index));
  }
  return undefined;
}

export function expectedResult(e: Evaluator, unit: FileUnit, fn: number): Type | undefined {
  const declared = unit.fn(fn, FUNCTION.result);
  const isAsync = (unit.fn(fn, FUNCTION.flags) & FUNCTION_FLAG.async) !== 0;
  if (declared >= 0) {
    const type = e.type(unit, declared);
    return isAsync ? e.awaited(type) : type;
  }
  const expr = functionLiteral(e, unit, fn);
  const context = expr < 0 ? -1 : unit.expr(expr, EXPR.b);
  if (context < 0) return undefined;
  for (const item of alternatives(expected(e, unit, context))) {
    const signature = signatureOf(e, item);
    const result = signature === undefined ? undefined : e.result(signature);
    if (result !== undefined) return isAsync ? e.awaited(result) : result;
  }
  return undefined;
}

/** The type of the attributes of a component. */
export function props(e: Evaluator, component: Type | undefined): Type | undefined {
  for (const item of alternatives(component)) {
    if (item.kind === 'function') return nthParameter(e, item, 0);
    if (item.kind === 'builtin' && item.name === 'component') return item.args[0];
    if (item.kind === 'class') {
      const shape = item.unit.scope(item.unit.def(item.def, DEF.body), SCOPE.detail);
      for (const base of item.unit.list(item.unit.shape(shape, SHAPE.bases))) {
        if (item.unit.expr(base, EXPR.op) === OP.generic) {
          return e.type(item.unit, item.unit.list(item.unit.expr(base, EXPR.b))[0] ?? -1);
        }
      }
    }
  }
  return undefined;
}
