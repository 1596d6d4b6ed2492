/** What can be called, and what it takes. */
import { DEF, DEF_FLAG, FUNCTION, SCOPE, SHAPE } from '../facts.ts';
import { environment } from './annotations.ts';
import { substitute, type Env, type Evaluator, type Type } from './model.ts';
import type { FileUnit } from './unit.ts';

export function nthParameter(e: Evaluator, fn: Type & { kind: 'function' }, index: number): Type | undefined {
  return substitute(parameterType(e, fn.unit, fn.fn, index), fn.env);
}

export function parameterType(e: Evaluator, unit: FileUnit, fn: number, index: number): Type | undefined {
  const parameters = unit.list(unit.fn(fn, FUNCTION.parameters));
  const def = parameters[Math.min(index, parameters.length - 1)];
  if (def === undefined) return undefined;
  const type = e.ofDef({ unit, def });
  if ((unit.def(def, DEF.flags) & DEF_FLAG.rest) !== 0 && !unit.python) return e.element(type, false);
  return index < parameters.length ? type : undefined;
}

export function signatureOf(e: Evaluator, type: Type): (Type & { kind: 'function' }) | undefined {
  if (type.kind === 'function') return type;
  if (type.kind !== 'instance') return undefined;
  const calls = type.unit.list(type.unit.shape(type.unit.scope(type.scope, SCOPE.detail), SHAPE.calls));
  const fn = calls[0];
  if (fn === undefined) return undefined;
  const env = envOf(e, type);
  return { kind: 'function', unit: type.unit, fn, ...(env === undefined ? {} : { env }) };
}

export function envOf(e: Evaluator, type: Type & { kind: 'instance' }): Env | undefined {
  const parameters = type.unit.list(type.unit.shape(type.unit.scope(type.scope, SCOPE.detail), SHAPE.typeParameters));
  return environment(e, type.unit, parameters, type.args);
}

export function constructorOf(e: Evaluator, type: Type): (Type & { kind: 'function' }) | undefined {
  if (type.kind !== 'class') return undefined;
  const found = e.find(e.instance(type), type.unit.python ? '__init__' : 'constructor');
  for (const { defs, env } of found) {
    for (const { unit, def } of defs) {
      const fn = unit.scope(unit.def(def, DEF.body), SCOPE.detail);
      if (fn >= 0) return { kind: 'function', unit, fn, ...(env === undefined ? {} : { env }) };
    }
  }
  return undefined;
}
