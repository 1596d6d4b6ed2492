/** Answers that need no inference. */
import { DEF, DEF_FLAG, LITERAL } from '../facts.ts';
import { builtin, type Type } from './model.ts';
import type { DefRef } from './program.ts';
import type { FileUnit } from './unit.ts';

const STRING = builtin('string');
const NUMBER = builtin('number');
const BOOLEAN = builtin('boolean');

/** Python: the getter beside a setter of the same property; -1 for none. */
export function getterOf(unit: FileUnit, setter: number): number {
  const defs = unit.defsOf(unit.def(setter, DEF.symbol));
  return defs.find((def) => (unit.def(def, DEF.flags) & DEF_FLAG.getter) !== 0) ?? -1;
}

/** The type of a literal value; undefined for kinds that have no members of interest. */
export function literal(kind: number): Type | undefined {
  if (kind === LITERAL.string || kind === LITERAL.template) return STRING;
  if (kind === LITERAL.number) return NUMBER;
  return kind === LITERAL.boolean ? BOOLEAN : undefined;
}

/** Of definitions those whose type is declared; all where none is. */
export function valueDefs(defs: readonly DefRef[]): readonly DefRef[] {
  const declared = defs.filter(({ unit, def }) => unit.def(def, DEF.type) >= 0);
  return declared.length > 0 ? declared : defs;
}
