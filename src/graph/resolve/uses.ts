/** From each use of a name to the definitions that it may mean. */
import {
  CONTEXT,
  DEF,
  DEF_FLAG,
  DEF_KIND,
  EXPR,
  FUNCTION,
  SCOPE,
  SCOPE_KIND,
  SYMBOL,
  USE,
  USE_FLAG,
  USE_KIND,
} from '../facts.ts';
import { props } from './contexts.ts';
import type { Inference } from './infer.ts';
import { alternatives, type Found, type Type } from './model.ts';
import { visible, type DefRef, type Program } from './program.ts';
import type { FileUnit } from './unit.ts';

export interface Resolution {
  /** What the name means: the definitions a compiler would lead to. */
  readonly defs: readonly DefRef[];
  /** Assignments that the value may come from, where they differ from the declaration. */
  readonly flows: readonly number[];
  /** Declarations whose own value no longer holds at the use. */
  readonly declaredOnly: readonly number[];
  /** The import in the same file that brings the name; -1 for none. */
  readonly through: number;
}

const NO_DEFS: readonly DefRef[] = [];
const NONE: Resolution = { defs: [], flows: [], declaredOnly: [], through: -1 };

export function resolveUse(program: Program, inference: Inference, unit: FileUnit, use: number): Resolution {
  const name = unit.name(unit.use(use, USE.name));
  const base = unit.use(use, USE.base);
  const kind = unit.use(use, USE.kind);
  if (kind === USE_KIND.name || kind === USE_KIND.exported) return byScope(program, unit, use, name);
  if (kind === USE_KIND.imported) {
    const target = program.importTarget(unit, base);
    return target?.kind === 'defs' ? plain(target.defs) : NONE;
  }
  // Most members are of the language's own values: no type has to be known to see that.
  if (!program.knowsMember(name)) return NONE;
  switch (kind) {
    case USE_KIND.member: {
      // `value.constructor` is the language's own, not the constructor that a class declares.
      if (name === 'constructor') return NONE;
      const found = defsOf(inference.find(inference.value(unit, base), name));
      const meant = writers(unit, use, found);
      // Python: assigning to an attribute defines it; that is no use of its other definitions.
      const defines = meant.some(
        (ref) => ref.unit === unit && ref.unit.def(ref.def, DEF.pos) === unit.use(use, USE.pos),
      );
      return unit.python && defines ? NONE : plain(meant);
    }
    case USE_KIND.pattern:
      return plain(defsOf(inference.find(inference.value(unit, base), name)));
    case USE_KIND.key:
      return plain(ofKey(inference, unit, base, name));
    case USE_KIND.keyword:
      return plain(ofKeyword(inference, unit, base, name));
    case USE_KIND.attribute:
      return plain(defsOf(inference.find(props(inference, inference.value(unit, base)), name)));
    default:
      return NONE;
  }
}

function defsOf(found: readonly Found[]): readonly DefRef[] {
  const [only, ...others] = found;
  if (only === undefined) return NO_DEFS;
  return others.length === 0 ? only.defs : found.flatMap((item) => item.defs);
}

function plain(defs: readonly DefRef[]): Resolution {
  return defs.length === 0 ? NONE : { defs, flows: [], declaredOnly: [], through: -1 };
}

/** Python: assigning to a property means its setter. */
function writers(unit: FileUnit, use: number, found: readonly DefRef[]): readonly DefRef[] {
  const write = (unit.use(use, USE.flags) & USE_FLAG.write) !== 0;
  const setters = write ? found.filter((ref) => (ref.unit.def(ref.def, DEF.flags) & DEF_FLAG.setter) !== 0) : [];
  return setters.length > 0 ? setters : found;
}

function byScope(program: Program, unit: FileUnit, use: number, name: string): Resolution {
  const symbol = unit.use(use, USE.target);
  if (symbol < 0) {
    const target = unit.python ? program.exportOf(unit, name) : null;
    return target?.kind === 'defs' ? plain(target.defs.filter((ref) => ref.unit !== unit)) : NONE;
  }
  if (unit.onlyDefOf(symbol) >= 0) return bySymbol(program, unit, symbol);
  const all = unit.defsOf(symbol);
  const reaching = unit.reaching(use);
  const considered = unit.python && reaching.length > 0 ? reaching : visible(unit, all);
  const imports = considered.filter((def) => unit.def(def, DEF.kind) === DEF_KIND.import);
  if (imports.length > 0) {
    const target = program.followAll(unit, considered);
    return { ...(target?.kind === 'defs' ? plain(target.defs) : NONE), through: imports[0] ?? -1 };
  }
  if (unit.python)
    return plain(
      withDeclarations(unit, symbol, pythonDefs(unit, use, symbol, considered)).map((def) => ({ unit, def })),
    );
  const declared = bySpace(unit, use, considered);
  // What a closure sees of an outer variable depends on when it runs: the declaration is all that is sure.
  const captured = unit.bodyOf(unit.use(use, USE.scope)) !== unit.bodyOf(unit.symbol(symbol, SYMBOL.scope));
  if (captured) return plain(declared.map((def) => ({ unit, def })));
  const flows = reaching.filter((def) => (unit.def(def, DEF.flags) & DEF_FLAG.assignment) !== 0);
  const killed = flows.length > 0 && !declared.some((def) => reaching.includes(def));
  return {
    defs: killed ? [] : declared.map((def) => ({ unit, def })),
    flows,
    declaredOnly: killed ? declared : [],
    through: -1,
  };
}

const resolved = new WeakMap<FileUnit, (Resolution | undefined)[]>();

/** A name with one definition means the same wherever it is used. */
function bySymbol(program: Program, unit: FileUnit, symbol: number): Resolution {
  let known = resolved.get(unit);
  if (known === undefined) resolved.set(unit, (known = []));
  return (known[symbol] ??= ofOnly(program, unit, unit.onlyDefOf(symbol)));
}

function ofOnly(program: Program, unit: FileUnit, def: number): Resolution {
  if (unit.def(def, DEF.kind) !== DEF_KIND.import) return plain([{ unit, def }]);
  const target = program.followAll(unit, [def]);
  return { ...(target?.kind === 'defs' ? plain(target.defs) : NONE), through: def };
}

/** In a class body and at module level, what is used later is what was bound last; flow has said so where it matters. */
function pythonDefs(unit: FileUnit, use: number, symbol: number, defs: readonly number[]): readonly number[] {
  const scope = unit.symbol(symbol, SYMBOL.scope);
  if (unit.scope(scope, SCOPE.kind) !== SCOPE_KIND.function || defs.length <= 1) return defs;
  // Definitions of a local that come after the use, in straight code, cannot be meant.
  const before = defs.filter((def) => unit.def(def, DEF.pos) <= unit.use(use, USE.pos));
  return before.length > 0 ? before : defs;
}

/** Python: `name: Type` without a value declares the name for every use. */
function withDeclarations(unit: FileUnit, symbol: number, defs: readonly number[]): readonly number[] {
  const declared = [...unit.defsOf(symbol)].filter(
    (def) => (unit.def(def, DEF.flags) & DEF_FLAG.bare) !== 0 && unit.def(def, DEF.type) >= 0 && !defs.includes(def),
  );
  return declared.length === 0 ? defs : [...declared, ...defs];
}

/** TypeScript: of declarations that share a name, those that live in the space asked for. */
function bySpace(unit: FileUnit, use: number, defs: readonly number[]): readonly number[] {
  if (defs.length <= 1) return defs;
  const wanted = (unit.use(use, USE.flags) & USE_FLAG.type) !== 0 ? DEF_FLAG.type : DEF_FLAG.value;
  const fitting = defs.filter((def) => (unit.def(def, DEF.flags) & wanted) !== 0);
  return fitting.length > 0 ? defs : fitting;
}

function ofKey(inference: Inference, unit: FileUnit, object: number, name: string): readonly DefRef[] {
  const context = unit.expr(object, EXPR.b);
  if (context < 0 || unit.context(context, CONTEXT.kind) < 0) return [];
  return defsOf(inference.find(inference.expected(unit, context), name));
}

/** The parameter, or the field of a data class, that a keyword argument gives. */
function ofKeyword(inference: Inference, unit: FileUnit, call: number, name: string): readonly DefRef[] {
  const callee = inference.value(unit, unit.expr(call, EXPR.a));
  return alternatives(callee).flatMap((item) => keywordOf(inference, item, name));
}

function keywordOf(inference: Inference, type: Type, name: string): readonly DefRef[] {
  if (type.kind === 'function') return parameterNamed(type.unit, type.fn, name);
  if (type.kind !== 'class') return [];
  const instance = inference.instance(type);
  for (const { defs } of inference.find(instance, '__init__')) {
    const found = defs.flatMap(({ unit, def }) =>
      parameterNamed(unit, unit.scope(unit.def(def, DEF.body), SCOPE.detail), name),
    );
    return found;
  }
  return inference
    .find(instance, name)
    .flatMap((found) => found.defs)
    .filter(({ unit, def }) => unit.def(def, DEF.kind) === DEF_KIND.field);
}

function parameterNamed(unit: FileUnit, fn: number, name: string): DefRef[] {
  return [...unit.list(unit.fn(fn, FUNCTION.parameters))]
    .filter((def) => unit.defName(def) === name)
    .map((def) => ({ unit, def }));
}
