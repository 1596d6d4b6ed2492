import { DEF, DEF_FLAG, DEF_KIND, FUNCTION, LITERAL, OP, SCOPE_KIND, SHAPE, USE_FLAG } from '../types.ts';
import { parameterList } from './functions.ts';
import type { ScriptWalk } from './walk.ts';

const TYPE_USE = USE_FLAG.read | USE_FLAG.type;

/** Walks a type; returns its expression. */
export function scriptType(w: ScriptWalk, node: number): number {
  const { b } = w;
  if (node < 0) return -1;
  switch (w.type(node)) {
    case 'type_annotation':
    case 'parenthesized_type':
    case 'constraint':
    case 'default_type':
    case 'optional_type':
    case 'rest_type':
    case 'readonly_type':
    case 'adding_type_annotation':
    case 'opting_type_annotation':
    case 'omitting_type_annotation':
    case 'flow_maybe_type':
    case 'type_predicate_annotation':
    case 'asserts_annotation':
    case 'asserts':
      return scriptType(w, w.firstNamed(node));
    case 'type_identifier':
    case 'identifier':
      return b.nameExpr(node, TYPE_USE);
    case 'nested_type_identifier':
      return nested(w, node, w.field(node, 'module'), w.field(node, 'name'));
    case 'nested_identifier':
    case 'member_expression':
      return nested(w, node, w.field(node, 'object'), w.field(node, 'property'));
    case 'generic_type': {
      const base = scriptType(w, w.field(node, 'name'));
      return b.expr(OP.generic, base, typeArguments(w, w.field(node, 'type_arguments')));
    }
    case 'array_type':
      return b.expr(OP.arrayType, scriptType(w, w.firstNamed(node)));
    case 'tuple_type':
      return b.expr(OP.tupleType, b.list(w.named(node).map((child) => tupleElement(w, child))));
    case 'union_type':
      return b.expr(OP.union, b.list(w.named(node).map((child) => scriptType(w, child))));
    case 'intersection_type':
      return b.expr(OP.intersection, b.list(w.named(node).map((child) => scriptType(w, child))));
    case 'predefined_type':
      return b.expr(OP.primitive, b.nameOf(node));
    case 'literal_type':
      return literal(w, node);
    case 'this_type':
      return b.expr(OP.this, w.thisScope);
    case 'object_type':
      return b.expr(OP.objectType, members(w, node, -1));
    case 'function_type':
    case 'constructor_type':
      return functionType(w, node);
    case 'type_query':
      return b.expr(OP.typeOf, w.visit.value(w, w.firstNamed(node)));
    case 'index_type_query':
      return b.expr(OP.keyOf, scriptType(w, w.firstNamed(node)));
    case 'lookup_type': {
      const [object, index] = w.named(node);
      return b.expr(OP.lookup, scriptType(w, object ?? -1), scriptType(w, index ?? -1));
    }
    case 'conditional_type':
      return conditional(w, node);
    case 'type_predicate': {
      const name = w.field(node, 'name');
      if (w.type(name) === 'identifier') b.useName(name, USE_FLAG.read);
      return b.expr(OP.predicate, scriptType(w, w.field(node, 'type')));
    }
    case 'infer_type': {
      const name = w.childOf(node, 'type_identifier');
      if (name >= 0) w.declare({ node: name, whole: name, kind: DEF_KIND.typeParameter, flags: DEF_FLAG.type });
      return -1;
    }
    case 'template_literal_type':
      for (const child of w.named(node)) if (w.type(child) === 'template_type') scriptType(w, w.firstNamed(child));
      return b.expr(OP.primitive, b.intern('string'));
    case 'call_expression':
    case 'as_expression':
      return w.visit.value(w, node);
    case 'this':
    case 'asserts_keyword':
      return -1;
    default:
      for (const child of w.named(node)) scriptType(w, child);
      return -1;
  }
}

function nested(w: ScriptWalk, node: number, object: number, property: number): number {
  const { b } = w;
  const type = w.type(object);
  // The left side of a dotted type is a namespace, which lives in both spaces.
  const base =
    type === 'identifier' || type === 'type_identifier'
      ? b.nameExpr(object, USE_FLAG.read)
      : nested(w, object, w.field(object, 'object'), w.field(object, 'property'));
  if (property < 0) return base;
  return b.memberExpr(base, b.nameOf(property), b.startOf(property), TYPE_USE);
}

function tupleElement(w: ScriptWalk, node: number): number {
  const type = w.type(node);
  if (type === 'required_parameter' || type === 'optional_parameter') return scriptType(w, w.field(node, 'type'));
  return scriptType(w, node);
}

/** A list of types, from type arguments; -1 for none. */
export function typeArguments(w: ScriptWalk, node: number): number {
  return node < 0 ? -1 : w.b.list(w.named(node).map((child) => scriptType(w, child)));
}

function literal(w: ScriptWalk, node: number): number {
  const { b } = w;
  const inner = w.firstNamed(node);
  switch (w.type(inner)) {
    case 'string':
      return b.expr(OP.literal, LITERAL.string, b.contentOf(inner));
    case 'true':
    case 'false':
      return b.expr(OP.literal, LITERAL.boolean, b.nameOf(inner));
    case 'null':
    case 'undefined':
      return b.expr(OP.literal, LITERAL.null);
    default:
      return b.expr(OP.literal, LITERAL.number, b.nameOf(inner));
  }
}

function conditional(w: ScriptWalk, node: number): number {
  const { b } = w;
  const scope = b.openScope(SCOPE_KIND.block, node);
  scriptType(w, w.field(node, 'left'));
  scriptType(w, w.field(node, 'right'));
  const parts = [scriptType(w, w.field(node, 'consequence')), scriptType(w, w.field(node, 'alternative'))];
  b.closeScope(scope);
  return b.expr(OP.union, b.list(parts));
}

/** Defines type parameters in the current scope; returns their definitions as a list. */
export function typeParameters(w: ScriptWalk, node: number): number {
  const { b } = w;
  if (node < 0) return -1;
  const parameters = w.named(node).filter((child) => w.type(child) === 'type_parameter');
  const defs = parameters.map((child) =>
    w.declare({ node: w.field(child, 'name'), whole: child, kind: DEF_KIND.typeParameter, flags: DEF_FLAG.type }),
  );
  // Constraints may name any parameter of the list.
  parameters.forEach((child, i) => {
    const bound = scriptType(w, w.field(child, 'constraint'));
    const fallback = scriptType(w, w.field(child, 'value'));
    b.defs.set(defs[i] ?? 0, DEF.type, bound);
    b.defs.set(defs[i] ?? 0, DEF.value, fallback);
  });
  return b.list(defs);
}

function functionType(w: ScriptWalk, node: number): number {
  const { b } = w;
  const scope = b.openScope(SCOPE_KIND.function, node);
  const fn = signature(w, node, -1);
  b.closeScope(scope);
  return b.expr(OP.functionType, fn, w.type(node) === 'constructor_type' ? 1 : 0);
}

/** Walks type parameters, parameters and result of a signature inside its own scope; returns the function. */
export function signature(w: ScriptWalk, node: number, def: number): number {
  const { b } = w;
  const fn = b.addFunction(def, 0);
  b.functions.set(fn, FUNCTION.typeParameters, typeParameters(w, w.field(node, 'type_parameters')));
  b.functions.set(fn, FUNCTION.parameters, parameterList(w, w.field(node, 'parameters')));
  const result = w.field(node, 'return_type');
  b.functions.set(fn, FUNCTION.result, scriptType(w, result >= 0 ? result : w.field(node, 'type')));
  return fn;
}

/** Walks the members of an interface or object type into a scope of their own; returns the scope. */
export function members(w: ScriptWalk, node: number, def: number): number {
  const { b } = w;
  const scope = b.openScope(SCOPE_KIND.object, node, def);
  const shape = b.addShape(def, scope);
  const outerThis = w.thisScope;
  w.thisScope = scope;
  const calls: number[] = [];
  for (const child of w.named(node)) member(w, child, scope, shape, calls);
  b.shapes.set(shape, SHAPE.calls, b.list(calls));
  w.thisScope = outerThis;
  b.closeScope(scope);
  return scope;
}

function member(w: ScriptWalk, node: number, scope: number, shape: number, calls: number[]): void {
  const { b } = w;
  const type = w.type(node);
  switch (type) {
    case 'property_signature': {
      const nameNode = w.field(node, 'name');
      const annotation = scriptType(w, w.field(node, 'type'));
      property(w, node, nameNode, DEF_KIND.field, { scope, type: annotation });
      return;
    }
    case 'method_signature': {
      const def = property(w, node, w.field(node, 'name'), DEF_KIND.method, { scope });
      const inner = b.openScope(SCOPE_KIND.function, node, def);
      signature(w, node, def);
      if (def >= 0) w.setBody(def, inner);
      b.closeScope(inner);
      return;
    }
    case 'call_signature':
    case 'construct_signature': {
      const inner = b.openScope(SCOPE_KIND.function, node);
      const fn = signature(w, node, -1);
      if (type === 'call_signature' || calls.length === 0) calls.push(fn);
      b.closeScope(inner);
      return;
    }
    case 'index_signature': {
      const clause = w.childOf(node, 'mapped_type_clause');
      if (clause < 0) {
        scriptType(w, w.field(node, 'index_type'));
        b.shapes.set(shape, SHAPE.index, scriptType(w, w.field(node, 'type')));
        return;
      }
      const inner = b.openScope(SCOPE_KIND.block, node);
      const keys = scriptType(w, w.field(clause, 'type'));
      w.declare({
        node: w.field(clause, 'name'),
        whole: clause,
        kind: DEF_KIND.typeParameter,
        flags: DEF_FLAG.type,
        type: keys,
      });
      const alias = w.field(clause, 'alias');
      if (alias >= 0) scriptType(w, alias);
      const values = scriptType(w, w.field(node, 'type'));
      b.shapes.set(shape, SHAPE.index, b.expr(OP.mapped, values, keys));
      b.closeScope(inner);
      return;
    }
    default:
      for (const child of w.named(node)) scriptType(w, child);
  }
}

/** Defines a member by its key; -1 for a computed key, which is walked. */
export function property(
  w: ScriptWalk,
  node: number,
  key: number,
  kind: number,
  rest: { scope: number; type?: number; value?: number; flags?: number },
): number {
  const name = key < 0 ? undefined : w.keyName(key);
  if (key >= 0 && w.type(key) === 'computed_property_name') w.visit.value(w, w.firstNamed(key));
  if (name === undefined) return -1;
  return w.declare({
    node: key,
    whole: node,
    kind,
    name,
    scope: rest.scope,
    type: rest.type ?? -1,
    value: rest.value ?? -1,
    flags: (rest.flags ?? 0) | DEF_FLAG.value | DEF_FLAG.type,
  });
}
