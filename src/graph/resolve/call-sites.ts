/**
 * What is passed for parameters that say nothing themselves. Only calls whose callee is plain from the names are looked at: a
 * function or class by its name, a member of a module, a method of `self`. No types are inferred on the way, so that asking does
 * not depend on what was asked before.
 */
import { DEF, DEF_KIND, EXPR, FUNCTION, OP, SCOPE, SHAPE, USE } from '../facts.ts';
import type { DefRef, Program } from './program.ts';
import type { FileUnit } from './unit.ts';

/** Calls that are looked at for one parameter. */
const MAX_SITES = 8;

export interface Argument {
  readonly unit: FileUnit;
  readonly expr: number;
}

export class CallSites {
  private readonly program: Program;
  private index: Map<FileUnit, Map<number, Argument[]>> | undefined;

  constructor(program: Program) {
    this.program = program;
  }

  /** The arguments given for a parameter anywhere in the project, at most 8. */
  argumentsFor(unit: FileUnit, parameter: number): readonly Argument[] {
    this.index ??= this.build();
    return this.index.get(unit)?.get(parameter) ?? [];
  }

  private build(): Map<FileUnit, Map<number, Argument[]>> {
    const index = new Map<FileUnit, Map<number, Argument[]>>();
    for (const unit of this.program.units) {
      const count = unit.facts.exprs.length / EXPR.width;
      for (let call = 0; call < count; call += 1) {
        const op = unit.expr(call, EXPR.op);
        if (op !== OP.call && op !== OP.new) continue;
        for (const callee of this.calleesOf(unit, unit.expr(call, EXPR.a))) this.note(index, callee, unit, call);
      }
    }
    return index;
  }

  private note(index: Map<FileUnit, Map<number, Argument[]>>, callee: Callee, unit: FileUnit, call: number): void {
    const target = callee.unit;
    const parameters = target.list(target.fn(callee.fn, FUNCTION.parameters));
    unit.list(unit.expr(call, EXPR.b)).forEach((arg, i) => {
      const keyword = unit.expr(arg, EXPR.op) === OP.keyword;
      const name = keyword ? unit.name(unit.expr(arg, EXPR.a)) : '';
      const parameter = keyword ? parameters.find((def) => target.defName(def) === name) : parameters[i + callee.bound];
      if (parameter === undefined || unit.expr(arg, EXPR.op) === OP.spread) return;
      let byParameter = index.get(target);
      if (byParameter === undefined) index.set(target, (byParameter = new Map<number, Argument[]>()));
      const known = byParameter.get(parameter) ?? [];
      if (known.length < MAX_SITES) known.push({ unit, expr: keyword ? unit.expr(arg, EXPR.b) : arg });
      byParameter.set(parameter, known);
    });
  }

  private calleesOf(unit: FileUnit, expr: number): Callee[] {
    const use = unit.expr(expr, EXPR.a);
    if (unit.expr(expr, EXPR.op) === OP.name) {
      const target = this.program.symbolTarget(unit, unit.use(use, USE.target));
      return target?.kind === 'defs' ? target.defs.flatMap((ref) => this.callable(ref, 0)) : [];
    }
    if (unit.expr(expr, EXPR.op) !== OP.member) return [];
    const name = unit.name(unit.use(use, USE.name));
    const base = unit.use(use, USE.base);
    const scope = selfScope(unit, base);
    if (scope >= 0) return this.methods(unit, scope, name, 0);
    if (unit.expr(base, EXPR.op) !== OP.name) return [];
    const owner = this.program.symbolTarget(unit, unit.use(unit.expr(base, EXPR.a), USE.target));
    if (owner?.kind === 'module') {
      const found = this.program.exportOf(owner.unit, name);
      return found?.kind === 'defs' ? found.defs.flatMap((ref) => this.callable(ref, 0)) : [];
    }
    return [];
  }

  private callable(ref: DefRef, depth: number): Callee[] {
    const { unit, def } = ref;
    const kind = unit.def(def, DEF.kind);
    if (kind === DEF_KIND.function) return [{ unit, fn: unit.scope(unit.def(def, DEF.body), SCOPE.detail), bound: 0 }];
    if (kind !== DEF_KIND.class) return [];
    return this.methods(unit, unit.def(def, DEF.body), unit.python ? '__init__' : 'constructor', depth);
  }

  /** A method of a class, or of the first base class that has it. */
  private methods(unit: FileUnit, scope: number, name: string, depth: number): Callee[] {
    const [def] = unit.defsOf(unit.symbolIn(scope, name));
    if (def !== undefined) {
      const fn = unit.scope(unit.def(def, DEF.body), SCOPE.detail);
      return unit.def(def, DEF.kind) === DEF_KIND.method ? [{ unit, fn, bound: unit.python ? 1 : 0 }] : [];
    }
    if (depth > 8) return [];
    for (const base of unit.list(unit.shape(unit.scope(scope, SCOPE.detail), SHAPE.bases))) {
      if (unit.expr(base, EXPR.op) !== OP.name) continue;
      const target = this.program.symbolTarget(unit, unit.use(unit.expr(base, EXPR.a), USE.target));
      for (const ref of target?.kind === 'defs' ? target.defs : []) {
        if (ref.unit.def(ref.def, DEF.kind) !== DEF_KIND.class) continue;
        const found = this.methods(ref.unit, ref.unit.def(ref.def, DEF.body), name, depth + 1);
        if (found.length > 0) return found;
      }
    }
    return [];
  }
}

interface Callee {
  readonly unit: FileUnit;
  readonly fn: number;
  /** Parameters that the call does not give: `self`. */
  readonly bound: number;
}

/** The class scope behind `self` or `this`; -1 for other expressions. */
function selfScope(unit: FileUnit, expr: number): number {
  if (unit.expr(expr, EXPR.op) === OP.this) return unit.expr(expr, EXPR.a);
  if (unit.expr(expr, EXPR.op) !== OP.name) return -1;
  const [def] = unit.defsOf(unit.use(unit.expr(expr, EXPR.a), USE.target));
  if (def === undefined || unit.def(def, DEF.kind) !== DEF_KIND.parameter) return -1;
  const value = unit.def(def, DEF.value);
  return unit.expr(value, EXPR.op) === OP.this ? unit.expr(value, EXPR.a) : -1;
}
