/** What calls and constructions give, type parameters filled in from the arguments. */
import { DEF, EXPR, FUNCTION, OP, SCOPE, SHAPE } from '../facts.ts';
import { defaultOf, environment } from './annotations.ts';
import { builtinCall } from './builtins.ts';
import { constructorOf, signatureOf } from './signatures.ts';
import { alternatives, substitute, union, type Env, type Evaluator, type Type, parameterKey } from './model.ts';
import type { FileUnit } from './unit.ts';

export function call(e: Evaluator, type: Type | undefined, unit: FileUnit, expr: number): Type | undefined {
  if (type === undefined) return undefined;
  switch (type.kind) {
    case 'union':
      return union(type.items.map((item) => call(e, item, unit, expr)));
    case 'class':
      return e.instance(type, type.args ?? inferredArguments(e, type, unit, expr));
    case 'function':
      return substitute(e.result(type), callEnv(e, type, unit, expr, -1));
    case 'instance': {
      if (!unit.python) {
        const signature = signatureOf(e, type);
        return signature === undefined ? undefined : call(e, signature, unit, expr);
      }
      return call(e, e.member(type, '__call__'), unit, expr);
    }
    case 'builtin':
      return type.name === 'callable' || type.name === 'box' ? type.args[0] : undefined;
    default:
      return undefined;
  }
}

export function construct(e: Evaluator, unit: FileUnit, expr: number): Type | undefined {
  const callee = e.value(unit, unit.expr(expr, EXPR.a));
  const explicit = unit.list(unit.expr(expr, EXPR.c));
  const args = [...explicit].map((item) => e.type(unit, item));
  if (callee === undefined) return builtinCall(e, unit, expr);
  return union(
    alternatives(callee).map((item) =>
      item.kind === 'class'
        ? e.instance(item, args.length > 0 ? args : (item.args ?? inferredArguments(e, item, unit, expr)))
        : item.kind === 'instance'
          ? call(e, item, unit, expr)
          : undefined,
    ),
  );
}

export function inferredArguments(
  e: Evaluator,
  type: Type & { kind: 'class' },
  unit: FileUnit,
  expr: number,
): (Type | undefined)[] {
  const shape = type.unit.scope(type.unit.def(type.def, DEF.body), SCOPE.detail);
  const parameters = [...type.unit.list(type.unit.shape(shape, SHAPE.typeParameters))];
  if (parameters.length === 0) return [];
  const fn = constructorOf(e, type);
  const env = fn === undefined ? undefined : callEnv(e, fn, unit, expr, -1, parameters);
  return parameters.map((def) => env?.get(`${type.unit.id}:${def}`));
}

/** What a call's type arguments, or else its arguments, say about the type parameters of the function. */
export function callEnv(
  e: Evaluator,
  fn: Type & { kind: 'function' },
  unit: FileUnit,
  call: number,
  except: number,
  parameters = [...fn.unit.list(fn.unit.fn(fn.fn, FUNCTION.typeParameters))],
): Env | undefined {
  if (fn.unit.python || parameters.length === 0) return pythonEnv(e, fn, unit, call);
  const explicit = unit.list(unit.expr(call, EXPR.c));
  if (explicit.length > 0 && unit.expr(call, EXPR.op) !== OP.new) {
    return environment(
      e,
      fn.unit,
      parameters,
      [...explicit].map((item) => e.type(unit, item)),
    );
  }
  const env = new Map<string, Type>();
  const wanted = new Set(parameters.map((def) => `${fn.unit.id}:${def}`));
  unit.list(unit.expr(call, EXPR.b)).forEach((arg, i) => {
    if (i === except) return;
    unify(e.parameterType(fn.unit, fn.fn, i), () => argumentValue(e, unit, arg), wanted, env, e);
  });
  // What the arguments leave open, the place where the result goes may say, and else the defaults.
  if (parameters.some((def) => !env.has(parameterKey(fn.unit, def)))) {
    const result = fn.unit.fn(fn.fn, FUNCTION.result);
    if (result >= 0) unify(e.type(fn.unit, result), () => e.expectedOf(unit, call), wanted, env, e);
  }
  for (const def of parameters) {
    const key = parameterKey(fn.unit, def);
    const fallback = env.has(key) ? undefined : defaultOf(e, fn.unit, def, env);
    if (fallback !== undefined) env.set(key, fallback);
  }
  return env;
}

export function argumentValue(e: Evaluator, unit: FileUnit, arg: number): Type | undefined {
  return e.value(unit, arg);
}

/** Python: TypeVars need no declaration; those of the parameters count. */
export function pythonEnv(
  e: Evaluator,
  fn: Type & { kind: 'function' },
  unit: FileUnit,
  call: number,
): Env | undefined {
  if (!fn.unit.python || unit.expr(call, EXPR.op) !== OP.call) return undefined;
  const result = e.result(fn);
  if (result === undefined || !mentionsParameter(result)) return undefined;
  const env = new Map<string, Type>();
  const parameters = [...fn.unit.list(fn.unit.fn(fn.fn, FUNCTION.parameters))];
  const bound = fn.self !== undefined ? 1 : 0;
  unit.list(unit.expr(call, EXPR.b)).forEach((arg, i) => {
    const keyword = unit.expr(arg, EXPR.op) === OP.keyword;
    const name = keyword ? unit.name(unit.expr(arg, EXPR.a)) : '';
    const def = keyword ? parameters.find((p) => fn.unit.defName(p) === name) : parameters[i + bound];
    if (def === undefined) return;
    const value = keyword ? unit.expr(arg, EXPR.b) : arg;
    unify(e.ofDef({ unit: fn.unit, def }), () => e.value(unit, value), undefined, env, e);
  });
  return env;
}

function mentionsParameter(type: Type, depth = 0): boolean {
  if (depth > 6) return false;
  const inner = (item: Type | undefined): boolean => item !== undefined && mentionsParameter(item, depth + 1);
  if (type.kind === 'parameter' || type.kind === 'lookup') return true;
  if (type.kind === 'union' || type.kind === 'tuple') return type.items.some(inner);
  return (
    (type.kind === 'builtin' || type.kind === 'instance' || type.kind === 'class') && (type.args ?? []).some(inner)
  );
}

/** Members that are compared to find out what a type parameter stands for. */
const MAX_MEMBERS = 12;

/** Matches a parameter's type against an argument's and notes what its type parameters stand for. */
function unify(
  wanted: Type | undefined,
  given: () => Type | undefined,
  names: ReadonlySet<string> | undefined,
  env: Map<string, Type>,
  e: Evaluator,
  depth = 0,
): void {
  if (wanted === undefined || depth > 4 || (wanted.kind !== 'function' && !mentionsParameter(wanted))) return;
  const actual = given();
  if (actual === undefined) return;
  const inner = (w: Type | undefined, g: Type | undefined): void => unify(w, () => g, names, env, e, depth + 1);
  if (wanted.kind === 'parameter') {
    const key = `${wanted.unit.id}:${wanted.def}`;
    if ((names === undefined || names.has(key)) && !env.has(key)) env.set(key, actual);
  } else if (wanted.kind === 'union') {
    for (const item of wanted.items) inner(item, actual);
  } else if (wanted.kind === 'builtin') {
    if (actual.kind === 'builtin' && actual.name === wanted.name)
      wanted.args.forEach((arg, i) => inner(arg, actual.args[i]));
    else if (wanted.name === 'list') inner(wanted.args[0], e.element(actual, false));
    else if (wanted.name === 'callable' && actual.kind === 'function') inner(wanted.args[0], e.result(actual));
  } else if (wanted.kind === 'class') {
    if (actual.kind === 'class') inner(wanted.args?.[0], actual.args?.[0]);
  } else if (wanted.kind === 'instance') {
    if (actual.kind !== 'instance') return;
    if (actual.unit === wanted.unit && actual.scope === wanted.scope) {
      wanted.args.forEach((arg, i) => inner(arg, actual.args[i]));
      return;
    }
    // Another shape, as an object literal is: member by member.
    for (const name of wanted.unit.namesIn(wanted.scope).slice(0, MAX_MEMBERS))
      inner(e.member(wanted, name), e.member(actual, name));
  } else if (wanted.kind === 'function' && actual.kind === 'function') inner(e.result(wanted), e.result(actual));
}
