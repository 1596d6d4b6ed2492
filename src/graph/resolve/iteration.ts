/** What awaiting, iterating, entering and indexing a value gives. */
import { EXPR, LITERAL, SCOPE, SHAPE } from '../facts.ts';
import { envOf } from './signatures.ts';
import { alternatives, substitute, union, type Evaluator, type Type } from './model.ts';
import type { FileUnit } from './unit.ts';

export function awaited(e: Evaluator, type: Type | undefined): Type | undefined {
  if (type?.kind === 'union') return union(type.items.map((item) => awaited(e, item)));
  return type?.kind === 'builtin' && type.name === 'awaitable' ? awaited(e, type.args[0]) : type;
}

export function element(e: Evaluator, type: Type | undefined, asynchronous: boolean): Type | undefined {
  if (type === undefined) return undefined;
  switch (type.kind) {
    case 'union':
      return union(type.items.map((item) => element(e, item, asynchronous)));
    case 'tuple':
      return union(type.items);
    case 'builtin':
      if (type.name === 'list') return type.args[0];
      if (type.name === 'dict') return type.args[0];
      if (type.name === 'map') return { kind: 'tuple', items: type.args };
      return undefined;
    case 'instance': {
      if (type.unit.python) {
        const iterator = callMember(e, type, asynchronous ? '__aiter__' : '__iter__');
        if (iterator === undefined) return inheritedElement(e, type);
        const next = callMember(e, iterator, asynchronous ? '__anext__' : '__next__');
        return awaited(e, next) ?? element(e, iterator === type ? undefined : iterator, asynchronous);
      }
      return inheritedElement(e, type);
    }
    case 'class':
      // Python: iterating an Enum gives its members.
      return type.unit.python ? e.instance(type) : undefined;
    default:
      return undefined;
  }
}

/** The element of a class that inherits from a container: `class Page(List[Item])`. */
export function inheritedElement(e: Evaluator, type: Type & { kind: 'instance' }): Type | undefined {
  const shape = type.unit.scope(type.scope, SCOPE.detail);
  for (const base of type.unit.list(type.unit.shape(shape, SHAPE.bases))) {
    const inherited = substitute(e.type(type.unit, base), envOf(e, type));
    if (inherited?.kind === 'builtin') return element(e, inherited, false);
    if (inherited?.kind === 'instance') {
      const found = element(e, inherited, false);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** What a method without arguments gives. */
export function callMember(e: Evaluator, type: Type, name: string): Type | undefined {
  const method = e.member(type, name);
  return method?.kind === 'function' ? e.result(method) : undefined;
}

export function entered(e: Evaluator, type: Type | undefined, asynchronous: boolean): Type | undefined {
  if (type === undefined) return undefined;
  if (type.kind === 'union') return union(type.items.map((item) => entered(e, item, asynchronous)));
  // A generator function under @contextmanager gives what it yields.
  if (type.kind === 'builtin') return type.name === 'list' ? type.args[0] : undefined;
  const given = callMember(e, type, asynchronous ? '__aenter__' : '__enter__');
  return awaited(e, given) ?? (type.kind === 'instance' ? type : undefined);
}

export function item(e: Evaluator, type: Type | undefined, index: number): Type | undefined {
  if (type === undefined) return undefined;
  if (type.kind === 'union') return union(type.items.map((one) => item(e, one, index)));
  if (type.kind === 'tuple') return type.items[index];
  return element(e, type, false);
}

export function indexed(e: Evaluator, unit: FileUnit, expr: number): Type | undefined {
  const object = e.value(unit, unit.expr(expr, EXPR.a));
  const constant = unit.expr(expr, EXPR.c);
  const index = unit.expr(unit.expr(expr, EXPR.b), EXPR.a);
  return union(
    alternatives(object).map((item) => {
      if (item.kind === 'tuple') return constant >= 0 ? item.items[Number(unit.name(constant))] : union(item.items);
      if (item.kind === 'builtin')
        return item.name === 'dict' ? item.args[1] : item.name === 'list' ? item.args[0] : undefined;
      if (item.kind === 'class') return item;
      if (item.kind !== 'instance') return undefined;
      if (unit.python) return callMember(e, item, '__getitem__') ?? inheritedElement(e, item);
      if (constant < 0) return indexType(e, item);
      const name = unit.name(constant);
      return name.startsWith('[') || index === LITERAL.string ? e.member(item, name) : indexType(e, item);
    }),
  );
}

export function indexType(e: Evaluator, type: Type & { kind: 'instance' }): Type | undefined {
  const index = type.unit.shape(type.unit.scope(type.scope, SCOPE.detail), SHAPE.index);
  if (index >= 0) return substitute(e.type(type.unit, index), envOf(e, type));
  return inheritedElement(e, type);
}
