/** Finding members: own, inherited, of modules, of what a class is and of what it makes. */
import { DEF, DEF_FLAG, DEF_KIND, EXPR, OP, SCOPE, SHAPE } from '../facts.ts';
import { environment } from './annotations.ts';
import { substitute, type Env, type Evaluator, type Found, type Type } from './model.ts';
import { visible, type DefRef, type Program } from './program.ts';
import type { FileUnit } from './unit.ts';

/** How far inheritance is followed. */
const MAX_DEPTH = 16;

/** All definitions that `name` may mean as a member of `type`; one entry for each alternative. */
export function findMembers(e: Evaluator, program: Program, type: Type | undefined, name: string): Found[] {
  if (type === undefined) return [];
  switch (type.kind) {
    case 'union':
      return type.items.flatMap((item) => findMembers(e, program, item, name));
    case 'instance':
      return one(inShape(e, type.unit, type.scope, name, type.args, false, type, 0));
    case 'class':
      return one(inClass(e, type.unit, type.def, name, type, 0));
    case 'super':
      return one(inBases(e, type.unit, type.scope, name, undefined, type.isClass, type, 0));
    case 'parameter': {
      const bound = type.unit.def(type.def, DEF.type);
      if (bound >= 0) return findMembers(e, program, e.type(type.unit, bound), name);
      return findMembers(e, program, boundOf(e, type.unit, type.def), name);
    }
    case 'lookup':
      return findMembers(e, program, type.resolve(type.of), name);
    case 'namespace':
      return one(inNamespace(program, type.unit, type.scope, name, type));
    case 'module':
    case 'package':
      return one(inModule(program, type, name));
    case 'function':
      return one(onFunction(type, name));
    default:
      return [];
  }
}

function one(found: Found | undefined): Found[] {
  return found === undefined ? [] : [found];
}

/** Python: the `bound` of a TypeVar. */
function boundOf(e: Evaluator, unit: FileUnit, def: number): Type | undefined {
  const value = unit.def(def, DEF.value);
  if (unit.expr(value, EXPR.op) !== OP.call) return undefined;
  for (const arg of unit.list(unit.expr(value, EXPR.b))) {
    if (unit.expr(arg, EXPR.op) === OP.keyword && unit.name(unit.expr(arg, EXPR.a)) === 'bound') {
      return e.type(unit, unit.expr(arg, EXPR.b));
    }
  }
  return undefined;
}

function inModule(program: Program, type: Type & { kind: 'module' | 'package' }, name: string): Found | undefined {
  const target = type.kind === 'module' ? program.exportOf(type.unit, name) : program.submodule(type.folder, name);
  return target?.kind === 'defs' ? { defs: target.defs, env: undefined, self: type } : undefined;
}

function inNamespace(program: Program, unit: FileUnit, scope: number, name: string, self: Type): Found | undefined {
  const symbol = unit.symbolIn(scope, name);
  if (symbol < 0) return undefined;
  const target = program.symbolTarget(unit, symbol);
  return target?.kind === 'defs' ? { defs: target.defs, env: undefined, self } : undefined;
}

/** JavaScript: properties assigned to functions are not followed; a namespace merged with a function is. */
function onFunction(type: Type & { kind: 'function' }, name: string): Found | undefined {
  const { unit } = type;
  const def = unit.fn(type.fn, 0);
  for (const other of unit.defsOf(unit.def(def, DEF.symbol))) {
    if (unit.def(other, DEF.kind) !== DEF_KIND.namespace) continue;
    const symbol = unit.symbolIn(unit.def(other, DEF.body), name);
    if (symbol >= 0)
      return { defs: [...unit.defsOf(symbol)].map((d) => ({ unit, def: d })), env: undefined, self: type };
  }
  return undefined;
}

/** All scopes that hold members of a definition: a class or interface and what is merged with it. */
function bodiesOf(unit: FileUnit, def: number): number[] {
  const bodies: number[] = [];
  for (const other of unit.defsOf(unit.def(def, DEF.symbol))) {
    const body = unit.def(other, DEF.body);
    const kind = unit.def(other, DEF.kind);
    if (body >= 0 && (kind === DEF_KIND.class || kind === DEF_KIND.interface || kind === DEF_KIND.enum))
      bodies.push(body);
  }
  // In Python a class of the same name replaces the one before it.
  return unit.python || bodies.length === 0 ? [unit.def(def, DEF.body)] : bodies;
}

/** A member of an instance. */
export function inShape(
  e: Evaluator,
  unit: FileUnit,
  scope: number,
  name: string,
  args: readonly (Type | undefined)[],
  statics: boolean,
  self: Type,
  depth: number,
): Found | undefined {
  if (scope < 0 || depth > MAX_DEPTH) return undefined;
  const owner = unit.scope(scope, SCOPE.owner);
  const bodies = owner < 0 ? [scope] : bodiesOf(unit, owner);
  const shape = unit.scope(scope, SCOPE.detail);
  const env = environment(e, unit, unit.list(unit.shape(shape, SHAPE.typeParameters)), args);
  const own: DefRef[] = [];
  for (const body of bodies) own.push(...ownMembers(unit, body, name, statics));
  if (own.length > 0) return { defs: own, env, self };
  const spreads = unit.list(unit.shape(shape, SHAPE.spreads));
  if (spreads.length > 0) {
    const found = inSpreads(e, unit, shape, spreads, name);
    if (found !== undefined) return found;
  }
  for (const body of bodies) {
    const inherited = inBases(e, unit, body, name, env, statics, self, depth);
    if (inherited !== undefined) return inherited;
  }
  return undefined;
}

/** What an object literal spreads into itself. An object that is spread into itself, over however many steps, adds nothing. */
function inSpreads(e: Evaluator, unit: FileUnit, shape: number, spreads: Int32Array, name: string): Found | undefined {
  const key = `${unit.id}:${shape}:${name}`;
  // Searched already, here or further out: there is nothing, or it will be found there. Objects that spread each other would
  // otherwise be searched along every path.
  if (e.spreading.has(key)) return undefined;
  const outermost = e.spreading.size === 0;
  e.spreading.add(key);
  let found: Found | undefined;
  for (const spread of spreads) {
    found = e.find(e.value(unit, spread), name)[0];
    if (found !== undefined) break;
  }
  if (outermost) e.spreading.clear();
  return found;
}

function ownMembers(unit: FileUnit, scope: number, name: string, statics: boolean): DefRef[] {
  const symbol = unit.symbolIn(scope, name);
  if (symbol < 0) return [];
  const defs = [...unit.defsOf(symbol)];
  const chosen = unit.python
    ? pythonMembers(unit, defs)
    : defs.filter(
        (def) => ((unit.def(def, DEF.flags) & DEF_FLAG.static) !== 0) === statics || unit.scope(scope, SCOPE.owner) < 0,
      );
  return chosen.map((def) => ({ unit, def }));
}

/** A field of a class body, or a property that can be set. */
function isField(unit: FileUnit, def: number): boolean {
  return unit.def(def, DEF.kind) === DEF_KIND.field || (unit.def(def, DEF.flags) & DEF_FLAG.property) !== 0;
}

/**
 * What of a class's definitions of one name counts: methods and properties; else every assignment through `self`, with the class
 * body's own definition where it declares a type or there is no other.
 */
export function pythonMembers(unit: FileUnit, defs: readonly number[]): readonly number[] {
  const body = defs.filter((def) => unit.def(def, DEF.kind) !== DEF_KIND.attribute);
  const attributes = defs.filter((def) => unit.def(def, DEF.kind) === DEF_KIND.attribute);
  const fields = body.length > 0 && body.every((def) => isField(unit, def));
  if (attributes.length > 0 && (body.length === 0 || fields)) {
    return [...body.filter((def) => unit.def(def, DEF.type) >= 0), ...attributes];
  }
  return visible(unit, Int32Array.from(body));
}

function inBases(
  e: Evaluator,
  unit: FileUnit,
  scope: number,
  name: string,
  env: Env | undefined,
  statics: boolean,
  self: Type,
  depth: number,
): Found | undefined {
  const shape = unit.scope(scope, SCOPE.detail);
  for (const base of unit.list(unit.shape(shape, SHAPE.bases))) {
    const type = substitute(baseType(e, unit, base), env);
    const items = type?.kind === 'union' ? type.items : [type];
    for (const item of items) {
      if (item?.kind !== 'instance') continue;
      const found = inShape(e, item.unit, item.scope, name, item.args, statics, self, depth + 1);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The instance type of a base class expression. */
export function baseType(e: Evaluator, unit: FileUnit, base: number): Type | undefined {
  if (unit.python || unit.expr(base, EXPR.op) === OP.generic || unit.expr(base, EXPR.op) === OP.name) {
    const named = e.type(unit, base);
    if (named !== undefined) return named;
  }
  const value = e.value(unit, base);
  if (value?.kind === 'class') return e.instance({ unit: value.unit, def: value.def }, value.args);
  return e.type(unit, base);
}

/** A member of a class itself: in Python anything of it, elsewhere what is static. */
function inClass(
  e: Evaluator,
  unit: FileUnit,
  def: number,
  name: string,
  self: Type,
  depth: number,
): Found | undefined {
  const body = unit.def(def, DEF.body);
  const args = self.kind === 'class' ? (self.args ?? []) : [];
  const found = inShape(e, unit, body, name, args, !unit.python, self, depth);
  if (found !== undefined || unit.python) return found;
  for (const other of unit.defsOf(unit.def(def, DEF.symbol))) {
    if (unit.def(other, DEF.kind) !== DEF_KIND.namespace) continue;
    const symbol = unit.symbolIn(unit.def(other, DEF.body), name);
    if (symbol >= 0) return { defs: [...unit.defsOf(symbol)].map((d) => ({ unit, def: d })), env: undefined, self };
  }
  return undefined;
}
