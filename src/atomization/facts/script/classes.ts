import { DEF_FLAG, DEF_KIND, SCOPE_KIND, SHAPE, USE_FLAG } from '../types.ts';
import { functionBody } from './functions.ts';
import { property, scriptType, signature, typeArguments, typeParameters } from './types.ts';
import { OP } from '../types.ts';
import type { ScriptWalk } from './walk.ts';

/** Walks the decorators written before a class or member. */
export function decoratorsOf(w: ScriptWalk, node: number): void {
  for (const child of w.named(node)) if (w.type(child) === 'decorator') decorator(w, child);
}

function decorator(w: ScriptWalk, node: number): void {
  const value = w.visit.value(w, w.firstNamed(node), -1, USE_FLAG.read | USE_FLAG.decorator);
  w.b.markUse(value, USE_FLAG.decorator);
}

/** Walks heritage and members of a class; type parameters go into the current scope, which the caller opened for them. */
export function classBody(w: ScriptWalk, node: number, def: number): void {
  const { b } = w;
  const parameters = typeParameters(w, w.field(node, 'type_parameters'));
  const heritage = w.childOf(node, 'class_heritage');
  const { bases, interfaces } = heritageOf(w, heritage);
  const body = w.field(node, 'body');
  if (body < 0) return;
  const scope = b.openScope(SCOPE_KIND.class, body, def);
  w.setBody(def, scope);
  const shape = b.addShape(def, scope);
  b.shapes.set(shape, SHAPE.bases, b.list(bases));
  b.shapes.set(shape, SHAPE.implements, b.list(interfaces));
  b.shapes.set(shape, SHAPE.typeParameters, parameters);
  const outer = { scope: w.thisScope, isClass: w.thisIsClass, fn: w.fn };
  w.thisScope = scope;
  for (const child of w.named(body)) member(w, child, scope, shape);
  w.thisScope = outer.scope;
  w.thisIsClass = outer.isClass;
  b.closeScope(scope);
}

function heritageOf(w: ScriptWalk, node: number): { bases: number[]; interfaces: number[] } {
  const { b } = w;
  const bases: number[] = [];
  const interfaces: number[] = [];
  if (node < 0) return { bases, interfaces };
  for (const clause of w.named(node)) {
    if (w.type(clause) === 'extends_clause') {
      let args = -1;
      const argsNode = w.field(clause, 'type_arguments');
      const value = w.visit.value(w, w.field(clause, 'value'), -1, USE_FLAG.read | USE_FLAG.base);
      b.markUse(value, USE_FLAG.base);
      if (argsNode >= 0) args = typeArguments(w, argsNode);
      bases.push(args < 0 ? value : b.expr(OP.generic, value, args));
    } else if (w.type(clause) === 'implements_clause') {
      for (const child of w.named(clause)) interfaces.push(scriptType(w, child));
    } else {
      // JavaScript's grammar puts the expression right into the heritage.
      const value = w.visit.value(w, clause, -1, USE_FLAG.read | USE_FLAG.base);
      b.markUse(value, USE_FLAG.base);
      bases.push(value);
    }
  }
  return { bases, interfaces };
}

function member(w: ScriptWalk, node: number, scope: number, shape: number): void {
  const { b } = w;
  const isStatic = w.childOf(node, 'static') >= 0;
  const flags = isStatic ? DEF_FLAG.static : 0;
  w.thisIsClass = isStatic;
  switch (w.type(node)) {
    case 'public_field_definition':
    case 'field_definition': {
      decoratorsOf(w, node);
      const key = w.field(node, 'name') >= 0 ? w.field(node, 'name') : w.field(node, 'property');
      const type = scriptType(w, w.field(node, 'type'));
      b.flow.openBody();
      const value = w.visit.value(w, w.field(node, 'value'), type < 0 ? -1 : w.context('type', type));
      b.flow.closeBody();
      property(w, node, key, DEF_KIND.field, { scope, type, value, flags });
      return;
    }
    case 'method_definition': {
      decoratorsOf(w, node);
      const kind = w.childOf(node, 'get') >= 0 ? DEF_FLAG.getter : w.childOf(node, 'set') >= 0 ? DEF_FLAG.setter : 0;
      const def = property(w, node, w.field(node, 'name'), DEF_KIND.method, { scope, flags: flags | kind });
      functionBody(w, node, def, (n) => typeParameters(w, n));
      return;
    }
    case 'method_signature':
    case 'abstract_method_signature': {
      const def = property(w, node, w.field(node, 'name'), DEF_KIND.method, { scope, flags: flags | DEF_FLAG.bare });
      const inner = b.openScope(SCOPE_KIND.function, node, def);
      signature(w, node, def);
      if (def >= 0) w.setBody(def, inner);
      b.closeScope(inner);
      return;
    }
    case 'index_signature':
      scriptType(w, w.field(node, 'index_type'));
      b.shapes.set(shape, SHAPE.index, scriptType(w, w.field(node, 'type')));
      return;
    case 'class_static_block': {
      w.thisIsClass = true;
      b.flow.openBody();
      const block = b.openScope(SCOPE_KIND.block, node);
      for (const child of w.named(w.field(node, 'body'))) w.visit.statement(w, child);
      b.closeScope(block);
      b.flow.closeBody();
      return;
    }
    case 'decorator':
      decorator(w, node);
      return;
    default:
      for (const child of w.named(node)) w.visit.value(w, child);
  }
}
